/**
 * How often a password may be tried. After some failures the account is closed for a while, longer each time; time heals. Pure: the
 * caller keeps the record and knows the time.
 */

export interface LockoutRecord {
  /** Failures since the last success. */
  readonly failures: number;
  /** Of the last failure, ms since the epoch. */
  readonly lastAt: number;
}

/** Failures that cost nothing. */
export const FREE_FAILURES = 5;
const FIRST_LOCK_MS = 30_000;
const LONGEST_LOCK_MS = 15 * 60_000;
/** Without a failure for so long, all are forgotten. */
export const FORGET_AFTER_MS = 60 * 60_000;

/** Milliseconds until another try is allowed; 0: now. */
export function lockedForMs(record: LockoutRecord | undefined, nowMs: number): number {
  if (record === undefined || record.failures < FREE_FAILURES || isForgotten(record, nowMs)) return 0;
  const lockMs = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** (record.failures - FREE_FAILURES));
  return Math.max(0, record.lastAt + lockMs - nowMs);
}

export const afterFailure = (record: LockoutRecord | undefined, nowMs: number): LockoutRecord => ({
  failures: record === undefined || isForgotten(record, nowMs) ? 1 : record.failures + 1,
  lastAt: nowMs,
});

export const isForgotten = ({ lastAt }: LockoutRecord, nowMs: number): boolean => nowMs - lastAt >= FORGET_AFTER_MS;
