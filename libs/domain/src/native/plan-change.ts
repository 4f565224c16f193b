/**
 * What must be done so that a native object becomes what is desired. Looks at our own marks only: they tell who made the object,
 * from which decision, and what it was made of.
 */
import {
  ANNOTATION_DECISION,
  ANNOTATION_EPOCH,
  ANNOTATION_GENERATION,
  ANNOTATION_SPEC_HASH,
  LABEL_MANAGED_BY,
  LABEL_WORKLOAD_KIND,
  LABEL_WORKLOAD_NAME,
  LABEL_WORKLOAD_UID,
  MANAGED_BY,
} from '@skyflow/contracts';
import type { NativeObject } from './native-object.js';
import { ANNOTATION_IDENTITY_HASH, ANNOTATION_OBJECT_UID } from './native-names.js';

export type ChangePlan =
  | { action: 'create' }
  | { action: 'apply' }
  /** Our marks are as they must be; what others may have changed besides, `covers` tells. */
  | { action: 'none' }
  /** Something changed that Kubernetes does not let change: delete it, then create. */
  | { action: 'replace' }
  /** It is being deleted: wait until it is gone. */
  | { action: 'wait' }
  /** A later decision or a newer scheduler made what is there: leave it. */
  | { action: 'stale'; message: string }
  /** The name is taken by something that is not ours, or by another workload of ours: never touch it. */
  | { action: 'conflict'; by: 'foreign' | 'workload'; message: string };

export function planChange(desired: NativeObject, live: NativeObject | undefined): ChangePlan {
  if (live === undefined) return { action: 'create' };
  const conflict = conflictOf(desired, live);
  if (conflict !== undefined) return { action: 'conflict', ...conflict };
  if (live.metadata.deletionTimestamp !== undefined) return { action: 'wait' };
  const stale = staleness(desired, live);
  if (stale !== undefined) return { action: 'stale', message: stale };
  if (mark(live, ANNOTATION_IDENTITY_HASH) !== mark(desired, ANNOTATION_IDENTITY_HASH)) return { action: 'replace' };
  return marksAreRight(desired, live) ? { action: 'none' } : { action: 'apply' };
}

/** Whether the object was made by SkyFlow. */
export const isManaged = (object: NativeObject): boolean => object.metadata.labels?.[LABEL_MANAGED_BY] === MANAGED_BY;

/** Whether it is the very object that was made for this workload. */
export const isOfWorkload = (object: NativeObject, uid: string): boolean =>
  isManaged(object) && object.metadata.labels?.[LABEL_WORKLOAD_UID] === uid;

function conflictOf(
  desired: NativeObject,
  live: NativeObject,
): { by: 'foreign' | 'workload'; message: string } | undefined {
  const what = `${desired.kind ?? 'object'} ${desired.metadata.name}`;
  if (!isManaged(live)) {
    const message = `the cluster has a ${what} that SkyFlow did not make; rename the workload, or delete that ${what} on the cluster`;
    return { by: 'foreign', message };
  }
  const labels = live.metadata.labels ?? {};
  const owner = labels[LABEL_WORKLOAD_UID];
  if (owner !== desired.metadata.labels?.[LABEL_WORKLOAD_UID]) {
    const name = `${labels[LABEL_WORKLOAD_KIND] ?? 'workload'} ${labels[LABEL_WORKLOAD_NAME] ?? ''}`.trim();
    const message = `the ${what} on the cluster belongs to SkyFlow's ${name} (uid ${owner ?? 'none'}) until that is gone`;
    return { by: 'workload', message };
  }
  return undefined;
}

function staleness(desired: NativeObject, live: NativeObject): string | undefined {
  const epochs = { mine: numberMark(desired, ANNOTATION_EPOCH), theirs: numberMark(live, ANNOTATION_EPOCH) };
  const decisions = { mine: numberMark(desired, ANNOTATION_DECISION), theirs: numberMark(live, ANNOTATION_DECISION) };
  if (epochs.theirs > epochs.mine) {
    return `made by the scheduler of epoch ${epochs.theirs}, this work is of epoch ${epochs.mine}`;
  }
  if (epochs.theirs === epochs.mine && decisions.theirs > decisions.mine) {
    return `made from decision ${decisions.theirs}, this work is of the earlier decision ${decisions.mine}`;
  }
  return undefined;
}

const COMPARED_MARKS = [
  ANNOTATION_SPEC_HASH,
  ANNOTATION_GENERATION,
  ANNOTATION_DECISION,
  ANNOTATION_EPOCH,
  ANNOTATION_OBJECT_UID,
];

const marksAreRight = (desired: NativeObject, live: NativeObject): boolean =>
  COMPARED_MARKS.every((name) => mark(desired, name) === mark(live, name)) &&
  covers(desired.metadata.labels, live.metadata.labels) &&
  covers(desired.metadata.annotations, live.metadata.annotations);

const mark = (object: NativeObject, name: string): string | undefined => object.metadata.annotations?.[name];

function numberMark(object: NativeObject, name: string): number {
  const value = Number(mark(object, name));
  return Number.isFinite(value) ? value : 0;
}

/**
 * Whether everything in `desired` is in `live`, which may hold more (defaults, other managers' fields). An API may write a value in
 * another way (`1000m` as `1`), so false means "apply and see", not "changed".
 */
export function covers(desired: unknown, live: unknown): boolean {
  if (desired === undefined || desired === null) return true;
  if (Array.isArray(desired)) {
    if (!Array.isArray(live)) return desired.length === 0 && live === undefined;
    return live.length === desired.length && desired.every((item, at) => covers(item, live[at]));
  }
  if (typeof desired === 'object') {
    if (live === undefined) return Object.keys(desired).length === 0;
    if (live === null || typeof live !== 'object') return false;
    return Object.entries(desired).every(([key, member]) => covers(member, (live as Record<string, unknown>)[key]));
  }
  return desired === live || (isScalar(desired) && isScalar(live) && String(desired) === String(live));
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);
