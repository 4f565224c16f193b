/**
 * A queue of keys for level-triggered work (client-go's workqueue): a key that is waiting is there once; a key in work is
 * handed out again only after `done`; failures wait longer each time. Nothing is remembered of a key but how often it failed.
 */
export interface WorkQueueOptions {
  /** First and longest pause of `addRateLimited`. */
  baseMs?: number;
  capMs?: number;
  random?: () => number;
}

const BASE_MS = 50;
const CAP_MS = 60_000;

export class WorkQueue {
  /** Waiting, in order. */
  private readonly waiting = new Set<string>();
  private readonly inWork = new Set<string>();
  /** Added while in work: to be handed out again. */
  private readonly again = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly timers = new Map<string, { timer: NodeJS.Timeout; at: number }>();
  private readonly takers: (() => void)[] = [];
  private readonly baseMs: number;
  private readonly capMs: number;
  private readonly random: () => number;
  private closed = false;

  constructor(options: WorkQueueOptions = {}) {
    this.baseMs = options.baseMs ?? BASE_MS;
    this.capMs = options.capMs ?? CAP_MS;
    this.random = options.random ?? Math.random;
  }

  /** Keys waiting now, not counting delayed ones. */
  get size(): number {
    return this.waiting.size;
  }

  /** True when nothing waits and nothing is in work; delayed keys do not count. */
  get isIdle(): boolean {
    return this.waiting.size === 0 && this.inWork.size === 0;
  }

  add(key: string): void {
    if (this.closed) return;
    if (this.inWork.has(key)) {
      this.again.add(key);
      return;
    }
    this.waiting.add(key);
    this.takers.shift()?.();
  }

  /** Adds the key later; of several delays the shortest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.closed) return;
    const at = performance.now() + delayMs;
    const pending = this.timers.get(key);
    if (pending !== undefined && pending.at <= at) return;
    clearTimeout(pending?.timer);
    const timer = setTimeout(() => {
      this.timers.delete(key);
      this.add(key);
    }, delayMs);
    this.timers.set(key, { timer, at });
  }

  /** Adds the key after a pause that doubles with each failure since `forget`, with up to 50 % jitter; returns the pause. */
  addRateLimited(key: string, atLeastMs = 0): number {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    const backoffMs = Math.min(this.capMs, this.baseMs * 2 ** Math.min(failures, 30));
    const delayMs = Math.max(atLeastMs, backoffMs * (0.5 + this.random() / 2));
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** The key succeeded: its next failure waits the shortest time again. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  /** Takes the next key; undefined once closed. Follow with `done`. */
  async take(): Promise<string | undefined> {
    for (;;) {
      if (this.closed) return undefined;
      const [key] = this.waiting;
      if (key !== undefined) {
        this.waiting.delete(key);
        this.inWork.add(key);
        return key;
      }
      await new Promise<void>((resolve) => this.takers.push(resolve));
    }
  }

  done(key: string): void {
    this.inWork.delete(key);
    if (this.again.delete(key)) this.add(key);
  }

  /** Takers get undefined; waiting and delayed keys are dropped. */
  close(): void {
    this.closed = true;
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.waiting.clear();
    for (const wake of this.takers.splice(0)) wake();
  }
}
