/** Which snapshots are not needed any more. The last two start a service; those before them are steps into the past. */

const LATEST = 2;

/**
 * Sequences of those to remove: from the older ones, that whose absence leaves the smallest gap, until no more are left than are wanted.
 * @param snapshots newest first
 */
export function superfluousSnapshots(
  snapshots: readonly { seq: number; bytes: number }[],
  older: { most: number; bytes: number },
): number[] {
  const kept = [...snapshots];
  const removed: number[] = [];
  const isTooMuch = (): boolean =>
    kept.length > LATEST + older.most ||
    kept.slice(LATEST).reduce((sum, { bytes }) => sum + bytes, 0) > Math.max(0, older.bytes);
  while (kept.length > LATEST && isTooMuch()) {
    let least = LATEST;
    for (let index = LATEST; index < kept.length; index++) if (gap(kept, index) < gap(kept, least)) least = index;
    removed.push(...kept.splice(least, 1).map(({ seq }) => seq));
  }
  return removed;
}

/** What would have to be folded at most if this one were not there. */
const gap = (snapshots: readonly { seq: number }[], index: number): number =>
  (snapshots[index - 1]?.seq ?? 0) - (snapshots[index + 1]?.seq ?? 0);
