/**
 * Garbage collection by owner references (pkg/controller/garbagecollector), asked about one object at a time:
 * background: what has owners and none of them is left goes; foreground: an owner goes after what blocks it; orphan: the
 * references go, the dependents stay.
 */
import type { KubeObject } from '@skyflow/contracts';
import { isDeleting, uidOf } from '../model/object-facts.js';
import { TRACKING_FINALIZER } from './job-accounting.js';
import { type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** What the collector must be able to look up. */
export interface OwnershipView {
  byUid(uid: string): KubeObject | undefined;
  /** Kinds that are not served here cannot be judged gone. */
  serves(apiVersion: string, kind: string): boolean;
  /** Objects with any owner reference to this uid. */
  dependentsOf(uid: string): readonly KubeObject[];
}

export function collect(view: OwnershipView, object: KubeObject): Outcome {
  const finalizers = object.metadata.finalizers ?? [];
  if (isDeleting(object) && finalizers.includes(ORPHAN)) return orphan(view, object);
  if (isDeleting(object) && finalizers.includes(FOREGROUND)) return foreground(view, object);
  return isDeleting(object) ? releaseOrphan(view, object) : collectDependent(view, object);
}

/** A pod whose Job is gone is not counted any more: its tracking finalizer must not keep it (job controller, syncOrphanPod). */
function releaseOrphan(view: OwnershipView, object: KubeObject): Outcome {
  if (object.metadata.finalizers?.includes(TRACKING_FINALIZER) !== true) return NOTHING;
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.some(({ uid }) => view.byUid(uid) !== undefined)) return NOTHING;
  return { writes: [{ op: 'removeFinalizer', target: targetOf(object), finalizer: TRACKING_FINALIZER }] };
}

/** Deletes an object whose owners are all gone; drops references to gone owners when another is left. */
function collectDependent(view: OwnershipView, object: KubeObject): Outcome {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return NOTHING;
  const present = owners.filter(
    ({ uid, apiVersion, kind }) => view.byUid(uid) !== undefined || !view.serves(apiVersion, kind),
  );
  if (present.length === owners.length) {
    const waiting = owners.every(({ uid }) => waitsForDependents(view.byUid(uid)));
    const nested = view.dependentsOf(uidOf(object)).length > 0;
    return waiting ? remove(object, nested ? 'Foreground' : 'Background') : NOTHING;
  }
  if (present.length === 0) return remove(object, 'Background');
  return { writes: [{ op: 'update', object: withOwners(object, present) }] };
}

const waitsForDependents = (owner: KubeObject | undefined): boolean =>
  owner !== undefined && isDeleting(owner) && owner.metadata.finalizers?.includes(FOREGROUND) === true;

const remove = (object: KubeObject, propagation: 'Background' | 'Foreground'): Outcome => ({
  writes: [{ op: 'delete', target: targetOf(object), propagation }],
});

function foreground(view: OwnershipView, owner: KubeObject): Outcome {
  const dependents = view.dependentsOf(uidOf(owner));
  const blocking = dependents.filter(
    ({ metadata }) =>
      metadata.ownerReferences?.some(
        ({ uid, blockOwnerDeletion }) => uid === uidOf(owner) && blockOwnerDeletion === true,
      ) === true,
  );
  const writes: Write[] = dependents.flatMap((dependent) =>
    isDeleting(dependent) ? [] : collect(view, dependent).writes,
  );
  if (blocking.length === 0) writes.push({ op: 'removeFinalizer', target: targetOf(owner), finalizer: FOREGROUND });
  return { writes };
}

function orphan(view: OwnershipView, owner: KubeObject): Outcome {
  const writes: Write[] = view.dependentsOf(uidOf(owner)).map((dependent) => ({
    op: 'update',
    object: withOwners(
      dependent,
      (dependent.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== uidOf(owner)),
    ),
  }));
  writes.push({ op: 'removeFinalizer', target: targetOf(owner), finalizer: ORPHAN });
  return { writes };
}

function withOwners(
  object: KubeObject,
  ownerReferences: NonNullable<KubeObject['metadata']['ownerReferences']>,
): KubeObject {
  const { ownerReferences: _old, ...metadata } = object.metadata;
  return { ...object, metadata: ownerReferences.length === 0 ? metadata : { ...metadata, ownerReferences } };
}
