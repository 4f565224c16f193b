/** From a record to the API object that a client gets. */
import type { ApiObject, ObjectMeta, ResourceList, StoredObject } from '@skyflow/contracts';
import { clusterStatus } from './cluster-status.js';
import { type ObjectRecord, readMeta } from './object-record.js';
import type { ClusterSights, ObjectsState } from './objects-state.js';
import type { ObjectTable } from './object-table.js';
import type { QueueBook } from './queue-book.js';
import { queueStatus } from './queue-status.js';
import { quotaStatus } from './quotas/quota-usage.js';
import type { UsageBook } from './quotas/usage-book.js';
import { type Liveness, timestamp, versionOf } from './sightings.js';
import { withQueue } from './workload-queue.js';
import { workloadStatus } from './workload-status.js';

/** What the status of an object depends on besides its record. */
export interface StatusBasis {
  readonly sights: ClusterSights;
  readonly placed: ReadonlyMap<string, ResourceList>;
  readonly tenants: ReadonlyMap<string, number>;
  readonly liveness: Liveness;
  readonly table: ObjectTable;
  readonly queues: QueueBook;
  readonly usage: UsageBook;
}

export const statusBasis = (state: ObjectsState, liveness: Liveness): StatusBasis => ({
  sights: state.sights,
  placed: state.placed,
  tenants: state.tenants,
  liveness,
  table: state.table,
  queues: state.queues,
  usage: state.usage,
});

/** The object with metadata, spec and derived status; the caller's own copy but for the shared node lists of clusters. */
export function apiObject(record: ObjectRecord, basis: StatusBasis): ApiObject & Record<string, unknown> {
  const status = derivedStatus(record, basis);
  const body = JSON.parse(record.body) as Record<string, unknown>;
  return {
    apiVersion: record.apiVersion,
    kind: record.kind,
    metadata: objectMeta(record, basis.sights),
    ...body,
    ...(status === undefined ? {} : { status }),
  };
}

/** The object as the log has it: without its status, and without what a version adds. */
export const storedObjectOf = (record: ObjectRecord): StoredObject => ({
  apiVersion: record.apiVersion,
  kind: record.kind,
  metadata: {
    name: record.name,
    ...(record.namespace === '' ? {} : { namespace: record.namespace }),
    uid: record.uid,
    ...(record.generation === 0 ? {} : { generation: record.generation }),
    creationTimestamp: record.creationTimestamp,
    ...readMeta(record),
  },
  ...(JSON.parse(record.body) as Record<string, unknown>),
});

/**
 * The object that a create of `object` answers with: the same as {@link apiObject} of its record, without the way through text.
 * Shares all below metadata and status with `object`.
 */
export function createdApiObject(
  object: StoredObject,
  record: ObjectRecord,
  basis: StatusBasis,
): ApiObject & Record<string, unknown> {
  const status = derivedStatus(record, basis);
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: versionOf(record, basis.sights) } as ObjectMeta,
    ...(status === undefined ? {} : { status }),
  };
}

function objectMeta(record: ObjectRecord, sights: ClusterSights): ObjectMeta {
  return {
    name: record.name,
    ...(record.namespace === '' ? {} : { namespace: record.namespace }),
    uid: record.uid,
    resourceVersion: versionOf(record, sights),
    ...(record.generation === 0 ? {} : { generation: record.generation }),
    creationTimestamp: record.creationTimestamp,
    ...(record.deletedAt === 0 ? {} : { deletionTimestamp: timestamp(record.deletedAt) }),
    ...readMeta(record),
    ...(record.managed === '' ? {} : { managedFields: JSON.parse(record.managed) as unknown[] }),
  };
}

/** Status as the log and the reader's liveness give it; undefined for kinds whose status is stored with them, or that have none. */
function derivedStatus(record: ObjectRecord, basis: StatusBasis): object | undefined {
  const { sights, placed, tenants, liveness, table, queues } = basis;
  if (record.workload !== undefined) {
    const status = workloadStatus(record, record.workload, sights, liveness);
    return withQueue(record, status, table, queues);
  }
  if (record.kind === 'ResourceQuota') return quotaStatus(record, basis);
  if (record.kind === 'Queue') return queueStatus(record, table, queues);
  if (record.kind === 'Cluster') {
    const held = { requests: placed.get(record.name) ?? {}, workloads: tenants.get(record.name) ?? 0 };
    return clusterStatus(record, sights.get(record.name), held, liveness);
  }
  if (record.decided !== '') return JSON.parse(record.decided) as object;
  if (record.kind === 'Namespace') return { phase: record.deletedAt > 0 ? 'Terminating' : 'Active' };
  return undefined;
}
