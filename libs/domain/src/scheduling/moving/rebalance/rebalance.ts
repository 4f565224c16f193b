/**
 * A workload that was asked to move to where it would be better off: by an annotation, as `kubectl rollout restart` asks for new pods, so
 * that who asked and when is in the log. Services only: what runs to completion is not moved.
 */
import { ANNOTATION_REBALANCE, type StoredObject } from '@skyflow/contracts';

/** How long after it was asked replicas may still be moved; what is not done by then is not done. */
export const REBALANCE_WITHIN_MS = 600_000;
const NO_LIMIT = 1_000_000_000;

export interface Rebalance {
  /** The annotation: another text asks again. */
  asked: string;
  /** When, ms since the epoch. */
  atMs: number;
  /** Replicas that may still be moved. */
  left: number;
}

/** The last move of a workload to where it is better off. */
export interface Balanced {
  /** ms since the epoch. */
  atMs: number;
  replicas: number;
}

/** What is remembered of moves, as far as it is about this. */
interface Asked {
  rebalance?: Rebalance;
}

/** What the annotation holds: any text asks; of JSON with `maxReplicas`, for not more than so many. */
export const rebalanceText = (askedAt: string, maxReplicas: number): string => JSON.stringify({ askedAt, maxReplicas });

/** A workload that is created with the annotation was copied: there is nothing to move. */
export function rebalanceAfterEdit(
  before: Rebalance | undefined,
  { metadata }: StoredObject,
  atMs: number,
): Rebalance | undefined {
  const asked = metadata.annotations?.[ANNOTATION_REBALANCE];
  if (asked === undefined || asked === '') return undefined;
  return asked === before?.asked ? before : { asked, atMs, left: maxReplicasIn(asked) };
}

/** So many of its replicas were moved. */
export function rebalanced<M extends Asked>(moves: M | undefined, replicas: number): M | undefined {
  const before = moves?.rebalance;
  return before && { ...moves, rebalance: { ...before, left: Math.max(0, before.left - replicas) } };
}

export const mayMove = ({ mode, moves }: { mode: string; moves: Asked | undefined }): boolean =>
  mode === 'service' && moves?.rebalance !== undefined && moves.rebalance.left > 0;

/** Reads leniently: a fold must not throw. */
function maxReplicasIn(text: string): number {
  const [, digits] = /"maxReplicas"\s*:\s*(\d{1,9})\b/.exec(text) ?? [];
  return digits === undefined ? NO_LIMIT : Number(digits);
}
