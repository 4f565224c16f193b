/**
 * The fold of the log into the read model. Deterministic; changes `state` in place; never throws on a decoded entry, whatever came
 * before it: an entry about an object that is not there, about an older object of the same name, or of an older epoch changes nothing.
 */
import { type Entry, type ObjectRef, type Position, workSubject } from '@skyflow/contracts';
import { evolveClusterHealth, evolveClusterObservation, evolveNodeChanges } from './evolve-clusters.js';
import {
  evolveEvictionProgress,
  evolveRollout,
  evolvePlacement,
  evolveWorkObservation,
  evolveWorkRemoval,
} from './evolve-workloads.js';
import { idempotencyKey, remember, requestPrint } from './idempotency.js';
import { withPropagation } from './garbage/propagation.js';
import { type ObjectRecord, hasFinalizers } from './object-record.js';
import { priorityIn } from './queueing-refusals.js';
import {
  addRecord,
  findRef,
  removeNamespaceIfEmpty,
  removeRecord,
  replaceRecord,
  touchQuotas,
} from './object-writes.js';
import type { EntryPlace, ObjectsState } from './objects-state.js';
import { createdRecord, refOf, updatedRecord } from './records.js';
import { withoutOurFinalizer } from './built-clusters.js';

/** Changes whenever snapshots of this fold made by older code must not be used any more. */
export const OBJECTS_FOLD_VERSION = 'objects-9';

/** Kinds that stay, as deleting, until something else has been cleaned up. */
export const leavesSlowly = (kind: string): boolean =>
  kind === 'Job' || kind === 'Deployment' || kind === 'Cluster' || kind === 'Namespace' || kind === 'Service';

/** What clusters are told follows from decisions that are folded already; the read model's position stays where it is. */
export const ignoresForObjects = (subject: string): boolean => subject.startsWith(WORK);

const WORK = workSubject('');

export function evolveObjects(state: ObjectsState, entry: Entry, place: EntryPlace): ObjectsState {
  if (ignoresForObjects(place.subject)) return state;
  state.position = place.position;
  switch (entry.type) {
    case 'ObjectCreated':
      evolveCreated(state, entry, place);
      break;
    case 'ObjectUpdated':
      evolveUpdated(state, entry, place);
      break;
    case 'ObjectDeleted':
      evolveDeleted(state, entry, place);
      break;
    case 'EpochStarted':
      if (!isStale(state, entry.data.epoch, place)) state.epochs.set(place.subject, entry.data.epoch);
      break;
    case 'PlacementDecided':
      if (!isStale(state, entry.data.epoch, place)) evolvePlacement(state, entry, place);
      break;
    case 'EvictionProgressed':
      if (!isStale(state, entry.data.epoch, place)) evolveEvictionProgress(state, entry, place);
      break;
    case 'ObjectReleased':
      if (!isStale(state, entry.data.epoch, place)) evolveReleased(state, entry, place);
      break;
    case 'ServiceStatusDecided':
      if (!isStale(state, entry.data.epoch, place)) evolveStatus(state, entry, place);
      break;
    case 'ServiceImportDecided':
      if (!isStale(state, entry.data.epoch, place)) evolveImport(state, entry, place);
      break;
    case 'ClusterHealthDecided':
      if (!isStale(state, entry.data.epoch, place)) evolveClusterHealth(state, entry, place);
      break;
    case 'ClusterObserved':
      evolveClusterObservation(state, entry, place);
      break;
    case 'NodesObserved':
      evolveNodeChanges(state, entry, place);
      break;
    case 'WorkObserved':
      evolveWorkObservation(state, entry, place);
      break;
    case 'WorkRemoved':
      evolveWorkRemoval(state, entry, place);
      break;
    case 'RolloutAdvanced':
      if (!isStale(state, entry.data.epoch, place)) evolveRollout(state, entry, place);
      break;
    case 'ProvisioningStatusDecided':
      if (!isStale(state, entry.data.epoch, place)) evolveProvisioningStatus(state, entry, place);
      break;
    case 'FeatureLevelRaised':
    case 'GatewayObserved':
    case 'ReachObserved':
    case 'PeersAssigned':
    case 'ProvisioningAdvanced':
    case 'MachineAdvanced':
    case 'OrphanAdvanced':
    case 'EvictionDecided':
    case 'WorkAssigned':
    case 'WorkWithdrawn':
    case 'NamespaceWithdrawn':
    case 'ServiceAssigned':
    case 'EndpointsAssigned':
    case 'ServiceWithdrawn':
    case 'EndpointsObserved':
    case 'ServiceObserved':
    case 'PathObserved':
    case 'ExportAssigned':
    case 'ExportWithdrawn':
    case 'ExportObserved':
    case 'ServiceRemoved':
      break;
  }
  return state;
}

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>;

const isStale = (state: ObjectsState, epoch: number, { subject }: EntryPlace): boolean =>
  epoch < (state.epochs.get(subject) ?? 0);

