/** Decorrelated-jitter back-off (AWS Architecture Blog, "Exponential Backoff And Jitter"): spreads clients that failed together. */
import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  baseMs: number;
  capMs: number;
  /** In [0, 1); Math.random unless a test gives another. */
  random?: () => number;
}

export class Backoff {
  private lastMs: number;
  private readonly random: () => number;

  constructor(private readonly options: BackoffOptions) {
    this.lastMs = options.baseMs;
    this.random = options.random ?? Math.random;
  }

  /** The next pause: between base and three times the one before, at most cap. */
  nextMs(): number {
    const { baseMs, capMs } = this.options;
    this.lastMs = Math.min(capMs, baseMs + this.random() * (this.lastMs * 3 - baseMs));
    return this.lastMs;
  }

  reset(): void {
    this.lastMs = this.options.baseMs;
  }

  /** Waits for the next pause; returns early, without an error, when the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    try {
      await delay(this.nextMs(), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
