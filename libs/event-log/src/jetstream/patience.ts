/**
 * How long an answer is waited for before the question is put again: as TCP's retransmission timer (RFC 6298), from how long answers took
 * lately. A question that reached a node of NATS which has just ceased to lead is never answered, and must not cost more time than the choice
 * of a new leader; a slow disk must not have every question put twice. Pure.
 */

/** Less is not worth it: a busy machine stands still for so long. */
const LEAST_MS = 1_000;
/** Before there was any answer. */
const FIRST_MS = 2_000;
/** From one question that is put again to the next: what a new leader costs beyond its election. */
export const AGAIN_MS = 500;
const SMOOTHING = 1 / 8;
const VARIATION_SMOOTHING = 1 / 4;
const VARIATIONS = 4;

export class Patience {
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #ms = FIRST_MS;

  /** For the first question; those after it follow at {@link AGAIN_MS}. @param mostMs what its caller would wait at most */
  within(mostMs: number): number {
    return Math.min(this.#ms, mostMs);
  }

  /** @param tookMs from the very question that was answered: not from an earlier one that was lost. */
  answered(tookMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = tookMs;
      this.#variationMs = tookMs / 2;
    } else {
      const off = Math.abs(this.#smoothedMs - tookMs);
      this.#variationMs += (off - this.#variationMs) * VARIATION_SMOOTHING;
      this.#smoothedMs += (tookMs - this.#smoothedMs) * SMOOTHING;
    }
    this.#ms = Math.max(LEAST_MS, this.#smoothedMs + VARIATIONS * this.#variationMs);
  }
}
