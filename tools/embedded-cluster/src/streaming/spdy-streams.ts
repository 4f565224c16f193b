/**
 * Exec and attach over SPDY/3.1, protocol v4.channel.k8s.io: a stream of its own for each of error, stdin, stdout, stderr and
 * resize, named by its header `streamtype`. API servers speak it to kubelets, and so do kubectl before 1.31.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type SpdySession, type SpdyStream } from '@skyflow/apimachinery';
import type { TerminalSize } from '../process/remote-process.js';
import { terminalSize, type RemoteStreams, type WantedStreams } from './remote-streams.js';

export const SPDY_REMOTE_COMMAND = 'v4.channel.k8s.io';
/** A client that does not open its streams in this time is given up, as the kubelet does. */
const STREAMS_WITHIN_MS = 30_000;
/** How long a client may take to say goodbye. */
const GOODBYE_MS = 5_000;

/** Collects the streams that a client opens, until all that it wants are there. */
export class SpdyStreamCollector {
  private readonly streams = new Map<string, SpdyStream>();
  private readonly complete = Promise.withResolvers<undefined>();

  constructor(private readonly wanted: WantedStreams) {}

  readonly take = (stream: SpdyStream): void => {
    this.streams.set(stream.header('streamtype') ?? '', stream);
    const { stdin, stdout, stderr, tty } = this.wanted;
    const names = Object.entries({ error: true, stdin, stdout, stderr, resize: tty }).flatMap(([name, isWanted]) =>
      isWanted ? [name] : [],
    );
    if (names.every((name) => this.streams.has(name))) this.complete.resolve(undefined);
  };

  /** Undefined: the client did not open what it wants. */
  async collected(session: SpdySession): Promise<RemoteStreams | undefined> {
    const late = pause(STREAMS_WITHIN_MS, false, { ref: false });
    const ended = session.closed.then(
      () => false,
      () => false,
    );
    const isComplete = await Promise.race([this.complete.promise.then(() => true), late, ended]);
    return isComplete ? this.remoteStreams(session) : undefined;
  }

  private remoteStreams(session: SpdySession): RemoteStreams {
    const of = (name: string): SpdyStream | undefined => this.streams.get(name);
    const gone = session.closed.catch(() => undefined);
    return {
      stdin: of('stdin'),
      stdout: of('stdout'),
      stderr: of('stderr'),
      onResize: (take) => void readSizes(of('resize'), take),
      gone,
      finish: async (status) => {
        of('error')?.end(JSON.stringify(status));
        for (const stream of this.streams.values()) stream.end();
        of('stdin')?.resume();
        await Promise.race([gone, pause(GOODBYE_MS, undefined, { ref: false })]);
        session.close();
      },
    };
  }
}

/** Go's encoder ends each size with a newline; it may come in parts. */
async function readSizes(stream: SpdyStream | undefined, take: (size: TerminalSize) => void): Promise<void> {
  let rest = '';
  try {
    for await (const bytes of stream ?? []) {
      const lines = (rest + (bytes as Buffer).toString('utf8')).split('\n');
      rest = (lines.pop() ?? '').slice(-1_024);
      for (const line of lines) {
        const size = terminalSize(line);
        if (size !== undefined) take(size);
      }
    }
  } catch {
    // The client is gone; whoever runs the process is told by `gone`.
  }
}
