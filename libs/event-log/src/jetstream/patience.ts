/**
 * How long an answer is waited for before the question is put again: as TCP's retransmission timer (RFC 6298), from how long answers took
 * lately. A question that reached a node of NATS which has just ceased to lead is never answered, and must not cost more time than the choice
 * of a new leader; a slow disk must not have every question put twice. Pure.
 */

/** Less is not worth it: a busy machine stands still for so long. */
const LEAST_MS = 1_000;
/** Before there was any answer. */
const FIRST_MS = 2_000;
const SMOOTHING = 1 / 8;
const VARIATION_SMOOTHING = 1 / 4;
const VARIATIONS = 4;

export class Patience {
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #ms = FIRST_MS;

  /** For the next question. @param mostMs what its caller would wait at most */
  within(mostMs: number): number {
    return Math.min(this.#ms, mostMs);
  }

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

  /** No answer came in `waitedMs`: the next question has twice the time, until one is answered. */
  missed(waitedMs: number): void {
    this.#ms = Math.max(this.#ms, 2 * waitedMs);
  }
}
