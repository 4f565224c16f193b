/**
 * The clusters as one round sees them: sorted by name, with the state's room copied for a cluster only when the round
 * first reserves on it. The state itself is not touched.
 */
import { type NodeMask, type Packing, type Room, copyRoom, pack, repeatPacking, unpack } from './room.js';
import { type Shape, maskOf } from './shape.js';
import type { ClusterRecord, SchedulingState } from './state.js';

export interface RoundCluster {
  /** Position in the table. */
  index: number;
  record: ClusterRecord;
  room: Room;
  copied: boolean;
  /**
   * Where room is kept or claimed for somebody: the room as the cluster will see it, who knows nothing of that, and the nodes that must
   * stay free whatever is left on them.
   */
  beside?: { room: Room; kept: Set<number> } | undefined;
}

export interface RoundTable {
  clusters: readonly RoundCluster[];
  /** Positions of the clusters that were reserved on, in order: what was worked out of them before is stale. */
  reservations: number[];
  /** What was reserved since it was set, to be given back if it comes to nothing. */
  journal?: Reservation[] | undefined;
}

export interface Reservation {
  cluster: RoundCluster;
  shape: Shape;
  replicas: number;
  packing: Packing;
  /** Room that is kept or claimed: the cluster knows nothing of it. */
  aside?: boolean;
}

export const roundTable = (state: SchedulingState): RoundTable => ({
  clusters: [...state.clusters.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((record, index) => ({ index, record, room: record.room, copied: false })),
  reservations: [],
});

/** Takes room for replicas of a shape, for the rest of the round, on the nodes where the cluster will put them. */
export function reserve(table: RoundTable, cluster: RoundCluster, shape: Shape, replicas: number): Packing {
  copyOnce(cluster);
  const { room, beside } = cluster;
  table.reservations.push(cluster.index);
  const packing = pack(beside?.room ?? room, shape.request, replicas, maskOf(shape, room.layout));
  if (beside !== undefined) repeatPacking(room, shape.request, packing);
  table.journal?.push({ cluster, shape, replicas, packing });
  return packing;
}

/** Keeps room for later on nodes of the mask, for the rest of the round: others get what their cluster would not put there. */
export function keep(table: RoundTable, cluster: RoundCluster, shape: Shape, replicas: number, mask: NodeMask): void {
  const { kept } = besideOf(cluster);
  const packing = pack(cluster.room, shape.request, replicas, mask);
  table.reservations.push(cluster.index);
  for (let at = 0; at < packing.length; at += 2) kept.add(packing[at] ?? 0);
}

/** Claims room on the nodes of a packing: others get what their cluster would put where there is room beside it. */
export function claim(
  table: RoundTable,
  cluster: RoundCluster,
  shape: Shape,
  replicas: number,
  packing: Packing,
): Reservation {
  besideOf(cluster);
  repeatPacking(cluster.room, shape.request, packing);
  table.reservations.push(cluster.index);
  return { cluster, shape, replicas, packing, aside: true };
}

/** Gives room back that was reserved or claimed in this round. */
export function giveBack(table: RoundTable, { cluster, shape, replicas, packing, aside }: Reservation): void {
  unpack(cluster.room, shape.request, [...packing], replicas);
  if (aside !== true && cluster.beside !== undefined)
    unpack(cluster.beside.room, shape.request, [...packing], replicas);
  table.reservations.push(cluster.index);
}

function besideOf(cluster: RoundCluster): { room: Room; kept: Set<number> } {
  copyOnce(cluster);
  return (cluster.beside ??= { room: copyRoom(cluster.room), kept: new Set() });
}

function copyOnce(cluster: RoundCluster): void {
  if (cluster.copied) return;
  cluster.room = copyRoom(cluster.room);
  cluster.copied = true;
}
