/**
 * All moves that are due now, what is most urgent first: less of what leaves may stay; what must leave; the next
 * clusters of rollouts; what is stuck; what may go back; what was asked to move to where it is better off; what does so by itself.
 * They share one table of room, so that nothing is promised twice.
 */
import type { Draft } from '../draft.js';
import type { SchedulingState } from '../state.js';
import { type EvictionLimits, decideEvictions } from './decide-evictions.js';
import { decideFailback } from './decide-failback.js';
import { decideProgress } from './decide-progress.js';
import { decideUnstick } from './decide-unstick.js';
import { decideRollouts } from './rollout/decide-rollouts.js';
import type { Looks } from './rebalance/balancing.js';
import { decideBalancing, decideRebalance } from './rebalance/decide-rebalance.js';
import { RoomElsewhere } from './room-elsewhere.js';

export type MoveDraft = Draft<'EvictionDecided' | 'EvictionProgressed' | 'RolloutAdvanced'>;

/**
 * Changes neither state nor log; fold the entries, then decide the placements that follow from them.
 * @param looks what the process remembers of looks at what may move by itself; absent, as where only consequences are asked for: nothing does.
 */
export function decideMoves(state: SchedulingState, limits: EvictionLimits, looks?: Looks): MoveDraft[] {
  let made: RoomElsewhere | undefined;
  const room = (): RoomElsewhere => (made ??= new RoomElsewhere(state));
  const moves: MoveDraft[] = [
    ...decideProgress(state, limits.nowMs, limits.epoch),
    ...decideEvictions(state, limits, room),
    ...decideRollouts(state, limits),
  ];
  // What need not be done now waits until what must be is decided.
  if (moves.length > 0) return moves;
  moves.push(
    ...decideUnstick(state, limits, room),
    ...decideFailback(state, limits, room),
    ...decideRebalance(state, limits),
  );
  if (moves.length === 0 && looks !== undefined) moves.push(...decideBalancing(state, limits, looks));
  return moves.slice(0, limits.shares);
}
