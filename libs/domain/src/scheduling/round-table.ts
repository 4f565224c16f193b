/**
 * The clusters as one round sees them: sorted by name, with the state's room copied for a cluster only when the round
 * first reserves on it. The state itself is not touched.
 */
import { type NodeMask, type Packing, type Room, copyRoom, pack, unpack } from './room.js';
import { type Shape, maskOf } from './shape.js';
import type { ClusterRecord, SchedulingState } from './state.js';

export interface RoundCluster {
  /** Position in the table. */
  index: number;
  record: ClusterRecord;
  room: Room;
  copied: boolean;
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
}

export const roundTable = (state: SchedulingState): RoundTable => ({
  clusters: [...state.clusters.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((record, index) => ({ index, record, room: record.room, copied: false })),
  reservations: [],
});

/** Takes room for replicas of a shape, for the rest of the round; on nodes of the mask, if there is one, or wherever it may be. */
export function reserve(
  table: RoundTable,
  cluster: RoundCluster,
  shape: Shape,
  replicas: number,
  mask?: NodeMask,
): Packing {
  if (!cluster.copied) {
    cluster.room = copyRoom(cluster.room);
    cluster.copied = true;
  }
  table.reservations.push(cluster.index);
  const packing = pack(cluster.room, shape.request, replicas, mask ?? maskOf(shape, cluster.room.layout));
  table.journal?.push({ cluster, shape, replicas, packing });
  return packing;
}

/** Gives room back that was reserved in this round. */
export function giveBack(table: RoundTable, { cluster, shape, replicas, packing }: Reservation): void {
  unpack(cluster.room, shape.request, [...packing], replicas);
  table.reservations.push(cluster.index);
}
