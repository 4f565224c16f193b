/**
 * Replicas of services that fit on paper, but that their cluster's own scheduler finds no node for, are given to another cluster after a
 * while. Never back to one where they got stuck before: what fits nowhere does not wander for ever.
 */
import type { Draft } from '../draft.js';
import { type SchedulingState, inQueueOrderOf } from '../state.js';
import type { RoomElsewhere } from './room-elsewhere.js';

/** How long pods may be unschedulable before they are given away: a node may be on its way. */
export const STUCK_MS = 300_000;
/** Workloads that are given away in one call, and that may be on their way meanwhile. */
const AT_ONCE = 20;

export function decideUnstick(
  state: SchedulingState,
  { epoch, nowMs }: { epoch: number; nowMs: number },
  room: () => RoomElsewhere,
): Draft<'EvictionDecided'>[] {
  const drafts: Draft<'EvictionDecided'>[] = [];
  for (const workload of inQueueOrderOf(state, state.stuck)) {
    if (drafts.length + state.moving.size >= AT_ONCE) break;
    if (workload.deleting || workload.mode !== 'service' || state.moving.has(workload.ref.uid)) continue;
    const share = workload.shares.find(({ stuck }) => stuck !== undefined && nowMs - stuck.sinceMs >= STUCK_MS);
    if (share?.stuck === undefined || share.replicas === 0) continue;
    const known = workload.moves?.stuckOn ?? [];
    const [to] = room()
      .placesFor(workload, share.cluster)
      .filter((name) => !known.includes(name));
    const replicas = to === undefined ? 0 : room().takeOn(workload, to, Math.min(share.stuck.replicas, share.replicas));
    if (to === undefined || replicas === 0) continue;
    const message = `${share.cluster} finds no node for them`;
    const shares = [{ ref: workload.ref, replicas, to }];
    const data = { epoch, cluster: share.cluster, cause: 'Unschedulable' as const, message, now: nowMs, shares };
    drafts.push({ type: 'EvictionDecided', data, origin: undefined });
  }
  return drafts;
}
