/** What differs between two moments: objects that came, went, or are otherwise. */
import type { ApiObject, Cluster } from '@skyflow/contracts';
import { type HeldKind, type Workload, keyOf } from '../api/objects.js';

type Comparable = Pick<ApiObject, 'kind' | 'metadata'> & { spec?: unknown; status?: unknown };

export interface Difference {
  kind: HeldKind;
  key: string;
  what: 'came' | 'went' | 'changed';
  before: string;
  after: string;
}

/** Of workloads, those that are told. */
export const MOST_DIFFERENCES = 500;

/** Of one kind. */
export function differences(kind: HeldKind, before: readonly Comparable[], after: readonly Comparable[]): Difference[] {
  const old = new Map(before.map((object) => [keyOf(object), object]));
  const found: Difference[] = [];
  for (const object of after) {
    const key = keyOf(object);
    const was = old.get(key);
    old.delete(key);
    const [left, right] = [was === undefined ? '' : summary(was), summary(object)];
    if (was === undefined) found.push({ kind, key, what: 'came', before: '', after: right });
    else if (left !== right) found.push({ kind, key, what: 'changed', before: left, after: right });
  }
  for (const [key, object] of old) found.push({ kind, key, what: 'went', before: summary(object), after: '' });
  return found.sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** What counts of an object, in a line. */
function summary(object: Comparable): string {
  if (object.kind === 'Job' || object.kind === 'Deployment') return workloadSummary(object as unknown as Workload);
  if (object.kind === 'Cluster') return clusterSummary(object as unknown as Cluster);
  return JSON.stringify(object.spec ?? {});
}

function workloadSummary({ status, spec }: Workload): string {
  const shares = (status?.clusters ?? []).map(({ cluster, replicas, ready }) => `${cluster} ${ready}/${replicas}`);
  const waiting = (status?.replicas ?? spec.replicas) - (status?.placed ?? 0);
  return [status?.phase ?? 'PENDING', ...shares, ...(waiting > 0 ? [`${waiting} waiting`] : [])].join(', ');
}

function clusterSummary({ status, spec, metadata }: Cluster): string {
  const ready = (status?.nodes ?? []).filter((node) => node.ready).length;
  return [
    metadata.deletionTimestamp === undefined ? (status?.phase ?? 'INIT') : 'DELETING',
    ...(spec.unschedulable === true ? [spec.drain === undefined ? 'cordoned' : 'draining'] : []),
    `${ready} nodes`,
  ].join(', ');
}
