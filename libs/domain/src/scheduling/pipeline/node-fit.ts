/** Filter NodeFit: replicas that fit, node by node, in what is free there. */
import { humanAmount } from '../../resources/format.js';
import { Reason } from '../reasons.js';
import { type NodeMask, countFits, countFitsBeside } from '../room.js';
import type { RoundCluster } from '../round-table.js';
import type { Shape } from '../shape.js';
import type { RoomFilter } from './plugin.js';

export const nodeFit: RoomFilter = {
  name: 'NodeFit',
  fits: (shape, { room, beside }, mask) => {
    const fits = countFits(room, shape.request, mask);
    return beside === undefined || fits === 0
      ? fits
      : Math.min(fits, countFitsBeside({ seen: beside.room, left: room, kept: beside.kept }, shape.request, mask));
  },
  explain: (shape, cluster, mask) => {
    const { nodes } = cluster.room.layout;
    if (nodes.length === 0) {
      return { reason: Reason.NO_USABLE_NODE, message: 'no node of the cluster is ready and schedulable' };
    }
    if (mask !== undefined && !mask.includes(1)) {
      return {
        reason: Reason.NO_NODE_MATCHES,
        message: `none of ${nodes.length} nodes matches the node selector, affinity and tolerations of the pods`,
      };
    }
    const message = keptForOthers(shape, cluster, mask) ?? shortage(shape, cluster, mask);
    return { reason: Reason.INSUFFICIENT_RESOURCES, message };
  },
};

/** Undefined: it would not fit if nothing were kept either. */
function keptForOthers(shape: Shape, { room, beside }: RoundCluster, mask: NodeMask): string | undefined {
  if (beside === undefined) return undefined;
  if (countFits(room, shape.request, mask) > 0) {
    return 'the cluster would put it on a node whose room is kept for another workload that waits';
  }
  const free = countFits(beside.room, shape.request, mask);
  return free > 0 ? `room for ${String(free)} is free and kept for another workload that waits` : undefined;
}

/** By what is free, whoever it is kept for. */
function shortage(shape: Shape, cluster: RoundCluster, mask: NodeMask): string {
  const { room } = cluster.beside ?? cluster;
  const short = Object.entries(shape.requests).flatMap(([resource, need]) => {
    const column = shape.request.columns[Object.keys(shape.requests).indexOf(resource)] ?? 0;
    const most = largest(room.free, room.layout.stride, column, mask);
    if (most >= need) return [];
    if (resource === 'pods') return ['no node can take another pod'];
    return [
      `needs ${humanAmount(resource, need)} ${resource} per replica, the largest node has ${humanAmount(resource, most)} free`,
    ];
  });
  if (short.length > 0) return short.join('; ');
  const together = Object.entries(shape.requests)
    .filter(([resource]) => resource !== 'pods')
    .map(([resource, need]) => `${humanAmount(resource, need)} ${resource}`);
  return `no single node has ${together.join(' and ')} free together`;
}

/** The largest amount of a resource on one admitted node; never negative. */
export function largest(amounts: Float64Array, stride: number, column: number, mask: NodeMask): number {
  let most = 0;
  if (column >= stride) return most;
  for (let node = 0; node * stride < amounts.length; node++) {
    if (mask === undefined || mask[node] === 1) most = Math.max(most, amounts[node * stride + column] ?? 0);
  }
  return most;
}
