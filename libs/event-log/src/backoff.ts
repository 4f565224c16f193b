/** Waiting that an abort ends, and growing pauses between attempts. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms` or when the signal aborts, whichever is first; never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

export interface BackoffOptions {
  firstMs: number;
  mostMs: number;
}

/** Exponential pauses with full jitter on their upper half. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions = { firstMs: 20, mostMs: 1_000 }) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  async wait(signal?: AbortSignal): Promise<void> {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.#options.mostMs);
    await pause(ms / 2 + (Math.random() * ms) / 2, signal);
  }

  /** After a success: the next pause is the first one again. */
  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }
}

/** Rejects with the abort's reason as soon as the signal aborts; the promise itself is left to end on its own. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined); // the abort may win; its late rejection must not be unhandled
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
