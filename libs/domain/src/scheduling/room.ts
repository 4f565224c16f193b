/**
 * Room on the nodes of one cluster, as a matrix. SkyFlow does not choose nodes; it packs its replicas on paper, so that what it
 * gives a cluster fits node by node and not only in sum. On paper each replica goes to the node that it leaves least
 * allocated, as kube-scheduler's default (LeastAllocated) would have it.
 */
import type { NodeObservation, ResourceList } from '@skyflow/contracts';
import { type NodeTraits, isTainted } from './node-rules.js';
import { type ResourceColumns, columnOf } from './resource-columns.js';

/** Pods per node where a node does not say: the kubelet's default. */
const DEFAULT_MAX_PODS = 110;

/** What does not change while replicas come and go. */
export interface NodeLayout {
  /** Usable nodes (ready, schedulable), sorted by name. */
  nodes: readonly NodeTraits[];
  /** Columns per node. */
  stride: number;
  /** Row by node. */
  allocatable: Float64Array;
  totalAllocatable: Float64Array;
  /** Whether any node keeps ordinary pods away. */
  tainted: boolean;
}

export interface Room {
  layout: NodeLayout;
  /** Row by node: allocatable less what others request less what is packed here. Negative: over-committed. */
  free: Float64Array;
  totalFree: Float64Array;
}

/** What one replica needs: parallel lists. Always asks for one pod. */
export interface Request {
  columns: readonly number[];
  amounts: readonly number[];
}

/** Nodes that may be used, by node number; undefined: all. */
export type NodeMask = Uint8Array | undefined;

/** Replicas on paper: node number, count, node number, count, … */
export type Packing = number[];

/** The room of a cluster with nothing of SkyFlow's on it. */
export function emptyRoom(observed: readonly NodeObservation[], columns: ResourceColumns): Room {
  const usable = observed
    .filter((node) => node.ready && node.unschedulable !== true)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { allocatable } of usable) for (const resource of Object.keys(allocatable)) columnOf(columns, resource);
  columnOf(columns, 'pods');
  const stride = columns.names.length;
  const allocatable = new Float64Array(usable.length * stride);
  const free = new Float64Array(usable.length * stride);
  usable.forEach((node, index) => {
    columns.names.forEach((resource, column) => {
      const amount = node.allocatable[resource] ?? (resource === 'pods' ? DEFAULT_MAX_PODS : 0);
      allocatable[index * stride + column] = amount;
      free[index * stride + column] = amount - (node.requestedByOthers[resource] ?? 0);
    });
  });
  const nodes = usable.map(({ name, labels, taints }) => ({ name, labels, taints }));
  return {
    layout: { nodes, stride, allocatable, totalAllocatable: sums(allocatable, stride), tainted: nodes.some(isTainted) },
    free,
    totalFree: sums(free, stride),
  };
}

/** A copy to plan on. */
export const copyRoom = (room: Room): Room => ({
  layout: room.layout,
  free: room.free.slice(),
  totalFree: room.totalFree.slice(),
});

export const requestOf = (requests: ResourceList, columns: ResourceColumns): Request => {
  const sorted = Object.entries(requests).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    columns: sorted.map(([resource]) => columnOf(columns, resource)),
    amounts: sorted.map(([, amount]) => amount),
  };
};

/** Replicas that fit in what is free. */
export function countFits(room: Room, request: Request, mask: NodeMask): number {
  return countIn(room.free, room.layout, request, mask);
}

/** Replicas that are counted at most where each has to be tried. */
const MOST_TRIED = 100;

/** What others may have of a cluster beside room that is kept from them. */
export interface Beside {
  /** As the cluster's own scheduler sees it. */
  seen: Room;
  /** What is left of it beside the room that is kept. */
  left: Room;
  /** Nodes on which nothing may be put at all. */
  kept: ReadonlySet<number>;
}

/** Replicas that fit, as the cluster's scheduler would place them one by one, until it would put one where room is kept. */
export function countFitsBeside({ seen, left, kept }: Beside, request: Request, mask: NodeMask): number {
  const { stride } = seen.layout;
  let [trial, beside] = [seen, left];
  let fits = 0;
  for (; fits < MOST_TRIED; fits++) {
    const node = bestNode(trial, request, mask);
    if (node < 0 || kept.has(node)) return fits;
    if (fitsOnNode(trial.free, node * stride, stride, request) === 0) return fits;
    if (fitsOnNode(beside.free, node * stride, stride, request) === 0) return fits;
    // Most often the first finds no place: then nothing is copied.
    if (fits === 0) [trial, beside] = [copyRoom(seen), copyRoom(left)];
    take(trial, request, node, 1);
    take(beside, request, node, 1);
  }
  return fits;
}

