/** Between API objects as the log stores them and records of the read model. */
import { type ObjectRef, type Position, type RawEntry, type StoredObject, isWorkloadKind } from '@skyflow/contracts';
import { everythingSeen, workloadPhase } from './workload-phase.js';
import { type ObjectRecord, type WorkloadFacts, type WorkloadRecord, readMeta } from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import { nextTemplates } from './template-history.js';
import { workloadFacts } from './workload-facts.js';

/** Kinds whose status is made from the log and never stored. */
const DERIVED_STATUS: ReadonlySet<string> = new Set([
  'Job',
  'Deployment',
  'Cluster',
  'Namespace',
  'Service',
  'ServiceExport',
  'Link',
  'Queue',
  'ResourceQuota',
]);
export const hasDerivedStatus = (kind: string): boolean => DERIVED_STATUS.has(kind);

/** The caches that making a record uses. */
export type RecordCaches = Pick<ObjectsState, 'texts' | 'facts'>;

/** The record of a new object. */
export function createdRecord(
  object: StoredObject,
  position: Position,
  { at, actor }: Pick<RawEntry, 'at' | 'actor'>,
  caches: RecordCaches,
): ObjectRecord {
  const written = writtenFields(object, caches);
  const facts = factsOf(object, written.body, caches);
  return {
    apiVersion: caches.texts.intern(object.apiVersion),
    kind: caches.texts.intern(object.kind),
    namespace: caches.texts.intern(object.metadata.namespace ?? ''),
    name: object.metadata.name,
    uid: object.metadata.uid,
    creationTimestamp: caches.texts.intern(object.metadata.creationTimestamp),
    generation: object.metadata.generation ?? 0,
    position,
    specPosition: position,
    deletedAt: 0,
    released: false,
    ...written,
    decided: '',
    workload: facts && newWorkload(facts, at, position, caches.texts.intern(actor)),
    observation: undefined,
  };
}

/** The record of a new object as far as its status needs it: without the texts. */
export function answeredRecord(object: StoredObject, position: Position, at: number): ObjectRecord {
  const facts = workloadFacts(object);
  const { finalizers } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    uid: object.metadata.uid,
    creationTimestamp: object.metadata.creationTimestamp,
    generation: object.metadata.generation ?? 0,
    position,
    specPosition: position,
    deletedAt: 0,
    released: false,
    meta: finalizers === undefined ? '' : JSON.stringify({ finalizers }),
    managed: '',
    body: '',
    decided: '',
    workload: facts && newWorkload(facts, at, position, ''),
    observation: undefined,
  };
}

/** The record after a user changed it. */
export function updatedRecord(
  old: ObjectRecord,
  object: StoredObject,
  position: Position,
  at: number,
  caches: RecordCaches,
): ObjectRecord {
  const written = writtenFields(object, caches);
  const facts = factsOf(object, written.body, caches);
  const generation = object.metadata.generation ?? old.generation;
  const updated = { ...old, ...written, generation, position, specPosition: position };
  if (facts === undefined) return updated;
  const templates =
    old.kind === 'Deployment' && written.body !== old.body
      ? nextTemplates(old, object, at, caches.texts)
      : old.workload?.templates;
  const workload =
    old.workload === undefined
      ? newWorkload(facts, at, position, '')
      : { ...old.workload, facts, ...(templates !== undefined && { templates }) };
  return { ...updated, workload: withPhase(workload, generation, at) };
}

/** The workload with its phase by the log computed anew; `phaseAt` moves only when the phase does. */
export function withPhase(workload: WorkloadRecord, generation: number, at: number): WorkloadRecord {
  const { phase } = workloadPhase(workload, generation, everythingSeen);
  return phase === workload.phase ? workload : { ...workload, phase, phaseAt: at };
}

export const refOf = (record: ObjectRecord): ObjectRef => ({
  kind: record.kind,
  ...(record.namespace === '' ? {} : { namespace: record.namespace }),
  name: record.name,
  uid: record.uid,
});

/** The object as the log has it; the status that the log's other entries tell is not in it. */
export const storedObjectOf = (record: ObjectRecord): StoredObject => ({
  apiVersion: record.apiVersion,
  kind: record.kind,
  metadata: {
    name: record.name,
    ...(record.namespace === '' ? {} : { namespace: record.namespace }),
    uid: record.uid,
    creationTimestamp: record.creationTimestamp,
    ...(record.generation === 0 ? {} : { generation: record.generation }),
    ...readMeta(record),
    ...(record.managed === '' ? {} : { managedFields: JSON.parse(record.managed) as unknown[] }),
  },
  ...(JSON.parse(record.body) as object),
});

/** JSON texts of what the user wrote. */
export function writtenFields(
  object: StoredObject,
  { texts }: Pick<RecordCaches, 'texts'>,
): Pick<ObjectRecord, 'meta' | 'managed' | 'body'> {
  const { apiVersion: _apiVersion, kind, metadata, status, ...rest } = object;
  const {
    name: _name,
    namespace: _namespace,
    uid: _uid,
    creationTimestamp: _created,
    generation: _generation,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    resourceVersion: _version,
    managedFields,
    ...open
  } = metadata as Record<string, unknown>;
  const body = status === undefined || hasDerivedStatus(kind) ? rest : { ...rest, status };
  const meta = JSON.stringify(open);
  return {
    meta: meta === '{}' ? '' : texts.intern(meta),
    managed:
      Array.isArray(managedFields) && managedFields.length > 0 ? texts.intern(JSON.stringify(managedFields)) : '',
    body: texts.intern(JSON.stringify(body)),
  };
}

const newWorkload = (facts: WorkloadFacts, at: number, position: Position, createdBy: string): WorkloadRecord => ({
  facts,
  decision: undefined,
  shares: [],
  phase: 'PENDING',
  phaseAt: at,
  startedAt: 0,
  priority: 0,
  createdPosition: position,
  createdBy,
});

function factsOf(object: StoredObject, body: string, { facts }: RecordCaches): WorkloadFacts | undefined {
  if (!isWorkloadKind(object.kind)) return undefined;
  const known = facts[object.kind].get(body);
  if (known !== undefined) return known;
  const made = workloadFacts(object);
  if (made !== undefined) facts[object.kind].set(body, made);
  return made;
}
