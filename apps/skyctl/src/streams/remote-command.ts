/**
 * The client of exec and attach: v5.channel.k8s.io over a WebSocket. Input and output pass no faster than the slower side; the
 * end is the exit code of the command, or why there is none.
 */
import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import { CliError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';

export const REMOTE_COMMAND = 'v5.channel.k8s.io';
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Where output goes; false: `drain` tells when it takes more. */
export interface OutputSink {
  write(bytes: Buffer): unknown;
  once?(event: 'drain', listener: () => void): unknown;
}

export interface RemoteStreams {
  stdin?: Readable;
  stdout: OutputSink;
  stderr: OutputSink;
  /** Size of the terminal now, and whenever it changes. */
  onResize?: (tell: (size: { columns: number; rows: number }) => void) => void;
}

interface Status {
  status?: string;
  reason?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/** Resolves with the exit code. @throws CliError when the command could not run, or the connection was lost */
export async function runOver(webSocket: WebSocket, streams: RemoteStreams): Promise<number> {
  let end = '';
  webSocket.on('message', (message: Buffer) => {
    const bytes = message.subarray(1);
    if (message[0] === CHANNEL.stdout) pass(webSocket, streams.stdout, bytes);
    else if (message[0] === CHANNEL.stderr) pass(webSocket, streams.stderr, bytes);
    else if (message[0] === CHANNEL.error) end += bytes.toString('utf8');
  });
  const closed = new Promise<void>((resolve) => webSocket.once('close', () => resolve()));
  streams.onResize?.(({ columns, rows }) => {
    if (webSocket.readyState === webSocket.OPEN) {
      void send(webSocket, CHANNEL.resize, Buffer.from(JSON.stringify({ Width: columns, Height: rows })));
    }
  });
  if (streams.stdin !== undefined) void feed(webSocket, streams.stdin);
  webSocket.resume();
  await closed;
  return exitCodeOf(end);
}

function pass(webSocket: WebSocket, sink: OutputSink, bytes: Buffer): void {
  if (bytes.length === 0 || sink.write(bytes) !== false || sink.once === undefined) return;
  webSocket.pause();
  sink.once('drain', () => webSocket.resume());
}

/** Copies input until it ends or the connection does; then says that no more comes. */
async function feed(webSocket: WebSocket, stdin: Readable): Promise<void> {
  const stop = (): void => void stdin.destroy();
  webSocket.once('close', stop);
  try {
    for await (const chunk of stdin) await send(webSocket, CHANNEL.stdin, Buffer.from(chunk as Buffer));
    await send(webSocket, CHANNEL.close, Buffer.of(CHANNEL.stdin));
  } catch {
    // The connection is gone; its close says how it ended.
  } finally {
    webSocket.off('close', stop);
  }
}

function send(webSocket: WebSocket, channel: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    webSocket.send(Buffer.concat([Buffer.of(channel), bytes]), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function exitCodeOf(end: string): number {
  const status = parsed(end);
  if (status === undefined) {
    throw new CliError({
      code: EXIT.unavailable,
      summary: 'the connection to the pod was lost before the command had ended',
      hint: 'whether it went on is not known; "skyctl get clusters" shows whether its cluster is there',
    });
  }
  if (status.status === 'Success') return EXIT.ok;
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (status.reason === 'NonZeroExitCode' && code !== undefined && /^\d+$/.test(code)) return Number(code);
  throw new CliError({ code: EXIT.failure, summary: status.message ?? 'the command could not be run' });
}

function parsed(text: string): Status | undefined {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return undefined;
  }
}
