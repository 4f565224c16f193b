/**
 * All moves that are due now, what is most urgent first: less of what leaves may stay; what must leave; the next
 * clusters of rollouts; what is stuck; what may go back; what was asked to move to where it is better off.
 * They share one table of room, so that nothing is promised twice.
 */
import type { Draft } from '../draft.js';
import type { SchedulingState } from '../state.js';
import { type EvictionLimits, decideEvictions } from './decide-evictions.js';
import { decideFailback } from './decide-failback.js';
import { decideProgress } from './decide-progress.js';
import { decideUnstick } from './decide-unstick.js';
import { decideRollouts } from './rollout/decide-rollouts.js';
import { decideRebalance } from './rebalance/decide-rebalance.js';
import { RoomElsewhere } from './room-elsewhere.js';

export type MoveDraft = Draft<'EvictionDecided' | 'EvictionProgressed' | 'RolloutAdvanced'>;

/** Changes neither state nor log; fold the entries, then decide the placements that follow from them. */
export function decideMoves(state: SchedulingState, limits: EvictionLimits): MoveDraft[] {
  let made: RoomElsewhere | undefined;
  const room = (): RoomElsewhere => (made ??= new RoomElsewhere(state));
  const moves: MoveDraft[] = [
    ...decideProgress(state, limits.nowMs, limits.epoch),
    ...decideEvictions(state, limits, room),
    ...decideRollouts(state, limits),
  ];
  // What need not be done now waits until what must be is decided.
  return moves.length > 0
    ? moves
    : [
        ...decideUnstick(state, limits, room),
        ...decideFailback(state, limits, room),
        ...decideRebalance(state, limits),
      ].slice(0, limits.shares);
}
