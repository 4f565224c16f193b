/** What `?at=` may say: an RFC 3339 time, or a sequence of the log. */
import { badRequest } from '@skyflow/apimachinery';

export type PastTime = { readonly seq: number } | { readonly timeMs: number };

const SEQUENCE = /^\d{1,15}$/;
const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
const RULE =
  'give an RFC 3339 time ("2026-05-17T09:30:00Z") or a sequence of the log; skyctl --at takes "10 minutes ago" too';

/** @throws StatusError 400 */
export function pastTimeOf(text: string): PastTime {
  if (SEQUENCE.test(text)) return { seq: Number(text) };
  const timeMs = timeOf(text);
  if (timeMs === undefined) throw badRequest(`at: invalid value ${JSON.stringify(text.slice(0, 100))}: ${RULE}`);
  return { timeMs };
}

/** ms since the epoch of an RFC 3339 time; undefined: it is none. */
export function timeOf(text: string): number | undefined {
  // A plus sign that nobody escaped is a space in a query.
  const spelled = text.replace(/ (\d\d:\d\d)$/, '+$1');
  const timeMs = TIME.test(spelled) ? Date.parse(spelled) : NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
