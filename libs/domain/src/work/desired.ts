/**
 * What one cluster must have: the fold of its `sky.work.<cluster>` subject, and of the WorkRemoved entries of its
 * `sky.obs.<cluster>` where the reader follows that too.
 *
 * Promised: work of an epoch older than the greatest one seen on the subject changes nothing; a withdrawal is remembered
 * until the work is reported as removed or is assigned again; only a withdrawal ever takes something away.
 * Folding the same entries again in the same order gives the same state.
 */
import type { Entry, EntryData, ObjectRef, Position, StoredObject } from '@skyflow/contracts';

/** This cluster's share of one workload, as last assigned. */
export interface DesiredWork {
  ref: ObjectRef;
  /** Epoch of the scheduler that assigned it. */
  epoch: number;
  /** Position of the decision that it carries out. */
  decision: Position;
  generation: number;
  replicas: number;
  /** Successful pods needed here; set for native batch Jobs. */
  completions?: number;
  /** The workload as stored. */
  object: StoredObject;
  /** What its pods refer to; to be there before it. */
  dependencies: readonly StoredObject[];
  /** Where the assignment stands in the log. */
  position: Position;
}

/** Work that must go and has not been reported as gone. */
export interface WithdrawnWork {
  ref: ObjectRef;
  epoch: number;
  decision: Position;
  position: Position;
}

export interface DesiredState {
  /** Greatest epoch seen; work of a smaller one is stale. */
  epoch: number;
  /** By workload uid. */
  work: Map<string, DesiredWork>;
  /** By workload uid; disjoint from `work`. */
  withdrawn: Map<string, WithdrawnWork>;
  /** Namespaces to remove, with the position of the withdrawal. Work assigned in one again takes it off this list. */
  withdrawnNamespaces: Map<string, Position>;
}

export const initialDesired = (): DesiredState => ({
  epoch: 0,
  work: new Map(),
  withdrawn: new Map(),
  withdrawnNamespaces: new Map(),
});

/** Changes `state` in place and returns it. Entries of other types change nothing. */
export function evolveDesired(state: DesiredState, entry: Entry, position: Position): DesiredState {
  switch (entry.type) {
    case 'WorkAssigned':
      return assigned(state, entry.data, position);
    case 'WorkWithdrawn':
      return withdrawn(state, entry.data, position);
    case 'NamespaceWithdrawn':
      if (accepts(state, entry.data.epoch)) state.withdrawnNamespaces.set(entry.data.namespace, position);
      return state;
    case 'ServiceAssigned': {
      const { namespace } = entry.data.object.metadata;
      if (namespace !== undefined) state.withdrawnNamespaces.delete(namespace);
      return state;
    }
    case 'WorkRemoved':
      state.withdrawn.delete(entry.data.ref.uid);
      return state;
    default:
      return state;
  }
}

/** The desired share of a workload, or undefined if this cluster must not have it. */
export const desiredWork = (state: DesiredState, uid: string): DesiredWork | undefined => state.work.get(uid);

/** Withdrawn namespaces that hold neither desired work nor work still to be removed, sorted: what may be deleted now. */
export function removableNamespaces(state: DesiredState): string[] {
  const inUse = new Set<string | undefined>();
  for (const { ref } of state.work.values()) inUse.add(ref.namespace);
  for (const { ref } of state.withdrawn.values()) inUse.add(ref.namespace);
  return [...state.withdrawnNamespaces.keys()].filter((name) => !inUse.has(name)).sort();
}

/** The workload that an entry of this fold is about, or undefined if it is about none: what to reconcile after it. */
export function workloadOf(entry: Entry): ObjectRef | undefined {
  if (entry.type === 'WorkAssigned') return refOf(entry.data.object);
  return entry.type === 'WorkWithdrawn' || entry.type === 'WorkRemoved' ? entry.data.ref : undefined;
}

function assigned(state: DesiredState, data: EntryData<'WorkAssigned'>, position: Position): DesiredState {
  const ref = refOf(data.object);
  if (!accepts(state, data.epoch) || isOlder(state, ref.uid, data)) return state;
  state.withdrawn.delete(ref.uid);
  if (ref.namespace !== undefined) state.withdrawnNamespaces.delete(ref.namespace);
  state.work.set(ref.uid, {
    ref,
    epoch: data.epoch,
    decision: data.decision,
    generation: data.generation,
    replicas: data.replicas,
    ...(data.completions !== undefined && { completions: data.completions }),
    object: data.object,
    dependencies: data.dependencies ?? [],
    position,
  });
  return state;
}

function withdrawn(state: DesiredState, data: EntryData<'WorkWithdrawn'>, position: Position): DesiredState {
  const { ref, epoch, decision } = data;
  if (!accepts(state, epoch) || isOlder(state, ref.uid, data)) return state;
  state.work.delete(ref.uid);
  state.withdrawn.set(ref.uid, { ref, epoch, decision, position });
  return state;
}

/** Fencing: raises the greatest epoch seen, refuses a smaller one. */
function accepts(state: DesiredState, epoch: number): boolean {
  if (epoch < state.epoch) return false;
  state.epoch = epoch;
  return true;
}

/** Whether what is known of the workload already carries out a later decision of the same or a newer scheduler. */
function isOlder(state: DesiredState, uid: string, entry: { epoch: number; decision: Position }): boolean {
  const known = state.work.get(uid) ?? state.withdrawn.get(uid);
  return known !== undefined && entry.epoch === known.epoch && entry.decision < known.decision;
}

function refOf(object: StoredObject): ObjectRef {
  const { name, namespace, uid } = object.metadata;
  return { kind: object.kind, ...(namespace !== undefined && { namespace }), name, uid };
}
