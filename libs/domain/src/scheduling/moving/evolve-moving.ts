/** Moves away from clusters, folded: what must leave, and how much of it may still stay. */
import type { EntryData, Position } from '@skyflow/contracts';
import { settle } from '../holding.js';
import { refresh } from '../membership.js';
import { DEFAULT_DRAIN_SECONDS } from './moving-rules.js';
import { type Origin, type SchedulingState, type Share, type WorkloadMoves, shareOn } from '../state.js';

export function evictionDecided(
  state: SchedulingState,
  { epoch, cluster, cause, now, until, shares }: EntryData<'EvictionDecided'>,
  origin: Origin,
): void {
  if (epoch < state.epoch) return;
  for (const { ref, replicas, to } of shares) {
    const workload = state.workloads.get(ref.uid);
    const share = workload === undefined ? undefined : shareOn(workload, cluster);
    if (workload === undefined || share === undefined || workload.deleting) continue;
    share.eviction = { cause, replicas, to, untilMs: until };
    if (cause === 'Rebalanced') workload.moves = balanced(workload.moves, replicas, now);
    workload.origin ??= origin;
    refresh(state, workload);
  }
}

/** One decision may move replicas from several clusters. */
function balanced(moves: WorkloadMoves | undefined, replicas: number, atMs: number): WorkloadMoves {
  const before = moves?.balanced?.atMs === atMs ? moves.balanced.replicas : 0;
  return { ...moves, balanced: { atMs, replicas: before + replicas } };
}

export function evictionProgressed(
  state: SchedulingState,
  { epoch, cluster, shares }: EntryData<'EvictionProgressed'>,
  at: Position,
  origin: Origin,
): void {
  if (epoch < state.epoch) return;
  for (const { ref, leaving } of shares) {
    const workload = state.workloads.get(ref.uid);
    const share = workload === undefined ? undefined : shareOn(workload, cluster);
    if (workload === undefined || share === undefined || share.leaving <= leaving) continue;
    share.leaving = leaving;
    if (leaving === 0) share.leavingUntilMs = 0;
    share.decision = at;
    workload.origin ??= origin;
    settle(state, workload, share, at);
    refresh(state, workload);
  }
}

/**
 * A placement has carried out the eviction of a share: so many of its replicas stay for their replacement. What leaves for another reason
 * (a policy) has as long as from a drain.
 * @param atMs time of the decision.
 */
export function leave(share: Share, replicas: number, atMs = 0): void {
  const before = share.leavingUntilMs > 0 ? share.leavingUntilMs : atMs + 1_000 * DEFAULT_DRAIN_SECONDS;
  share.leavingUntilMs = replicas === 0 ? 0 : (share.eviction?.untilMs ?? before);
  share.leaving = replicas;
  share.eviction = undefined;
}
