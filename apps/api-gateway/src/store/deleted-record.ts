/** What a delete answers with, from what was decided: the fold comes to the same a moment later. */
import type { EntryData, Position } from '@skyflow/contracts';
import { type ObjectRecord, finalizersAfter, leavesSlowly, readMeta } from '@skyflow/domain';

export function deletedRecord(
  before: ObjectRecord,
  { force, propagation }: EntryData<'ObjectDeleted'>,
  position: Position,
  at: number,
): { record: ObjectRecord; gone: boolean } {
  const finalizers = finalizersAfter(before, propagation);
  const gone = finalizers.length === 0 && (force === true || before.released || !leavesSlowly(before.kind));
  if (gone) return { record: { ...before, position }, gone };
  const deletedAt = before.deletedAt > 0 ? before.deletedAt : at;
  const { finalizers: _before, ...rest } = readMeta(before);
  const meta = JSON.stringify(finalizers.length === 0 ? rest : { ...rest, finalizers });
  return { record: { ...before, position, deletedAt, meta: meta === '{}' ? '' : meta }, gone };
}
