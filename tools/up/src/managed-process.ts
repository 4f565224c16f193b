/**
 * One child process that is to run until told otherwise: started again when it ends by itself, with a growing pause, and
 * every such end is said. Its output goes to a log file. Its stdin is a pipe from us, so that it notices when we are gone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface ProcessSpec {
  name: string;
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  logFile: string;
  /** It ends by itself when our end of its stdin closes (services do; nats-server does not). */
  watchesParent: boolean;
}

export interface ProcessEvents {
  started(name: string, pid: number): void;
  /** It ended without being told to; `restartInMs` until it is started again. */
  crashed(name: string, how: string, restartInMs: number, count: number): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A process that ran this long gets the short pause again. */
const STABLE_MS = 30_000;
const STOP_DEADLINE_MS = 8_000;

export class ManagedProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private pauseMs = FIRST_PAUSE_MS;
  private crashes = 0;

  constructor(
    readonly spec: ProcessSpec,
    private readonly events: ProcessEvents,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const log = openSync(this.spec.logFile, 'a', 0o600);
    const startedAt = performance.now();
    const child = spawn(this.spec.command, this.spec.args, {
      env: {
        ...process.env,
        ...this.spec.environment,
        ...(this.spec.watchesParent ? { SKYFLOW_EXIT_WITH_PARENT: 'stdin' } : {}),
      },
      stdio: [this.spec.watchesParent ? 'pipe' : 'ignore', log, log],
      // Its own process group: Ctrl-C at the terminal reaches us alone, and we stop the children in order.
      detached: true,
    });
    closeSync(log);
    this.child = child;
    child.stdin?.on('error', () => undefined);
    if (child.pid !== undefined) this.events.started(this.spec.name, child.pid);
    child.once('error', (error) => this.ended(error.message, startedAt));
    child.once('exit', (code, signal) =>
      this.ended(signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`, startedAt),
    );
  }

  /** Nothing if it does not run just now. */
  signal(signal: NodeJS.Signals): void {
    if (this.child?.pid !== undefined) kill(this.child.pid, signal);
  }

  /** SIGTERM, and SIGKILL to the whole group after a deadline. Resolves when it is gone. */
  stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const child = this.child;
    if (child?.pid === undefined) return Promise.resolve();
    const { pid } = child;
    return new Promise((resolve) => {
      const deadline = setTimeout(() => kill(-pid, 'SIGKILL'), STOP_DEADLINE_MS);
      child.once('exit', () => {
        clearTimeout(deadline);
        resolve();
      });
      kill(pid, 'SIGTERM');
    });
  }

  private ended(how: string, startedAt: number): void {
    if (this.child === undefined) return;
    this.child = undefined;
    if (this.stopping) return;
    if (performance.now() - startedAt > STABLE_MS) this.pauseMs = FIRST_PAUSE_MS;
    this.crashes += 1;
    const pauseMs = this.pauseMs;
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    this.events.crashed(this.spec.name, how, pauseMs, this.crashes);
    this.timer = setTimeout(() => this.start(), pauseMs);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone already is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
