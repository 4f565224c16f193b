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

export function chosen(workloads: readonly Workload[], { text, namespace, phase }: Choice): Workload[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (word.includes('=') ? ` ${word} ` : word));
  return workloads.filter(
    (workload) =>
      (namespace === '' || workload.metadata.namespace === namespace) &&
      (phase === '' || phaseOf(workload) === phase) &&
      words.every((word) => searchedOf(workload).includes(word)),
  );
}

/**
 * In order, equal ones by namespace and name. What was in order before is put back first, so that sorting again after a few changes
 * costs little more than looking (sorting takes runs as they are).
 */
export function ordered(workloads: readonly Workload[], order: Order, before: readonly Workload[] = []): Workload[] {
  const byUid = new Map(workloads.map((workload) => [workload.metadata.uid, workload]));
  const again: Workload[] = [];
  for (const { metadata } of before) {
    const workload = byUid.get(metadata.uid);
    if (workload === undefined) continue;
    again.push(workload);
    byUid.delete(metadata.uid);
  }
  again.push(...byUid.values());
  return again.sort(comparison(order));
}

type Compare = (one: Workload, other: Workload) => number;

function comparison({ column, descending }: Order): Compare {
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

/** What there is to choose from. */
export function namespacesOf(workloads: readonly Workload[]): string[] {
  return [...new Set(workloads.map(({ metadata }) => metadata.namespace ?? ''))].sort();
}

/** How many there are of each phase. */
export function phasesOf(workloads: readonly Workload[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const workload of workloads) {
    const phase = phaseOf(workload);
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return new Map([...counts].sort(([one], [other]) => text(one, other)));
}
