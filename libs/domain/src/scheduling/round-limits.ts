/** How much one round decides. Part of what is decided: a replay uses the same. */
import type { RoundLimits } from './decide-round.js';

/** Most placements that are decided before they are appended. */
const DECISIONS_PER_ROUND = 1_000;
/** Verdicts kept with a decision; beyond them a decision on a thousand clusters would be larger than the workload. */
const VERDICTS_PER_DECISION = 32;

export const roundLimits = (epoch: number): RoundLimits => ({
  epoch,
  decisions: DECISIONS_PER_ROUND,
  verdicts: VERDICTS_PER_DECISION,
});
