/**
 * What must leave a cluster now: replicas on one that was away for longer than their policy allows, that is drained, or that has a taint
 * which they do not tolerate. Pure: the wall clock comes in and is recorded, so the same log gives the same entries.
 *
 * Only what finds room elsewhere is evicted; the rest stays where it is, and is looked at again. The exception is what may stay no longer:
 * then everything goes. Services on a cluster that answers stay there until their replacement is ready; jobs that run to completion are
 * never run in two places at once on purpose: a drain waits for their end, and then starts what is left elsewhere.
 */
import type { EntryData } from '@skyflow/contracts';
import type { Draft } from '../draft.js';
import {
  type ClusterRecord,
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  inQueueOrderOf,
  shareOn,
} from '../state.js';
import { type ReasonToLeave, mayHaveToLeave, reasonToLeave } from './reasons-to-leave.js';
import type { RoomElsewhere } from './room-elsewhere.js';

export interface EvictionLimits {
  /** Epoch of the scheduler that decides. */
  epoch: number;
  /** Wall clock, ms since the epoch. */
  nowMs: number;
  /** Most shares that are evicted in one call. */
  shares: number;
}

/** Workloads that may be on their way from one cluster at a time, where it answers. */
export const DRAIN_AT_ONCE = 100;
/** Shares that one entry names. */
const SHARES_PER_ENTRY = 250;

type EvictedShare = EntryData<'EvictionDecided'>['shares'][number];

/** One entry, or a few, for all shares that leave for this reason until the same time. */
interface Leaving extends Omit<ReasonToLeave, 'anyway'> {
  shares: EvictedShare[];
}

/** EvictionDecided by cluster, sorted by name. */
export function decideEvictions(
  state: SchedulingState,
  limits: EvictionLimits,
  room: () => RoomElsewhere,
): Draft<'EvictionDecided'>[] {
  const drafts: Draft<'EvictionDecided'>[] = [];
  let left = limits.shares;
  for (const cluster of [...state.clusters.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (left <= 0) break;
    if (cluster.deleting || cluster.shares.size === 0 || !mayHaveToLeave(cluster)) continue;
    for (const leaving of leavingFrom(state, cluster, { ...limits, shares: left }, room)) {
      left -= leaving.shares.length;
      drafts.push(...draftsOf(cluster, leaving, limits));
    }
  }
  return drafts;
}

function leavingFrom(
  state: SchedulingState,
  cluster: ClusterRecord,
  { nowMs, shares: most }: EvictionLimits,
  room: () => RoomElsewhere,
): Leaving[] {
  const found: Leaving[] = [];
  const workloads = inQueueOrderOf(state, cluster.shares);
  let underWay = workloads.filter((workload) => isOnItsWay(shareOn(workload, cluster.name))).length;
  let left = most;
  for (const workload of workloads) {
    if (left <= 0) break;
    const share = shareOn(workload, cluster.name);
    const reason =
      share !== undefined && mayLeave(workload, share) ? reasonToLeave(cluster, workload, nowMs) : undefined;
    if (share === undefined || reason === undefined) continue;
    // What cannot be seen is not made to wait for what is ready elsewhere.
    if (reason.cause !== 'ClusterLost' && underWay >= DRAIN_AT_ONCE) continue;
    const fits = room().take(workload, cluster.name, share.replicas, workload.mode !== 'service');
    const replicas = reason.anyway ? share.replicas : fits;
    if (replicas === 0) continue;
    left--;
    underWay++;
    add(found, reason, { ref: workload.ref, replicas });
  }
  return found;
}

const isOnItsWay = (share: Share | undefined): boolean =>
  share !== undefined && (share.leaving > 0 || share.eviction !== undefined);

const mayLeave = (workload: WorkloadRecord, share: Share): boolean =>
  !workload.deleting && share.replicas > 0 && !share.finished && share.eviction === undefined;

function add(found: Leaving[], { cause, message, until }: ReasonToLeave, share: EvictedShare): void {
  const alike = found.find((each) => each.cause === cause && each.until === until && each.message === message);
  if (alike === undefined) found.push({ cause, message, until, shares: [share] });
  else alike.shares.push(share);
}

function draftsOf(
  { name: cluster }: ClusterRecord,
  { cause, message, until, shares }: Leaving,
  { epoch, nowMs }: EvictionLimits,
): Draft<'EvictionDecided'>[] {
  const drafts: Draft<'EvictionDecided'>[] = [];
  for (let at = 0; at < shares.length; at += SHARES_PER_ENTRY) {
    const part = shares.slice(at, at + SHARES_PER_ENTRY);
    const data = { epoch, cluster, cause, message, now: nowMs, ...(until !== undefined && { until }), shares: part };
    drafts.push({ type: 'EvictionDecided', data, origin: undefined });
  }
  return drafts;
}
