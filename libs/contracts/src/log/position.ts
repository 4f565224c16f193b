/**
 * A point in the log, and Kubernetes' resourceVersion made of it.
 *
 * The log has one global sequence of commits; a commit holds up to ENTRIES_PER_COMMIT entries. A position is
 * `seq * ENTRIES_PER_COMMIT + index`, so positions of entries are totally ordered, fit a JavaScript safe integer up to
 * 9e11 commits, and a watch resumed in the middle of a commit misses nothing. A list is read at the end of a commit.
 */
export type Position = number;

/** Most entries that one commit may hold. */
export const ENTRIES_PER_COMMIT = 10_000;

/** Position before the first entry of the log. */
export const LOG_START: Position = 0;

/** Position of entry `index` (0-based) in the commit with stream sequence `seq` (1-based). */
export const positionOf = (seq: number, index: number): Position => seq * ENTRIES_PER_COMMIT + index;

/** Position that includes every entry of commit `seq`. */
export const endOfCommit = (seq: number): Position => positionOf(seq, ENTRIES_PER_COMMIT - 1);

/** Stream sequence of the commit that holds this position. */
export const sequenceOf = (position: Position): number => Math.floor(position / ENTRIES_PER_COMMIT);

/** Kubernetes `metadata.resourceVersion` for a position. */
export const toResourceVersion = (position: Position): string => String(position);

/** The position that a resourceVersion names, or undefined if it is none of ours. */
export function parseResourceVersion(text: string): Position | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
