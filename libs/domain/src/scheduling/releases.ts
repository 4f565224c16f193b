/** When a deleted object is gone: nothing of it is left anywhere, or the cluster that would have to say so is not coming back. */
import type { ObjectRef } from '@skyflow/contracts';
import type { Draft } from './draft.js';
import { type ClusterRecord, type SchedulingState, isStranded, shareOn } from './state.js';

/**
 * ObjectReleased for every deleting workload and cluster of which nothing is left; at most `most`.
 * @param underWay uids of workloads whose work is being written: what becomes of them is seen when it is folded
 */
export function decideReleases(
  state: SchedulingState,
  epoch: number,
  most: number,
  underWay: ReadonlySet<string> = NONE,
): Draft<'ObjectReleased'>[] {
  const drafts: Draft<'ObjectReleased'>[] = [];
  for (const uid of state.releasable) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined && !underWay.has(uid)) {
      drafts.push({ type: 'ObjectReleased', data: { epoch, ref: workload.ref }, origin: workload.origin });
    }
    if (drafts.length >= most) return drafts;
  }
  for (const cluster of clustersToRelease(state)) {
    drafts.push({ type: 'ObjectReleased', data: { epoch, ref: refOf(cluster) }, origin: undefined });
  }
  return drafts;
}

const NONE: ReadonlySet<string> = new Set();

const clustersToRelease = (state: SchedulingState): ClusterRecord[] =>
  [...state.clusters.values()]
    .filter((cluster) => cluster.deleting && isVacated(state, cluster))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * All work is withdrawn and reported as removed. A cluster that is LOST, or that never was READY, reports nothing: there it is
 * enough that the withdrawals are in the log.
 */
function isVacated(state: SchedulingState, cluster: ClusterRecord): boolean {
  const silent = cluster.health.state === 'LOST' || !cluster.everReady;
  for (const uid of cluster.shares) {
    const workload = state.workloads.get(uid);
    const share = workload === undefined ? undefined : shareOn(workload, cluster.name);
    if (workload === undefined || share === undefined) continue;
    if (!workload.deleting && isStranded(state, share)) return false;
    if (share.work === 'assigned' || (share.work === 'withdrawing' && !silent)) return false;
  }
  return true;
}

const refOf = ({ name, uid }: ClusterRecord): ObjectRef => ({ kind: 'Cluster', name, uid });
