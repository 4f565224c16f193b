/** What a delete does about the objects that the deleted one owns, as finalizers that the garbage collector takes away when it is done. */
import { type ObjectRecord, readMeta } from '../object-record.js';
import type { ObjectsState } from '../objects-state.js';

/** metav1.DeletionPropagation. Background: they go after it. Foreground: it goes after them. Orphan: they stay, without an owner. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

/** Finalizers of the record; those of others are never touched. */
export function finalizersAfter(record: ObjectRecord, propagation: Propagation | undefined): string[] {
  const before = readMeta(record).finalizers ?? [];
  if (propagation === undefined) return before;
  const others = before.filter((each) => each !== FOREGROUND_FINALIZER && each !== ORPHAN_FINALIZER);
  if (propagation === 'Foreground') return [...others, FOREGROUND_FINALIZER];
  return propagation === 'Orphan' ? [...others, ORPHAN_FINALIZER] : others;
}

/** The record with the finalizers of a deletion; itself if that changes nothing. */
export function withPropagation(
  { texts }: Pick<ObjectsState, 'texts'>,
  record: ObjectRecord,
  propagation: Propagation | undefined,
): ObjectRecord {
  if (propagation === undefined) return record;
  const { finalizers: before = [], ...rest } = readMeta(record);
  const finalizers = finalizersAfter(record, propagation);
  if (finalizers.length === before.length && finalizers.every((each, index) => each === before[index])) return record;
  const meta = JSON.stringify(finalizers.length === 0 ? rest : { ...rest, finalizers });
  return { ...record, meta: meta === '{}' ? '' : texts.intern(meta) };
}

export const isDeletingForeground = (record: ObjectRecord): boolean =>
  record.deletedAt > 0 && hasFinalizer(record, FOREGROUND_FINALIZER);

export const isOrphaning = (record: ObjectRecord): boolean =>
  record.deletedAt > 0 && hasFinalizer(record, ORPHAN_FINALIZER);

const hasFinalizer = (record: ObjectRecord, name: string): boolean =>
  record.meta.includes(name) && (readMeta(record).finalizers?.includes(name) ?? false);