function evolveCreated(state: ObjectsState, entry: EntryOf<'ObjectCreated'>, { position }: EntryPlace): void {
  const { object } = entry.data;
  if (state.table.get(object.kind, object.metadata.namespace ?? '', object.metadata.name) !== undefined) return;
  const record = withPriority(state, createdRecord(object, position, entry, state), 0);
  addRecord(state, record);
  touchQuotas(state, record, position);
  rememberKey(state, entry, position, () => requestPrint('create', object), refOf(record));
}

function evolveUpdated(state: ObjectsState, entry: EntryOf<'ObjectUpdated'>, { position }: EntryPlace): void {
  const { object } = entry.data;
  const { name, namespace, uid } = object.metadata;
  const old = findRef(state, { kind: object.kind, ...(namespace === undefined ? {} : { namespace }), name, uid });
  if (old === undefined) return;
  const record = withPriority(
    state,
    updatedRecord(old, object, position, entry.at, state),
    old.workload?.priority ?? 0,
  );
  rememberKey(state, entry, position, () => requestPrint('update', object), refOf(record));
  if (record.released && !hasFinalizers(record)) removeRecord(state, record, position);
  else replaceRecord(state, old, record);
}

function evolveDeleted(state: ObjectsState, entry: EntryOf<'ObjectDeleted'>, { position }: EntryPlace): void {
  const { ref, force, propagation } = entry.data;
  const old = findRef(state, ref);
  if (old === undefined) return;
  rememberKey(state, entry, position, () => requestPrint('delete', ref), ref);
  const marked = withPropagation(state, old, propagation);
  const released = old.released || force === true || !leavesSlowly(old.kind);
  if (released && !hasFinalizers(marked)) {
    removeRecord(state, old, position);
    return;
  }
  if (old.deletedAt > 0 && marked === old && released === old.released) return;
  const deletedAt = old.deletedAt > 0 ? old.deletedAt : entry.at;
  replaceRecord(state, old, { ...marked, deletedAt, released, position, specPosition: position });
  if (old.kind === 'Namespace') removeNamespaceIfEmpty(state, old.name, position);
}

function evolveReleased(state: ObjectsState, entry: EntryOf<'ObjectReleased'>, { position }: EntryPlace): void {
  const old = findRef(state, entry.data.ref);
  if (old === undefined) return;
  if (hasFinalizers(old)) replaceRecord(state, old, { ...old, released: true, position });
  else removeRecord(state, old, position);
}

function evolveStatus(state: ObjectsState, entry: EntryOf<'ServiceStatusDecided'>, { position }: EntryPlace): void {
  const old = findRef(state, entry.data.ref);
  if (old === undefined) return;
  const decided = state.texts.intern(JSON.stringify(entry.data.status));
  replaceRecord(state, old, { ...old, decided, position });
}

/** The mesh controller's own object: nobody else writes it. */
function evolveImport(state: ObjectsState, entry: EntryOf<'ServiceImportDecided'>, { position }: EntryPlace): void {
  const { object, gone } = entry.data;
  const old = state.table.get(object.kind, object.metadata.namespace ?? '', object.metadata.name);
  if (gone) {
    if (old !== undefined) removeRecord(state, old, position);
    return;
  }
  if (old === undefined) addRecord(state, createdRecord(object, position, entry, state));
  else replaceRecord(state, old, updatedRecord(old, object, position, entry.at, state));
}

function evolveProvisioningStatus(
  state: ObjectsState,
  entry: EntryOf<'ProvisioningStatusDecided'>,
  { position }: EntryPlace,
): void {
  const old = findRef(state, entry.data.ref);
  if (old === undefined) return;
  const decided = state.texts.intern(JSON.stringify(entry.data.status));
  const isOver = entry.data.status.phase === 'DELETED' && old.deletedAt > 0;
  const record = { ...old, decided, position, ...(isOver ? { meta: withoutOurFinalizer(old), released: true } : {}) };
  if (isOver && !hasFinalizers(record)) removeRecord(state, record, position);
  else replaceRecord(state, old, record);
}

/** The value of its priority class is taken when a workload is written, as in Kubernetes. */
function withPriority(state: ObjectsState, record: ObjectRecord, before: number): ObjectRecord {
  const { workload } = record;
  if (workload === undefined) return record;
  const priority = priorityIn(state, workload.facts.priorityClass, before);
  return priority === workload.priority ? record : { ...record, workload: { ...workload, priority } };
}

/** Most entries have no key; their fingerprint is never made. */
function rememberKey(
  state: ObjectsState,
  { actor, idem }: EntryOf<'ObjectCreated' | 'ObjectUpdated' | 'ObjectDeleted'>,
  position: Position,
  print: () => number,
  ref: ObjectRef,
): void {
  if (idem === undefined) return;
  remember(state.idempotency, idempotencyKey(actor, idem), { position, print: print(), ref });
}
