/** The client's end of an exec or attach, whatever protocol it speaks (remotecommand of Kubernetes, versions 4 and 5). */
import type { Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../process/remote-process.js';

/** What the client wants to be connected to; with a terminal there is no stderr. */
export interface WantedStreams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export interface RemoteStreams {
  stdin: Readable | undefined;
  stdout: Writable | undefined;
  stderr: Writable | undefined;
  onResize(take: (size: TerminalSize) => void): void;
  /** Resolves when the client is gone, or has been told the end. */
  readonly gone: Promise<void>;
  /** Tells how it ended (a Status), and closes. */
  finish(status: object): Promise<void>;
}

export function wantedStreams(query: URLSearchParams): WantedStreams {
  const isSet = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
  const tty = isSet('tty');
  return { stdin: isSet('stdin'), stdout: isSet('stdout'), stderr: isSet('stderr') && !tty, tty };
}

/** `{"Width":80,"Height":24}`, as remotecommand.TerminalSize is written; undefined for anything else. */
export function terminalSize(json: string): TerminalSize | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(json) as { Width?: unknown; Height?: unknown };
    return typeof columns === 'number' && typeof rows === 'number' ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
