/**
 * One component as a process. It ends with its parent, however that ends: its standard input closes, and on Linux the kernel
 * kills it even while it is stopped. What it says goes to its log file.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { TestbedStartError } from '../errors.js';

const LAST_WORDS_LENGTH = 500;

export interface ComponentSpec {
  name: string;
  binary: string;
  args: readonly string[];
  logFile: string;
  /** Told each time it is started. */
  onStart?: () => void;
  /** When it ends without `kill`, it is started again after this time; absent: it stays away. */
  restartAfterMs?: number;
}

export class Component {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private isKilled = false;
  private restart: NodeJS.Timeout | undefined;

  constructor(readonly spec: ComponentSpec) {}

  get pid(): number | undefined {
    return this.isRunning ? this.child?.pid : undefined;
  }

  get isRunning(): boolean {
    const { child } = this;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Again after it was killed, too: it finds its data. */
  start(): void {
    if (this.isRunning) return;
    const { name, binary, args, logFile, onStart, restartAfterMs } = this.spec;
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(binary, [name, ...args], {
      stdio: ['pipe', log, log],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, KUBE_TESTBED_TIED: '1' },
    });
    closeSync(log);
    // A component that was killed leaves a broken pipe; that it is gone is what `isRunning` says.
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    }).then(() => undefined);
    this.child = child;
    this.isKilled = false;
    if (restartAfterMs !== undefined) void this.ended.then(() => this.startAgain(restartAfterMs));
    onStart?.();
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.isKilled = true;
    clearTimeout(this.restart);
    this.child?.kill('SIGKILL');
    await this.ended;
  }

  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  /** @throws TestbedStartError when it has ended */
  assertRunning(): void {
    if (this.isRunning) return;
    throw new TestbedStartError(`${this.spec.name} has ended: ${this.lastWords()}; see ${this.spec.logFile}`);
  }

  private startAgain(afterMs: number): void {
    if (this.isKilled) return;
    this.restart = setTimeout(() => {
      this.start();
    }, afterMs);
  }

  private signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.assertRunning();
    this.child?.kill(signal);
  }

  private lastWords(): string {
    const text = readFileSync(this.spec.logFile, 'utf8').trimEnd();
    return text.slice(text.lastIndexOf('\n') + 1).slice(0, LAST_WORDS_LENGTH);
  }
}
