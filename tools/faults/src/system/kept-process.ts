/** A process that is started again whenever it ends, as an orchestrator does it, unless it is held down. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessSpec {
  name: string;
  command: string;
  args: readonly string[];
  /** Folder that it runs in: of the version whose program it is. */
  checkout: string;
  environment: NodeJS.ProcessEnv;
  logFile: string;
  /** Says by its status whether the process can be counted on; absent: nobody knows. */
  readyUrl?: string;
}

const RESTART_MS = 300;
const STOP_MS = 8_000;
const POLL_MS = 100;

export class KeptProcess {
  private child: ChildProcess | undefined;
  private gone: Promise<unknown> = Promise.resolve();
  private isHeld = false;
  private isOver = false;
  /** Whose program it is at the next start. */
  private checkout: string;
  /** Whose program runs, or ran last. */
  private started: string;

  /** @param note is told when it starts and ends */
  constructor(
    readonly spec: ProcessSpec,
    private readonly note: (what: string) => void,
  ) {
    this.checkout = spec.checkout;
    this.started = spec.checkout;
    this.start();
  }

  /** Undefined: it is being started again. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Of which version it is, by its checkout. */
  get runsFrom(): string {
    return this.started;
  }

  /** False: there is nothing to be told just now. */
  signal(signal: NodeJS.Signals): boolean {
    return this.child?.kill(signal) ?? false;
  }

  /** Kills it and keeps it down until `release`. */
  hold(): void {
    this.isHeld = true;
    this.signal('SIGKILL');
  }

  release(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    void this.gone.then(() => this.start());
  }

  /** In an orderly way; it is started again. Resolves when the old one is gone. */
  async restart(): Promise<void> {
    const { gone } = this;
    this.signal('SIGTERM');
    const deadline = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(deadline);
  }

  /** Waits until it can be counted on, for so long. */
  async whenReady(withinMs: number): Promise<void> {
    const { readyUrl } = this.spec;
    if (readyUrl === undefined) return;
    for (const deadline = performance.now() + withinMs; performance.now() < deadline;) {
      if (await answersOk(readyUrl)) return;
      await pause(POLL_MS);
    }
  }

  /** Its program is that of another checkout from now on, as an upgrade or the way back from one does it. */
  async replaceFrom(otherThan: (checkout: string) => string): Promise<void> {
    this.checkout = otherThan(this.checkout);
    this.note(`is replaced by that of ${this.checkout}`);
    await this.restart();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    this.signal('SIGCONT');
    await this.restart();
  }

  private start(): void {
    if (this.isOver || this.isHeld || this.child !== undefined) return;
    const { command, args, environment, logFile } = this.spec;
    const log = openSync(logFile, 'a', 0o600);
    // Its stdin is a pipe from us: when we are gone it ends by itself.
    const child = spawn(command, args, { cwd: this.checkout, env: environment, stdio: ['pipe', log, log] });
    closeSync(log);
    this.child = child;
    this.started = this.checkout;
    this.note('starts');
    child.stdin?.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      const ended = (): void => {
        this.child = undefined;
        this.note('ended');
        resolve(undefined);
        void pause(RESTART_MS).then(() => this.start());
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false; // not there yet
  }
}
