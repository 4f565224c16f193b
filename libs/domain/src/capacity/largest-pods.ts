/** The largest pods that still fit: sums over a cluster say nothing of that, its nodes do. */
import type { ClusterNodeStatus, LargestPod, ResourceList } from '@skyflow/contracts';

/** What most pods are limited by, first. */
const FIRST = ['cpu', 'memory'];
const MOST = 4;

/**
 * For cpu, memory and each extended resource that a node has free: the node with most of it free, and all that is free there. Nodes that
 * take no pods without tolerations do not count. Equal ones are shown once.
 */
export function largestPods(nodes: readonly ClusterNodeStatus[]): LargestPod[] {
  const open = nodes.filter(takesPods);
  const found = new Map<string, LargestPod>();
  for (const resource of resourcesOf(open)) {
    const best = open.reduce<ClusterNodeStatus | undefined>(
      (most, node) => (most === undefined || isLarger(node, most, resource) ? node : most),
      undefined,
    );
    if (best === undefined || amount(best.free, resource) === 0) continue;
    const { pods: _pods, ...free } = best.free;
    found.set(JSON.stringify(free), found.get(JSON.stringify(free)) ?? { node: best.name, free });
  }
  return [...found.values()].slice(0, MOST);
}

const takesPods = ({ ready, unschedulable, taints = [], free }: ClusterNodeStatus): boolean =>
  ready &&
  unschedulable !== true &&
  (free.pods ?? 1) >= 1 &&
  taints.every(({ effect }) => effect === 'PreferNoSchedule');

function resourcesOf(nodes: readonly ClusterNodeStatus[]): string[] {
  const extended = new Set(nodes.flatMap(({ free }) => Object.keys(free).filter((name) => name.includes('/'))));
  return [...FIRST, ...[...extended].sort()];
}

/** More of the resource; of equal ones more of what pods are limited by, then the first by name. */
function isLarger(a: ClusterNodeStatus, b: ClusterNodeStatus, resource: string): boolean {
  for (const each of [resource, ...FIRST]) {
    if (amount(a.free, each) !== amount(b.free, each)) return amount(a.free, each) > amount(b.free, each);
  }
  return a.name < b.name;
}

const amount = (list: ResourceList, resource: string): number => list[resource] ?? 0;
