/**
 * What must leave a cluster now: replicas on one that was away for longer than their policy allows, and on one that is drained. Pure: the
 * wall clock comes in and is recorded, so the same log gives the same entries.
 *
 * Only what finds room elsewhere is evicted; the rest stays where it is, and is looked at again. The exception is a drain whose time is
 * over: then everything goes. Services on a cluster that answers stay there until their replacement is ready; jobs that run to
 * completion are never run in two places at once on purpose: a drain waits for their end, and then starts what is left elsewhere.
 */
import type { EntryData, EvictionCause } from '@skyflow/contracts';
import type { Draft } from '../draft.js';
import {
  type ClusterRecord,
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  inQueueOrderOf,
  shareOn,
} from '../state.js';
import { failoverGraceMs } from './moving-rules.js';
import { RoomElsewhere } from './room-elsewhere.js';

export interface EvictionLimits {
  /** Epoch of the scheduler that decides. */
  epoch: number;
  /** Wall clock, ms since the epoch. */
  nowMs: number;
  /** Most shares that are evicted in one call. */
  shares: number;
}

/** Workloads that may be on their way from one drained cluster at a time. */
export const DRAIN_AT_ONCE = 100;
/** Shares that one entry names. */
const SHARES_PER_ENTRY = 250;
/** A drain whose time is nearly over leaves replacements at least this long. */
const LEAST_STAY_MS = 30_000;

type EvictedShare = EntryData<'EvictionDecided'>['shares'][number];

/** A kind of eviction: one entry for all shares that leave for this cause until the same time. */
interface Leaving {
  cause: EvictionCause;
  message: string;
  until: number | undefined;
  shares: EvictedShare[];
}

export function decideEvictions(state: SchedulingState, limits: EvictionLimits): Draft<'EvictionDecided'>[] {
  const drafts: Draft<'EvictionDecided'>[] = [];
  let room: RoomElsewhere | undefined;
  let left = limits.shares;
  for (const cluster of [...state.clusters.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (left <= 0) break;
    if (cluster.deleting || cluster.shares.size === 0 || !mustLook(cluster, limits.nowMs)) continue;
    room ??= new RoomElsewhere(state);
    for (const leaving of leavingFrom(state, cluster, room, { ...limits, shares: left })) {
      left -= leaving.shares.length;
      drafts.push(...draftsOf(cluster, leaving, limits));
    }
  }
  return drafts;
}

const isAway = ({ health }: ClusterRecord): boolean => health.state === 'LOST' || health.state === 'UNREACHABLE';

/** Cheap, as it is asked of every cluster all the time. */
const mustLook = (cluster: ClusterRecord, nowMs: number): boolean =>
  cluster.drain !== undefined || (isAway(cluster) && nowMs >= cluster.health.sinceMs);

function leavingFrom(
  state: SchedulingState,
  cluster: ClusterRecord,
  room: RoomElsewhere,
  limits: EvictionLimits,
): Leaving[] {
  const found: Leaving[] = [];
  let budget = limits.shares;
  let underWay = 0;
  for (const workload of inQueueOrderOf(state, cluster.shares)) {
    const share = shareOn(workload, cluster.name);
    if (share !== undefined && (share.leaving > 0 || share.eviction !== undefined)) underWay++;
  }
  for (const workload of inQueueOrderOf(state, cluster.shares)) {
    if (budget <= 0) break;
    const share = shareOn(workload, cluster.name);
    if (share === undefined || !mayLeave(workload, share)) continue;
    const verdict = isAway(cluster)
      ? afterLoss(cluster, workload, limits.nowMs)
      : underWay < DRAIN_AT_ONCE
        ? byDrain(cluster, workload, limits.nowMs)
        : undefined;
    if (verdict === undefined) continue;
    const fits = room.take(workload, cluster.name, share.replicas, workload.mode !== 'service');
    const replicas = verdict.anyway ? share.replicas : fits;
    if (replicas === 0) continue;
    budget--;
    underWay++;
    add(found, verdict, { ref: workload.ref, replicas });
  }
  return found;
}

const mayLeave = (workload: WorkloadRecord, share: Share): boolean =>
  !workload.deleting && share.replicas > 0 && !share.finished && share.eviction === undefined;

interface Verdict {
  cause: EvictionCause;
  message: string;
  until: number | undefined;
  /** It leaves although there is no room elsewhere. */
  anyway: boolean;
}

function afterLoss({ name, health }: ClusterRecord, { failover }: WorkloadRecord, nowMs: number): Verdict | undefined {
  const graceMs = failoverGraceMs(failover, health.state);
  if (graceMs === undefined || nowMs < health.sinceMs + graceMs) return undefined;
  const message = `${name} is ${health.state} for longer than its replicas may wait`;
  return { cause: 'ClusterLost', message, until: undefined, anyway: false };
}

function byDrain({ name, drain }: ClusterRecord, { mode }: WorkloadRecord, nowMs: number): Verdict | undefined {
  if (drain === undefined) return undefined;
  const endMs = drain.sinceMs + drain.graceMs;
  if (nowMs >= endMs) {
    const message = `the time that the drain of ${name} gives is over`;
    return { cause: 'Drained', message, until: undefined, anyway: true };
  }
  if (mode !== 'service') return undefined;
  const until = Math.max(endMs, nowMs + LEAST_STAY_MS);
  return { cause: 'Drained', message: `${name} is being drained`, until, anyway: false };
}

function add(found: Leaving[], { cause, message, until }: Verdict, share: EvictedShare): void {
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
