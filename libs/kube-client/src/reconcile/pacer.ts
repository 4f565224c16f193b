/**
 * How many pieces of work an API is given at a time: fewer once it says that it has too many (429, API priority and fairness), more
 * again as it keeps up; none before the time that it named (additive increase, multiplicative decrease).
 */
import { KubeApiError } from '../client/kube-errors.js';

export interface PacerOptions {
  /** Most pieces at a time. */
  most: number;
  random?: () => number;
}

/** Of an API that says "too many" and not until when. */
const PAUSE_MS = 1_000;

export class Pacer {
  private allowed: number;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private pausedUntil = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly random: () => number;

  constructor(private readonly options: PacerOptions) {
    this.allowed = options.most;
    this.random = options.random ?? Math.random;
  }

  /** Pieces that may run at a time now. */
  get limit(): number {
    return Math.max(1, Math.floor(this.allowed));
  }

  /** Runs the work when it is its turn. Rejects as the work does, and with the signal's reason when that aborts before. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    while (!this.hasRoom()) await this.turn(signal);
    this.running += 1;
    try {
      const result = await work();
      this.allowed = Math.min(this.options.most, this.allowed + 1 / this.allowed);
      return result;
    } catch (error) {
      if (error instanceof KubeApiError && error.code === 429) this.slowDown(error.retryAfterMs ?? PAUSE_MS);
      throw error;
    } finally {
      this.running -= 1;
      this.wake();
    }
  }

  private async turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    this.waiting.push(wake);
    signal?.addEventListener('abort', wake, { once: true });
    await promise;
    signal?.removeEventListener('abort', wake);
    signal?.throwIfAborted();
  }

  private hasRoom(): boolean {
    return this.running < this.limit && performance.now() >= this.pausedUntil;
  }

  /** Refusals that come together are one. The pause is up to half longer, so that many clients do not come back at once. */
  private slowDown(pauseMs: number): void {
    const now = performance.now();
    if (now >= this.pausedUntil) this.allowed = Math.max(1, this.allowed / 2);
    this.pausedUntil = Math.max(this.pausedUntil, now + pauseMs * (1 + this.random() / 2));
    this.wakeAfterPause();
  }

  /** A timer may fire a little early; what waits would then wait for ever, as nothing runs whose end could wake it. */
  private wakeAfterPause(): void {
    clearTimeout(this.timer);
    const left = Math.ceil(this.pausedUntil - performance.now());
    this.timer = setTimeout(
      () => {
        if (performance.now() < this.pausedUntil) this.wakeAfterPause();
        else this.wake();
      },
      Math.max(1, left),
    );
  }

  private wake(): void {
    for (let room = this.limit - this.running; room > 0 && this.hasRoom(); room -= 1) this.waiting.shift()?.();
  }
}
