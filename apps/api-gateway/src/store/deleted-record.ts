/** What a delete answers with, from what was decided: the fold comes to the same a moment later. */
import type { Position } from '@skyflow/contracts';
import { type ObjectRecord, leavesSlowly, readMeta } from '@skyflow/domain';

export function deletedRecord(
  before: ObjectRecord,
  forced: boolean,
  position: Position,
  at: number,
): { record: ObjectRecord; gone: boolean } {
  const gone = forced || (!leavesSlowly(before.kind) && (readMeta(before).finalizers ?? []).length === 0);
  return { record: { ...before, position, ...(gone ? {} : { deletedAt: at }) }, gone };
}
