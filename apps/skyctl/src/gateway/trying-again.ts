/**
 * What is answered "not now, in a moment" (429 or 503 with Retry-After) is asked again, as client-go does: a log that has just lost its
 * leader, a gateway that is starting, a scheduler that takes over. Pure.
 */

/** No service is away for longer while another takes its place; who waits longer wants to be told. */
export const PATIENCE_MS = 10_000;

export interface Answer {
  status: number;
  /** Header Retry-After, in seconds; a date is nothing that our servers say. */
  retryAfter: string | undefined;
}

/**
 * How long to wait before the request is made again; undefined: what was answered is the answer.
 * @param spentMs since it was made first
 * @param patienceMs for all of it; at most PATIENCE_MS
 */
export function pauseMs({ status, retryAfter = '' }: Answer, spentMs: number, patienceMs: number): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  if (!/^\d+$/.test(retryAfter)) return undefined;
  const pause = Number(retryAfter) * 1_000;
  return spentMs + pause > Math.min(patienceMs, PATIENCE_MS) ? undefined : pause;
}
