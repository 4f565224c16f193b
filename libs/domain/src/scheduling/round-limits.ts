/** What bounds a round, and what a process remembers of rounds before. */
import type { Position } from '@skyflow/contracts';
import type { Line, Tried } from './queueing/queueing-records.js';

export interface RoundLimits {
  /** Epoch of the scheduler that decides. */
  epoch: number;
  /** Most decisions in a round. */
  decisions: number;
  /** Most verdicts that one decision records. */
  verdicts: number;
  /**
   * What the round takes as now, ms since the epoch. Matters only where workloads would rather wait than pay; then every decision of
   * the round says it (`now`), so that it can be made again.
   */
  nowMs?: number;
}

/**
 * Up to which position each waiting group was tried in vain. Only saves work: a fresh one gives the same decisions.
 * Belongs to one scheduler process; `decideRound` writes into it.
 */
export class Attempts extends Map<string, Position> {
  /** Where queues are used: by line. */
  lines = new WeakMap<Line, Tried>();

  override clear(): void {
    super.clear();
    this.lines = new WeakMap();
  }
}

export const newAttempts = (): Attempts => new Attempts();

/** Most placements that are decided before they are appended. */
const DECISIONS_PER_ROUND = 1_000;
/** Verdicts kept with a decision; beyond them a decision on a thousand clusters would be larger than the workload. */
const VERDICTS_PER_DECISION = 32;

/** How much one round decides. Part of what is decided: a replay uses the same. */
export const roundLimits = (epoch: number, nowMs?: number): RoundLimits => ({
  epoch,
  decisions: DECISIONS_PER_ROUND,
  verdicts: VERDICTS_PER_DECISION,
  ...(nowMs !== undefined && { nowMs }),
});
