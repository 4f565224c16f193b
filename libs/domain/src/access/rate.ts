/** How much one asker may ask: a token bucket. Pure: the caller keeps the record and knows the time. */

export interface RateLimit {
  /** Requests per second, in the long run. */
  readonly perSecond: number;
  /** Requests at once, after a pause. */
  readonly burst: number;
}

/** Undefined: has not asked for long, or never. */
export interface RateRecord {
  readonly left: number;
  readonly atMs: number;
}

/** The record after one more request; `waitMs` above 0: it is one too many, and when it would not be. */
export function spend(
  record: RateRecord | undefined,
  { perSecond, burst }: RateLimit,
  nowMs: number,
): RateRecord & { waitMs: number } {
  const elapsedMs = record === undefined ? 0 : Math.max(0, nowMs - record.atMs);
  const left = record === undefined ? burst : Math.min(burst, record.left + (elapsedMs / 1000) * perSecond);
  if (left >= 1) return { left: left - 1, atMs: nowMs, waitMs: 0 };
  return { left, atMs: nowMs, waitMs: Math.ceil(((1 - left) / perSecond) * 1000) };
}
