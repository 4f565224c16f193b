/** What a delete answers with, from what was decided: the fold comes to the same a moment later. */
import type { Position } from '@skyflow/contracts';
import { type ObjectCommand, type ObjectRecord, leavesSlowly, readMeta } from '@skyflow/domain';

export function deletedRecord(
  before: ObjectRecord,
  command: ObjectCommand,
  position: Position,
  at: number,
): { record: ObjectRecord; gone: boolean } {
  const forced = command.verb === 'delete' && command.force === true;
  const stays = leavesSlowly(before.kind) || (readMeta(before).finalizers ?? []).length > 0;
  const gone = forced || !stays;
  return { record: { ...before, position, ...(gone ? {} : { deletedAt: at }) }, gone };
}
