/**
 * How much of what leaves may still stay: as many replicas as are not ready elsewhere yet, and none once their time is over. So the number
 * of ready replicas never falls below what was asked for because of a move, where there is room and time for it.
 */
import type { EntryData } from '@skyflow/contracts';
import type { Draft } from '../draft.js';
import { type SchedulingState, type Share, type WorkloadRecord, inQueueOrderOf } from '../state.js';

type ProgressedShare = EntryData<'EvictionProgressed'>['shares'][number];

/** EvictionProgressed for every cluster from which less has to stay than before, sorted by name. */
export function decideProgress(state: SchedulingState, nowMs: number, epoch: number): Draft<'EvictionProgressed'>[] {
  const byCluster = new Map<string, ProgressedShare[]>();
  for (const workload of inQueueOrderOf(state, state.moving)) {
    for (const { share, leaving } of stays(state, workload, nowMs)) {
      if (leaving === share.leaving) continue;
      const shares = byCluster.get(share.cluster) ?? [];
      shares.push({ ref: workload.ref, leaving });
      byCluster.set(share.cluster, shares);
    }
  }
  return [...byCluster]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cluster, shares]) => ({
      type: 'EvictionProgressed' as const,
      data: { epoch, cluster, now: nowMs, shares },
      origin: undefined,
    }));
}

/** What has to stay of each share that leaves. */
function stays(state: SchedulingState, workload: WorkloadRecord, nowMs: number): { share: Share; leaving: number }[] {
  let missing = Math.max(0, workload.replicas - readyToStay(state, workload));
  return workload.shares
    .filter((share) => share.leaving > 0)
    .map((share) => {
      const inTime = nowMs < share.leavingUntilMs && state.clusters.get(share.cluster)?.deleting === false;
      const leaving = inTime ? Math.min(share.leaving, missing) : 0;
      missing -= leaving;
      return { share, leaving };
    });
}

/** Ready replicas where they are to be from now on; what a cluster that cannot be seen last said does not count. */
const readyToStay = (state: SchedulingState, { shares }: WorkloadRecord): number =>
  shares.reduce(
    (sum, share) =>
      state.clusters.get(share.cluster)?.health.state === 'READY' ? sum + Math.min(share.ready, share.replicas) : sum,
    0,
  );
