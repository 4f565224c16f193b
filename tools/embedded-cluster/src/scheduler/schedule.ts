/**
 * One pod, one decision: the node that is least allocated after taking it (kube-scheduler's NodeResourcesFit LeastAllocated,
 * ties by name), or why there is none. Never over-commits: what the view shows as bound is counted.
 */
import { addResources, parseResourceList } from '@skyflow/domain';
import { isFinished } from '../model/pod-facts.js';
import { requestsOf } from '../model/pod-requests.js';
import type { Node, Pod } from '../model/pod.js';
import type { ClusterView } from '../controllers/reconcile.js';
import { type NodeRoom, refusals } from './node-fit.js';

export type SchedulingDecision = { node: string } | { message: string };

export function schedule(pod: Pod, rooms: readonly NodeRoom[]): SchedulingDecision {
  if (rooms.length === 0) return { message: 'no nodes available to schedule pods' };
  const counts = new Map<string, number>();
  let best: { name: string; score: number } | undefined;
  for (const room of rooms) {
    const reasons = refusals(pod, room);
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (reasons.length > 0) continue;
    const { name } = room.node.metadata;
    const score = leastAllocated(pod, room);
    if (best === undefined || score > best.score || (score === best.score && name < best.name)) best = { name, score };
  }
  return best === undefined ? { message: refusalMessage(rooms.length, counts) } : { node: best.name };
}

/** `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.` plus what preemption found (never anything). */
function refusalMessage(nodes: number, counts: ReadonlyMap<string, number>): string {
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const preemption = `no new claims to deallocate, preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`;
  return `0/${nodes} nodes are available: ${reasons.join(', ')}. ${preemption}`;
}

/**
 * Of a pod that no node can take, for a reason that is not about nodes. The last words are kube-scheduler's: its plugin for resource claims
 * does not find what it would have noted, had it been asked before.
 */
export const refusedAtOnce = (reason: string, nodes: number): SchedulingDecision => ({
  message: `0/${nodes} nodes are available: ${reason}. not found`,
});

/** Mean free share of cpu and memory after placing the pod, 0 to 100. */
function leastAllocated(pod: Pod, { allocatable, requested }: NodeRoom): number {
  const after = addResources(requested, requestsOf(pod));
  const share = (resource: string): number => {
    const total = allocatable[resource] ?? 0;
    return total === 0 ? 0 : Math.max(0, total - (after[resource] ?? 0)) / total;
  };
  return 50 * (share('cpu') + share('memory'));
}

export function roomOn(view: ClusterView, node: Node): NodeRoom {
  const requested = view
    .podsOnNode(node.metadata.name)
    .filter((pod) => !isFinished(pod))
    .reduce((sum, pod) => addResources(sum, requestsOf(pod)), {});
  return { node, allocatable: parseResourceList(node.status?.allocatable ?? node.status?.capacity), requested };
}
