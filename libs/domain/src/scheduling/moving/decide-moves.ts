/** All moves that are due now: less of what leaves may stay, and what must leave from now on. */
import type { Draft } from '../draft.js';
import type { SchedulingState } from '../state.js';
import { type EvictionLimits, decideEvictions } from './decide-evictions.js';
import { decideProgress } from './decide-progress.js';

export type MoveDraft = Draft<'EvictionDecided' | 'EvictionProgressed'>;

/** Changes neither state nor log; fold the entries, then decide the placements that follow from them. */
export const decideMoves = (state: SchedulingState, limits: EvictionLimits): MoveDraft[] => [
  ...decideProgress(state, limits.nowMs, limits.epoch),
  ...decideEvictions(state, limits),
];
