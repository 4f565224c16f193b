/**
 * Processes with a terminal of their own, by node-pty's prebuilt binaries (@lydell/node-pty, an optional dependency: there is
 * none for every machine).
 */
import { Readable, Writable } from 'node:stream';
import type { TerminalSize } from './remote-process.js';

/** As much of node-pty as is used; with `encoding: null` it gives bytes. */
interface Pty {
  readonly pid: number;
  onData(take: (data: Buffer) => void): void;
  onExit(take: (end: { exitCode: number; signal?: number }) => void): void;
  write(data: Buffer): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
}

interface PtyLibrary {
  spawn(file: string, args: readonly string[], options: object): Pty;
}

export interface TerminalStart {
  command: readonly string[];
  env: Record<string, string>;
  cwd: string;
}

export interface TerminalProcess {
  pid: number;
  stdin: Writable;
  stdout: Readable;
  resize: (size: TerminalSize) => void;
  /** Never rejects. Settles when its output is read to the end, too. */
  ended: Promise<{ exitCode: number; signal?: number }>;
}

export interface Terminals {
  start(start: TerminalStart): TerminalProcess;
}

const END_OF_TRANSMISSION = Buffer.of(4);
const INITIAL: TerminalSize = { columns: 80, rows: 24 };

let library: Promise<PtyLibrary | undefined> | undefined;

/** Undefined: this machine has no terminals for processes. */
export function terminals(): Promise<Terminals | undefined> {
  // Not a literal: whoever has not installed it must be able to compile without its types.
  const name = '@lydell/node-pty';
  library ??= import(name).then(
    (found: PtyLibrary & { default?: PtyLibrary }) => found.default ?? found,
    () => undefined,
  );
  return library.then((found) => found && { start: (start) => startTerminal(found, start) });
}

export const NO_TERMINAL =
  'a terminal needs the optional package @lydell/node-pty, which has no prebuilt binary for this machine or was left out at installation; run the command without -t';

function startTerminal(found: PtyLibrary, { command, env, cwd }: TerminalStart): TerminalProcess {
  const [file = '', ...args] = command;
  const pty = found.spawn(file, args, {
    name: 'xterm-256color',
    cols: INITIAL.columns,
    rows: INITIAL.rows,
    cwd,
    env: { TERM: 'xterm-256color', ...env },
    encoding: null,
  });
  const stdout = new Readable({ read: () => pty.resume() });
  pty.onData((data) => {
    if (!stdout.push(data)) pty.pause();
  });
  const ended = new Promise<{ exitCode: number; signal?: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      stdout.push(null);
      resolve({ exitCode, ...(signal === undefined || signal === 0 ? {} : { signal }) });
    });
  });
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      pty.write(chunk);
      done();
    },
    // A terminal has no end: its reader is told by the character that stands for it.
    final: (done) => {
      pty.write(END_OF_TRANSMISSION);
      done();
    },
  });
  return {
    pid: pty.pid,
    stdin,
    stdout,
    ended,
    resize: ({ columns, rows }) => {
      if (columns > 0 && rows > 0) pty.resize(columns, rows);
    },
  };
}
