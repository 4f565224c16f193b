/** A process that a client is connected to: a command beside a container (exec), or the container itself (attach). */
import type { Readable, Writable } from 'node:stream';

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface RemoteEnd {
  exitCode: number;
  /** Set when it never ran. */
  startError?: string;
}

export interface RemoteProcess {
  /** Absent: it takes no input. */
  stdin?: Writable;
  /** With a terminal, all output comes here. */
  stdout: Readable;
  stderr?: Readable;
  /** Nothing happens without a terminal. */
  resize(size: TerminalSize): void;
  /** The client is gone: a command is killed with all that it started; from a container the client is only taken off. */
  leave(): void;
  /** Never rejects. */
  readonly ended: Promise<RemoteEnd>;
}
