/** How often a cluster was lost lately: one that comes and goes must be well for longer before anything goes back to it. */
import type { ClusterHealth } from '@skyflow/contracts';
import type { ClusterRecord } from '../state.js';

const HOUR_MS = 3_600_000;
/** More do not make the wait longer. */
const REMEMBERED = 8;

export const isSetback = (health: ClusterHealth): boolean => health === 'LOST' || health === 'UNREACHABLE';

export const withSetback = (setbacks: readonly number[], atMs: number): readonly number[] =>
  [...setbacks, atMs].slice(-REMEMBERED);

/** How long a cluster must be well: `stabilizationMs`, doubled for each loss but one in the hour before, at most an hour. */
export function requiredCalmMs({ setbacks }: ClusterRecord, stabilizationMs: number, nowMs: number): number {
  const recent = setbacks.filter((atMs) => nowMs - atMs < HOUR_MS).length;
  const doubled = stabilizationMs * 2 ** Math.max(0, recent - 1);
  return Math.max(stabilizationMs, Math.min(doubled, HOUR_MS));
}
