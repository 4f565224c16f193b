/**
 * Who may displace whom. Never for equals: in one queue only lower priorities leave. A workload of another queue leaves only if that
 * queue has more than its due: it borrows while this one stays within what it is sure of, or, where there are no quotas between
 * them, its share would stay the larger one.
 */
import type { WorkloadRecord } from '../state.js';
import { beyondOf } from './fair-order.js';
import { type QueueNode, borrowedAt } from './queue-tree.js';
import { type RoundContext, leafOf } from './round-context.js';

/** @param replicas that are to be placed. */
export function mayDisplace(
  context: RoundContext,
  workload: WorkloadRecord,
  replicas: number,
  victim: WorkloadRecord,
): boolean {
  const [mine, theirs] = [leafOf(context, workload), leafOf(context, victim)];
  const isLower = victim.terms.priority < workload.terms.priority;
  if (mine === theirs) return isLower && mine.record.withinQueue !== 'Never';
  const { reclaim } = mine.record;
  if (reclaim === 'Never') return false;
  const [mySide, theirSide] = sidesOf(mine, theirs);
  if (mySide.parent !== undefined && mySide.hasQuota) {
    return (isLower || reclaim === 'Any') && borrows(theirSide, workload) && staysWithin(mySide, workload, replicas);
  }
  const weight = mySide.record.weight;
  const grown = (beyondOf(mySide, context.capacity) + dominantOf(context, workload) * replicas) / weight;
  return isLower && beyondOf(theirSide, context.capacity) / theirSide.record.weight > grown;
}

/** The two queues that are compared: below the lowest queue that both are in, or the topmost ones. */
function sidesOf(mine: QueueNode, theirs: QueueNode): [QueueNode, QueueNode] {
  const [left, right] = [pathOf(mine), pathOf(theirs)];
  let depth = 0;
  while (left[depth] === right[depth]) depth++;
  return [left[depth] ?? mine, right[depth] ?? theirs];
}

function pathOf(node: QueueNode): QueueNode[] {
  const path: QueueNode[] = [];
  for (let at: QueueNode | undefined = node; at !== undefined; at = at.parent) path.unshift(at);
  return path;
}

const borrows = (node: QueueNode, { shape }: WorkloadRecord): boolean =>
  shape.request.columns.some((column) => borrowedAt(node, column) > 0);

const staysWithin = (node: QueueNode, { shape }: WorkloadRecord, replicas: number): boolean =>
  shape.request.columns.every(
    (column, index) =>
      node.limited[column] !== 1 ||
      (node.total[column] ?? 0) + (shape.request.amounts[index] ?? 0) * replicas <= (node.subtree[column] ?? 0),
  );

function dominantOf({ capacity }: RoundContext, { shape }: WorkloadRecord): number {
  let share = 0;
  shape.request.columns.forEach((column, index) => {
    const size = capacity[column] ?? 0;
    if (size > 0) share = Math.max(share, (shape.request.amounts[index] ?? 0) / size);
  });
  return share;
}
