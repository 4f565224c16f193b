/** The three ways in which the fold changes the read model; sums and watch events follow from them. */
import type { ObjectRef, Position, ResourceList } from '@skyflow/contracts';
import { isShareFinished } from './workload-phase.js';
import type { ObjectRecord, ShareRecord } from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import { chargedPods } from './quotas/usage-book.js';

const QUOTA = 'ResourceQuota';

/** The object that `ref` names, unless it is gone or another of the same name took its place. */
export function findRef(state: ObjectsState, ref: ObjectRef): ObjectRecord | undefined {
  const record = state.table.get(ref.kind, ref.namespace ?? '', ref.name);
  return record?.uid === ref.uid ? record : undefined;
}

export function addRecord(state: ObjectsState, record: ObjectRecord): void {
  state.table.put(record);
  state.owned.add(record);
  count(state, record, 1);
  state.changes?.push({
    type: 'ADDED',
    position: record.position,
    record,
    previous: undefined,
    sights: state.sights,
  });
}

export function replaceRecord(state: ObjectsState, previous: ObjectRecord, record: ObjectRecord): void {
  state.table.put(record);
  if (previous.meta !== record.meta) {
    state.owned.remove(previous);
    state.owned.add(record);
  }
  if (previous.workload !== record.workload || previous.deletedAt !== record.deletedAt) {
    count(state, previous, -1);
    count(state, record, 1);
    if (hasQuotas(state, record.namespace) && charge(previous) !== charge(record)) {
      touchQuotas(state, record, record.position);
    }
  }
  state.changes?.push({ type: 'MODIFIED', position: record.position, record, previous, sights: state.sights });
}

/** Removes it; and its namespace with it, if that is terminating and was waiting for nothing else. */
export function removeRecord(state: ObjectsState, previous: ObjectRecord, position: Position): void {
  state.table.remove(previous.kind, previous.namespace, previous.name);
  state.owned.remove(previous);
  count(state, previous, -1);
  if (previous.kind === 'Cluster') forgetCluster(state, previous.name);
  const record = { ...previous, position, specPosition: position };
  state.changes?.push({ type: 'DELETED', position, record, previous, sights: state.sights });
  touchQuotas(state, previous, position);
  if (previous.namespace !== '') removeNamespaceIfEmpty(state, previous.namespace, position);
}

export function removeNamespaceIfEmpty(state: ObjectsState, name: string, position: Position): void {
  const namespace = state.table.get('Namespace', '', name);
  if (namespace === undefined || namespace.deletedAt === 0 || state.table.countIn(name) > 0) return;
  removeRecord(state, namespace, position);
}

/** The status of its namespace's quotas has changed by what became of an object. */
export function touchQuotas(state: ObjectsState, { kind, namespace }: ObjectRecord, position: Position): void {
  if (namespace === '' || kind === QUOTA || !hasQuotas(state, namespace)) return;
  for (const previous of [...state.table.ordered(QUOTA, namespace)]) {
    const record = { ...previous, position };
    state.table.put(record);
    state.changes?.push({ type: 'MODIFIED', position, record, previous, sights: state.sights });
  }
}

const hasQuotas = ({ table }: ObjectsState, namespace: string): boolean => table.count(QUOTA, namespace) > 0;

/** The same as long as a quota counts the same. */
const charge = (record: ObjectRecord): string =>
  record.workload === undefined
    ? ''
    : JSON.stringify([
        chargedPods(record, heldPods(record)),
        record.workload.facts.requests,
        record.workload.facts.limits,
      ]);

/** Replicas that it has on clusters. */
export const heldPods = (record: ObjectRecord): number =>
  record.workload?.shares.reduce((sum, share) => sum + shareRequests(record, share), 0) ?? 0;

/** What a share holds of its cluster: nothing once it has finished; what leaves, as long as it stays. */
export function shareRequests(record: ObjectRecord, share: ShareRecord): number {
  return isShareFinished(record, share) ? 0 : share.leaving + (share.placed ? share.replicas : 0);
}

function forgetCluster(state: ObjectsState, name: string): void {
  if (state.changes !== undefined) state.sights = new Map(state.sights);
  state.sights.delete(name);
}

/** Adds (or takes away) what the workload holds to the sums of its clusters. */
function count(state: ObjectsState, record: ObjectRecord, sign: 1 | -1): void {
  const { workload } = record;
  if (workload === undefined) return;
  let held = 0;
  for (const share of workload.shares) {
    if (!isShareFinished(record, share)) addTenant(state, share.cluster, sign);
    const pods = shareRequests(record, share) * sign;
    if (pods === 0) continue;
    held += pods;
    let sums = state.placed.get(share.cluster);
    if (sums === undefined) state.placed.set(share.cluster, (sums = {}));
    addTo(sums, workload.facts.requests, pods);
  }
  state.queues.count(record, held * sign, sign);
  state.usage.count(record, Math.abs(held), sign);
}

function addTenant({ tenants }: ObjectsState, cluster: string, sign: 1 | -1): void {
  const count = (tenants.get(cluster) ?? 0) + sign;
  if (count === 0) tenants.delete(cluster);
  else tenants.set(cluster, count);
}

function addTo(sums: ResourceList, requests: ResourceList, pods: number): void {
  for (const resource of Object.keys(requests)) {
    sums[resource] = (sums[resource] ?? 0) + (requests[resource] ?? 0) * pods;
  }
}
