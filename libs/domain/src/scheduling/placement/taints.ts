/** Taints of clusters against tolerations of workloads, as Kubernetes judges those of nodes. */
import type { ClusterToleration } from '@skyflow/contracts';
import type { HeldTaint } from './cluster-facts.js';

/** The first taint that keeps new replicas away, or undefined. */
export const repellingTaint = (
  taints: readonly HeldTaint[],
  tolerations: readonly ClusterToleration[],
): HeldTaint | undefined =>
  taints.find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );

/** How many taints would rather have no new replicas. */
export const dislikes = (taints: readonly HeldTaint[], tolerations: readonly ClusterToleration[]): number =>
  taints.filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint)),
  ).length;

/**
 * From when replicas that are on the cluster must go, in ms since the epoch: a NoExecute taint that nothing tolerates at once, one
 * that is tolerated for some seconds after those (of several tolerations of one taint the shortest counts, as in Kubernetes).
 * Undefined: they may stay.
 */
export function notToleratedFromMs(
  taints: readonly HeldTaint[],
  tolerations: readonly ClusterToleration[],
): number | undefined {
  let from: number | undefined;
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    const seconds = Math.min(...matching.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY));
    const until = matching.length === 0 ? taint.sinceMs : taint.sinceMs + seconds * 1000;
    if (Number.isFinite(until)) from = Math.min(from ?? until, until);
  }
  return from;
}

/** For people: `spot=true:NoSchedule`. */
export const taintText = ({ key, value, effect }: HeldTaint): string =>
  `${key}${value === undefined ? '' : `=${value}`}:${effect}`;

const tolerates = ({ key, operator, value, effect }: ClusterToleration, taint: HeldTaint): boolean =>
  (effect === undefined || effect === taint.effect) &&
  (key === undefined ? operator === 'Exists' : key === taint.key) &&
  (operator === 'Exists' || (value ?? '') === (taint.value ?? ''));
