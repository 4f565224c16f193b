/** One running container process: its own process group, signals to all of it, and how it ended. On pipes, or on a terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { startError } from './executable.js';
import type { TerminalSize } from './remote-process.js';
import type { TerminalProcess, TerminalStart } from './terminal.js';

export interface ProcessEnd {
  exitCode: number;
  signal?: number;
  /** Set when it never ran: the executable is missing or may not be run. */
  startError?: string;
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

export interface ProcessStart {
  command: readonly string[];
  env: Record<string, string>;
  cwd: string;
  /** The command closes file descriptor 3 when its mounts are in place. */
  mounts: boolean;
  /** Somebody may write to it. */
  stdin: boolean;
  /** The main process has ended; what it left behind may still hold its output open. */
  onExit: () => void;
}

/** How long output is read on after the main process has ended, when something it left behind holds it open. */
const DRAIN_MS = 1000;

/** A container's process as its runner sees it. */
export interface RunningContainer {
  /** Undefined when it could not start. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Never rejects. Settles when the process has ended and its output is read to the end. */
  readonly ended: Promise<ProcessEnd>;
  /** Never rejects. Settles when the command itself runs, or it came to nothing. */
  readonly placed: Promise<void>;
  /** To the whole process group; nothing happens when it is gone. */
  signal(signal: NodeJS.Signals): void;
  resize(size: TerminalSize): void;
}

export class ContainerProcess implements RunningContainer {
  readonly #child: ChildProcess;
  readonly ended: Promise<ProcessEnd>;
  readonly placed: Promise<void>;

  constructor({ command, env, cwd, mounts, stdin, onExit }: ProcessStart) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      cwd,
      env,
      detached: true,
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(mounts ? ['pipe' as const] : [])],
    });
    // Writing to a process that has ended is not an error of ours.
    this.#child.stdin?.on('error', () => undefined);
    const [, , , placed] = this.#child.stdio;
    this.placed =
      placed === null || placed === undefined ? Promise.resolve() : once(placed, 'close').then(() => undefined);
    if (placed instanceof Readable) placed.resume();
    this.ended = this.#end(file, onExit);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdin(): Writable | null {
    return this.#child.stdin;
  }

  get stdout(): Readable | null {
    return this.#child.stdout;
  }

  get stderr(): Readable | null {
    return this.#child.stderr;
  }

  #end(file: string, onExit: () => void): Promise<ProcessEnd> {
    const child = this.#child;
    return new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        if (child.pid === undefined) resolve({ exitCode: 128, startError: startError(file, error.message) });
      });
      child.once('exit', (code, signal) => {
        const number = signal === null ? undefined : (SIGNAL_NUMBERS[signal] ?? 0);
        const end = number === undefined ? { exitCode: code ?? 0 } : { exitCode: 128 + number, signal: number };
        this.signal('SIGKILL');
        onExit();
        const drained = setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        }, DRAIN_MS);
        child.once('close', () => {
          clearTimeout(drained);
          resolve(end);
        });
      });
    });
  }

  signal(signal: NodeJS.Signals): void {
    signalGroup(this.#child.pid, signal);
  }

  /** It has no terminal. */
  resize(): void {
    return;
  }
}

/** A container with `tty: true`. */
export function containerOnTerminal(
  start: (start: TerminalStart) => TerminalProcess,
  { command, env, cwd, onExit }: Omit<ProcessStart, 'mounts' | 'stdin'>,
): RunningContainer {
  const { pid, stdin, stdout, resize, ended } = start({ command, env, cwd });
  return {
    pid,
    stdin,
    stdout,
    stderr: null,
    resize,
    placed: Promise.resolve(),
    signal: (signal) => signalGroup(pid, signal),
    ended: ended.then(({ exitCode, signal }) => {
      signalGroup(pid, 'SIGKILL');
      onExit();
      return signal === undefined ? { exitCode } : { exitCode: 128 + signal, signal };
    }),
  };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
