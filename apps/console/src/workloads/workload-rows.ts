/** The rows of the table of workloads: which are meant, and in which order. Made for a hundred thousand that change all the time. */
import type { Workload } from '../api/objects.js';

export type SortColumn = 'name' | 'namespace' | 'kind' | 'phase' | 'ready' | 'age';

export interface Order {
  column: SortColumn;
  descending: boolean;
}

export interface Choice {
  /** Words that must be in name, namespace or a label; `key=value` is a label. */
  text: string;
  /** Empty: all. */
  namespace: string;
  phase: string;
  /** Only what has a share on this cluster. */
  cluster?: string;
}

export const phaseOf = ({ metadata, status }: Workload): string =>
  metadata.deletionTimestamp === undefined ? (status?.phase ?? 'PENDING') : 'DELETING';

export const wantedOf = ({ status, spec }: Workload): number => status?.replicas ?? spec.replicas;

/** Running or done, of all that are wanted. */
export const readyOf = ({ status }: Workload): number => (status?.ready ?? 0) + (status?.succeeded ?? 0);

/** Text of an object that is searched, made once. */
const searched = new WeakMap<Workload, string>();
function searchedOf(workload: Workload): string {
  let text = searched.get(workload);
  if (text === undefined) {
    const { name, namespace = '', labels = {} } = workload.metadata;
    const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    text = ` ${[name, namespace, ...pairs].join(' ').toLowerCase()} `;
    searched.set(workload, text);
  }
  return text;
}

/** Whether a workload is meant. */
export function matcher({ text, namespace, phase, cluster }: Choice): (workload: Workload) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (word.includes('=') ? ` ${word} ` : word));
  return (workload) =>
    (namespace === '' || workload.metadata.namespace === namespace) &&
    (phase === '' || phaseOf(workload) === phase) &&
    (cluster === undefined || (workload.status?.clusters ?? []).some((share) => share.cluster === cluster)) &&
    words.every((word) => searchedOf(workload).includes(word));
}

type Compare = (one: Workload, other: Workload) => number;

/** Equal ones by name, namespace and uid, so that there is one order only. */
export function comparison({ column, descending }: Order): Compare {
  const by = COMPARISONS[column];
  const sign = descending ? -1 : 1;
  return (one, other) => sign * by(one, other) || byName(one, other);
}

const text = (one = '', other = ''): number => (one < other ? -1 : one > other ? 1 : 0);
const byName: Compare = ({ metadata: one }, { metadata: other }) =>
  text(one.name, other.name) || text(one.namespace, other.namespace) || text(one.uid, other.uid);
const share = (workload: Workload): number => readyOf(workload) / Math.max(1, wantedOf(workload));

const COMPARISONS: Readonly<Record<SortColumn, Compare>> = {
  name: byName,
  namespace: (one, other) => text(one.metadata.namespace, other.metadata.namespace),
  kind: (one, other) => text(one.kind, other.kind),
  phase: (one, other) => text(phaseOf(one), phaseOf(other)),
  ready: (one, other) => share(one) - share(other),
  // The youngest first: the smallest age.
  age: (one, other) => text(other.metadata.creationTimestamp, one.metadata.creationTimestamp),
};