/** Replicas that would fit if the nodes were empty. */
export function countFitsWhenEmpty(layout: NodeLayout, request: Request, mask: NodeMask): number {
  return countIn(layout.allocatable, layout, request, mask);
}

/** Replicas that would fit on one node if it were empty. */
export const fitsOnEmptyNode = ({ allocatable, stride }: NodeLayout, request: Request, node: number): number =>
  fitsOnNode(allocatable, node * stride, stride, request);

/** Free share of the scarcest requested resource on a node after one more replica; negative: so much is lacking. */
export function leftOnNode({ layout, free }: Room, request: Request, node: number): number {
  const { stride, allocatable } = layout;
  let share = 1;
  for (let i = 0; i < request.columns.length; i++) {
    const column = request.columns[i] ?? 0;
    const size = column < stride ? (allocatable[node * stride + column] ?? 0) : 0;
    const left = (column < stride ? (free[node * stride + column] ?? 0) : 0) - (request.amounts[i] ?? 0);
    share = Math.min(share, left / Math.max(size, 1));
  }
  return share;
}

/**
 * Packs replicas, each on the admitted node that it leaves least allocated; when none has room, on that node all the same
 * (what was placed stays placed when a cluster shrinks). With no admitted node the packing is empty.
 */
export function pack(room: Room, request: Request, replicas: number, mask: NodeMask): Packing {
  const packing: Packing = [];
  for (let placed = 0; placed < replicas; placed++) {
    const node = bestNode(room, request, mask);
    if (node < 0) break;
    take(room, request, node, 1);
    const last = packing.length - 2;
    if (packing[last] === node) packing[last + 1] = (packing[last + 1] ?? 0) + 1;
    else packing.push(node, 1);
  }
  return packing;
}

/** Takes the room of a packing that was made before, on the same nodes. */
export function repeatPacking(room: Room, request: Request, packing: Packing): void {
  for (let i = 0; i < packing.length; i += 2) take(room, request, packing[i] ?? 0, packing[i + 1] ?? 0);
}

/** Gives back up to `replicas` of a packing, the last packed first, and shortens it. */
export function unpack(room: Room, request: Request, packing: Packing, replicas: number): void {
  let left = replicas;
  while (left > 0 && packing.length > 0) {
    const count = packing[packing.length - 1] ?? 0;
    const node = packing[packing.length - 2] ?? 0;
    const back = Math.min(count, left);
    take(room, request, node, -back);
    if (back === count) packing.length -= 2;
    else packing[packing.length - 1] = count - back;
    left -= back;
  }
}

function countIn(amounts: Float64Array, layout: NodeLayout, request: Request, mask: NodeMask): number {
  let total = 0;
  for (let node = 0; node < layout.nodes.length; node++) {
    if (mask !== undefined && mask[node] === 0) continue;
    total += fitsOnNode(amounts, node * layout.stride, layout.stride, request);
  }
  return total;
}

function fitsOnNode(amounts: Float64Array, row: number, stride: number, { columns, amounts: needs }: Request): number {
  let fits = Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] ?? 0;
    const need = needs[i] ?? 0;
    if (column >= stride) return 0;
    const has = amounts[row + column] ?? 0;
    if (has < need) return 0;
    fits = Math.min(fits, Math.floor(has / need));
  }
  return fits;
}

/** The node whose scarcest requested resource has the largest free share afterwards; one with room before any without. */
function bestNode(room: Room, request: Request, mask: NodeMask): number {
  const { nodes } = room.layout;
  let best = -1;
  let bestShare = Number.NEGATIVE_INFINITY;
  for (let node = 0; node < nodes.length; node++) {
    if (mask !== undefined && mask[node] === 0) continue;
    const share = leftOnNode(room, request, node);
    if (best < 0 || share > bestShare) {
      best = node;
      bestShare = share;
    }
  }
  return best;
}

function take(room: Room, request: Request, node: number, replicas: number): void {
  const { stride } = room.layout;
  for (let i = 0; i < request.columns.length; i++) {
    const column = request.columns[i] ?? 0;
    if (column >= stride) continue;
    const amount = (request.amounts[i] ?? 0) * replicas;
    room.free[node * stride + column] = (room.free[node * stride + column] ?? 0) - amount;
    room.totalFree[column] = (room.totalFree[column] ?? 0) - amount;
  }
}

function sums(matrix: Float64Array, stride: number): Float64Array {
  const totals = new Float64Array(stride);
  matrix.forEach((amount, index) => {
    totals[index % stride] = (totals[index % stride] ?? 0) + amount;
  });
  return totals;
}
