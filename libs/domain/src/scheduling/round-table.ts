/**
 * The clusters as one round sees them: sorted by name, with the state's room copied for a cluster only when the round
 * first reserves on it. The state itself is not touched.
 */
import { type Packing, type Room, copyRoom, pack } from './room.js';
import { type Shape, maskOf } from './shape.js';
import type { ClusterRecord, SchedulingState } from './state.js';

export interface RoundCluster {
  /** Position in the table. */
  index: number;
  record: ClusterRecord;
  room: Room;
  copied: boolean;
  /** Rises with every reservation: what was worked out from an older one is stale. */
  version: number;
}

export type RoundTable = readonly RoundCluster[];

export const roundTable = (state: SchedulingState): RoundTable =>
  [...state.clusters.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((record, index) => ({ index, record, room: record.room, copied: false, version: 0 }));

/** Takes room for replicas of a shape, for the rest of the round. */
export function reserve(cluster: RoundCluster, shape: Shape, replicas: number): Packing {
  if (!cluster.copied) {
    cluster.room = copyRoom(cluster.room);
    cluster.copied = true;
  }
  cluster.version++;
  return pack(cluster.room, shape.request, replicas, maskOf(shape, cluster.room.layout));
}
