/** What a workload holds, given back on a round's table and taken again, to see where it would go if it were nowhere. */
import type { Round } from '../../decide-workload.js';
import { type Packing, copyRoom, repeatPacking, unpack } from '../../room.js';
import type { RoundCluster, RoundTable } from '../../round-table.js';
import type { Share, WorkloadRecord } from '../../state.js';

/** Packings by cluster, as they were. */
export function releaseAll({ table }: Round, workload: WorkloadRecord): ReadonlyMap<RoundCluster, Packing> {
  const packings = new Map<RoundCluster, Packing>();
  for (const share of workload.shares) {
    const cluster = clusterOf(table, share);
    if (cluster === undefined || share.held === 0) continue;
    packings.set(cluster, [...share.packing]);
    release(table, cluster, workload, [...share.packing], share.held);
  }
  return packings;
}

export function takeAgain(
  { table }: Round,
  { shape }: WorkloadRecord,
  packings: ReadonlyMap<RoundCluster, Packing>,
): void {
  for (const [cluster, packing] of packings) {
    repeatPacking(cluster.room, shape.request, packing);
    table.reservations.push(cluster.index);
  }
}

/** Gives back so many replicas of a packing, and shortens it. */
export function release(
  table: RoundTable,
  cluster: RoundCluster,
  { shape }: WorkloadRecord,
  packing: Packing,
  replicas: number,
): void {
  if (!cluster.copied) {
    cluster.room = copyRoom(cluster.room);
    cluster.copied = true;
  }
  unpack(cluster.room, shape.request, packing, replicas);
  table.reservations.push(cluster.index);
}

const clusterOf = ({ clusters }: RoundTable, { cluster }: Share): RoundCluster | undefined =>
  clusters.find(({ record }) => record.name === cluster);
