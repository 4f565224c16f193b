/** Queues and priority classes, folded. */
import type { Position, StoredObject } from '@skyflow/contracts';
import { isRecord } from '../pod-spec.js';
import type { SchedulingState, WorkloadRecord } from '../state.js';
import { queueRecordOf } from './queue-record.js';
import { startQueueing } from './queueing-state.js';
import { PLAIN_TERMS, type QueueTerms, internTerms, priorityClassOf, termsOf } from './terms.js';

export function queueStored(state: SchedulingState, object: StoredObject, at: Position): void {
  state.queues.set(object.metadata.name, queueRecordOf(object));
  startQueueing(state, at).changedAt = at;
}

export function queueDeleted(state: SchedulingState, name: string, uid: string, at: Position): void {
  if (state.queues.get(name)?.uid !== uid) return;
  state.queues.delete(name);
  if (state.queueing !== undefined) state.queueing.changedAt = at;
}

export function priorityClassStored(state: SchedulingState, object: StoredObject): void {
  const { value, globalDefault, preemptionPolicy } = object as Record<string, unknown>;
  state.priorityClasses.set(object.metadata.name, {
    uid: object.metadata.uid,
    value: typeof value === 'number' && Number.isSafeInteger(value) ? value : 0,
    globalDefault: globalDefault === true,
    neverDisplaces: preemptionPolicy === 'Never',
  });
}

export function priorityClassDeleted(state: SchedulingState, name: string, uid: string): void {
  if (state.priorityClasses.get(name)?.uid === uid) state.priorityClasses.delete(name);
}

/** The terms of a workload that was written; the first that are not plain are the beginning of queues. */
export function takeTerms(
  state: SchedulingState,
  object: StoredObject,
  before: WorkloadRecord | undefined,
  at: Position,
): QueueTerms {
  const spec = isRecord(object.spec) ? object.spec : {};
  const isPlain =
    spec.queue === undefined &&
    spec.gang === undefined &&
    spec.waiting === undefined &&
    state.priorityClasses.size === 0 &&
    priorityClassOf(object) === undefined;
  if (isPlain) return PLAIN_TERMS;
  const terms = internTerms(state.terms, termsOf(object, state.priorityClasses, before?.terms));
  if (terms !== PLAIN_TERMS) startQueueing(state, at);
  return terms;
}
