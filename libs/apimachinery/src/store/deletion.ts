/**
 * What a delete does to an object (apiserver registry/rest BeforeDelete): it goes at once, or it is marked with
 * deletionTimestamp and waits for its finalizers or its grace period. Pure; every store uses it.
 */
import type { ResourceDefinition } from '../api/definition.js';
import { conflict } from '../api/errors.js';
import type { KubeObject } from '@skyflow/contracts';
import type { DeleteOptions } from './resource-store.js';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** `remove`: gone now. `mark`: to be stored as `object`. `pending`: it waits already and nothing changes. */
export type Deletion = { action: 'remove' } | { action: 'mark'; object: KubeObject } | { action: 'pending' };

/**
 * @param object the stored object; not changed.
 * @throws StatusError 409 when a precondition does not hold.
 */
export function planDeletion(
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
  nowMs: number,
): Deletion {
  checkPreconditions(definition, object, options);
  const { metadata } = object;
  const finalizers = finalizersFor(metadata.finalizers ?? [], options);
  const asked = Math.max(0, definition.strategy?.gracePeriodSeconds?.(object, options) ?? 0);
  const pending = metadata.deletionTimestamp !== undefined;
  const grace = pending ? Math.min(asked, metadata.deletionGracePeriodSeconds ?? 0) : asked;
  if (finalizers.length === 0 && grace === 0) return { action: 'remove' };
  if (pending && grace === (metadata.deletionGracePeriodSeconds ?? 0) && same(finalizers, metadata.finalizers ?? [])) {
    return { action: 'pending' };
  }
  const { finalizers: _before, ...rest } = metadata;
  return {
    action: 'mark',
    object: {
      ...object,
      metadata: {
        ...rest,
        ...(finalizers.length === 0 ? {} : { finalizers }),
        ...(rest.generation === undefined || pending ? {} : { generation: rest.generation + 1 }),
        deletionTimestamp: deadline(metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds, grace, nowMs),
        deletionGracePeriodSeconds: grace,
      },
    },
  };
}

/** Whether an update took away the last thing that a deletion waits for. */
export function finishesDeletion({ metadata }: KubeObject): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

function checkPreconditions(definition: ResourceDefinition, { metadata }: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`;
    throw conflict(definition, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(definition, metadata.name, why);
  }
}

/** Foreground and orphan are finalizers that the garbage collector takes away when it is done. */
function finalizersFor(finalizers: readonly string[], { propagationPolicy }: DeleteOptions): string[] {
  if (propagationPolicy === undefined) return [...finalizers];
  const others = finalizers.filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  if (propagationPolicy === 'Foreground') return [...others, FOREGROUND];
  if (propagationPolicy === 'Orphan') return [...others, ORPHAN];
  return others;
}

function deadline(marked: string | undefined, oldGrace: number | undefined, grace: number, nowMs: number): string {
  const from = marked === undefined ? nowMs : Date.parse(marked) - (oldGrace ?? 0) * 1000;
  return toTimestamp(from + grace * 1000);
}

let lastSecond = { second: NaN, text: '' };

/** RFC 3339 in whole seconds, as metav1.Time. */
export function toTimestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond.second) {
    lastSecond = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  }
  return lastSecond.text;
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
