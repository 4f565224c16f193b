/**
 * Keys to reconcile, each at most once in the queue, handled one after the other in turns of the event loop. A key that fails
 * comes back later, with growing waits; nothing runs while the queue is empty.
 */
import type { Delayed, DelayQueue } from './delay-queue.js';

export type Reconcile = (key: string) => Promise<{ againAtMs?: number }>;

const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 30_000;
/** Keys handled before others in this process get their turn. */
const TURN = 64;

export class WorkQueue {
  readonly #delays: DelayQueue;
  readonly #reconcile: Reconcile;
  readonly #onError: (key: string, error: unknown) => void;
  readonly #keys = new Set<string>();
  readonly #later = new Map<string, { atMs: number; delayed: Delayed }>();
  readonly #failures = new Map<string, number>();
  #running = false;
  #stopped = false;

  constructor(delays: DelayQueue, reconcile: Reconcile, onError: (key: string, error: unknown) => void) {
    this.#delays = delays;
    this.#reconcile = reconcile;
    this.#onError = onError;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#keys.add(key);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#turn());
  }

  /** An earlier time for the same key wins. */
  addAt(key: string, atMs: number): void {
    const planned = this.#later.get(key);
    if (this.#stopped || (planned !== undefined && planned.atMs <= atMs)) return;
    planned?.delayed.cancel();
    const delayed = this.#delays.at(atMs, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { atMs, delayed });
  }

  get idle(): boolean {
    return !this.#running;
  }

  stop(): void {
    this.#stopped = true;
    this.#keys.clear();
    for (const { delayed } of this.#later.values()) delayed.cancel();
    this.#later.clear();
  }

  async #turn(): Promise<void> {
    for (let count = 0; count < TURN; count++) {
      const [key] = this.#keys;
      if (key === undefined) break;
      this.#keys.delete(key);
      await this.#handle(key);
    }
    if (this.#keys.size === 0) this.#running = false;
    else setImmediate(() => void this.#turn());
  }

  async #handle(key: string): Promise<void> {
    try {
      const { againAtMs } = await this.#reconcile(key);
      this.#failures.delete(key);
      if (againAtMs !== undefined) this.addAt(key, againAtMs);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      this.#onError(key, error);
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
      this.addAt(key, Date.now() + waitMs * (0.5 + Math.random() / 2));
    }
  }
}
