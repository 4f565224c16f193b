/**
 * Which capacity SkyFlow's own shares hold. A share holds what was decided for it at once, keeps holding what its cluster was
 * told until the cluster was told less or reported it as removed, and holds nothing when it has run to its end.
 */
import type { Position } from '@skyflow/contracts';
import { account } from './queueing/queueing-state.js';
import { pack, unpack } from './room.js';
import { maskOf } from './shape.js';
import {
  type ClusterRecord,
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  inQueueOrderOf,
  wantedReplicas,
} from './state.js';

/** Makes a share hold what it should. Capacity that becomes free wakes what waits. */
export function settle(state: SchedulingState, workload: WorkloadRecord, share: Share, at: Position): void {
  const cluster = state.clusters.get(share.cluster);
  const target = cluster === undefined ? 0 : replicasToHold(workload, share);
  if (cluster === undefined) {
    share.packing = [];
  } else if (target > share.held) {
    hold(cluster, workload, share, target - share.held);
  } else if (target < share.held) {
    unpack(cluster.room, workload.shape.request, share.packing, share.held - target);
    improved(state, cluster, at);
  }
  account(state, workload, target - share.held);
  share.held = target;
}

/** Gives back everything that a share holds; `settle` takes it again. */
export function letGo(state: SchedulingState, workload: WorkloadRecord, share: Share): void {
  const cluster = state.clusters.get(share.cluster);
  if (cluster !== undefined) unpack(cluster.room, workload.shape.request, share.packing, share.held);
  account(state, workload, -share.held);
  share.packing = [];
  share.held = 0;
}

/** Packs all shares of a cluster anew, in queue order; `cluster.room` has nothing of SkyFlow's in it yet. */
export function repack(state: SchedulingState, cluster: ClusterRecord): void {
  for (const workload of inQueueOrderOf(state, cluster.shares)) {
    for (const share of workload.shares) {
      if (share.cluster !== cluster.name) continue;
      const before = share.held;
      share.packing = [];
      share.held = replicasToHold(workload, share);
      account(state, workload, share.held - before);
      hold(cluster, workload, share, share.held);
    }
  }
}

/** Something may fit on this cluster now that did not before. */
export function improved(state: SchedulingState, cluster: ClusterRecord, at: Position): void {
  cluster.improvedAt = at;
  state.improvedAt = at;
}

function replicasToHold(workload: WorkloadRecord, share: Share): number {
  if (share.finished) return 0;
  const told = share.work === 'none' ? 0 : share.carried.replicas;
  return Math.max(workload.deleting ? 0 : wantedReplicas(share), told);
}

function hold(cluster: ClusterRecord, workload: WorkloadRecord, share: Share, replicas: number): void {
  const mask = maskOf(workload.shape, cluster.room.layout);
  share.packing.push(...pack(cluster.room, workload.shape.request, replicas, mask));
}
