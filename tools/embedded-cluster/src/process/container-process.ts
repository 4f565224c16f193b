/** One running container process: its own process group, signals to all of it, and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { startError } from './executable.js';

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
  /** The main process has ended; what it left behind may still hold its output open. */
  onExit: () => void;
}

/** How long output is read on after the main process has ended, when something it left behind holds it open. */
const DRAIN_MS = 1000;

export class ContainerProcess {
  readonly #child: ChildProcess;
  /** Never rejects. Settles when the process has ended and its output is read to the end. */
  readonly ended: Promise<ProcessEnd>;
  /** Never rejects. Settles when the command itself runs, or it came to nothing. */
  readonly placed: Promise<void>;

  constructor({ command, env, cwd, mounts, onExit }: ProcessStart) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(mounts ? ['pipe' as const] : [])],
    });
    const [, , , placed] = this.#child.stdio;
    this.placed =
      placed === null || placed === undefined ? Promise.resolve() : once(placed, 'close').then(() => undefined);
    if (placed instanceof Readable) placed.resume();
    this.ended = this.#end(file, onExit);
  }

  /** Undefined when it could not start. */
  get pid(): number | undefined {
    return this.#child.pid;
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

  /** To the whole process group; nothing happens when it is gone. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
