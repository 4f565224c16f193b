/** What writes of one manager do to the fields that others own. After structured-merge-diff's merge/update.go. */
import type { Comparison } from './compare.js';
import { conflictError, type OwnershipConflict } from './conflict.js';
import { FieldSet } from './field-set.js';
import type { Managers } from './managers.js';

/**
 * Takes changed and removed fields from the other managers. Throws {@link StatusError} 409 where `force` is false and a
 * changed field has another owner.
 */
export function takeOwnership(managers: Managers, self: string, change: Comparison, force: boolean): void {
  const written = change.modified.union(change.added);
  const conflicts: OwnershipConflict[] = [];
  for (const [id, owner] of managers) {
    if (id === self) continue;
    const fields = owner.fields.intersection(written);
    if (!fields.isEmpty) conflicts.push({ owner, fields });
  }
  if (!force && conflicts.length > 0) throw conflictError(conflicts);
  const lost = written.union(change.removed);
  for (const [id, owner] of managers) {
    if (id === self) continue;
    const fields = owner.fields.difference(lost);
    if (fields.isEmpty) managers.delete(id);
    else managers.set(id, { ...owner, fields });
  }
}

/** Fields that no manager owns: identity, and what the server sets (apiserver's stripMeta). */
export const UNOWNED = new FieldSet(
  ['f:apiVersion', 'f:kind', 'f:metadata'],
  [
    [
      'f:metadata',
      new FieldSet(
        [
          'name',
          'namespace',
          'creationTimestamp',
          'selfLink',
          'uid',
          'clusterName',
          'generation',
          'managedFields',
          'resourceVersion',
        ].map((field) => `f:${field}`),
      ),
    ],
  ],
);

/** A field set from dotted paths such as `status`. */
export function fieldSetOf(paths: readonly string[]): FieldSet {
  const set = new FieldSet();
  for (const path of paths) set.insert(path.split('.').map((name) => `f:${name}`));
  return set;
}

/** RFC 3339 with whole seconds, as in managedFields. */
export const entryTime = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
