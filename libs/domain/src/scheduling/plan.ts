/**
 * The placement of one workload as it is being worked out: what stays where it is, what has to be added, how the completions
 * of a batch job are divided. A placement that was made stays; only the difference moves.
 */
import type { Placement } from '@skyflow/contracts';
import { largestRemainder, lower } from './division.js';
import { allowsCluster } from './pipeline/cluster-filters.js';
import { Reason } from './reasons.js';
import {
  type SchedulingState,
  type WorkloadRecord,
  isDuplicated,
  isEdited,
  shareOn,
  strandedReplicas,
  wantedReplicas,
} from './state.js';

export interface PlannedShare {
  cluster: string;
  replicas: number;
  /** Given before; undefined: a new share, or a service. */
  completions: number | undefined;
  finished: boolean;
}

/**
 * The shares that stay. Replicas on a cluster that is gone or going are not among them, nor, when the workload was edited, those
 * on a cluster that its placement excludes now. What ran to its end stays where it was, whatever became of the cluster.
 */
export const keptShares = (state: SchedulingState, workload: WorkloadRecord): PlannedShare[] =>
  lowerTo(stayingShares(state, workload), workload.replicas);

/** As {@link keptShares}, whatever replicas are wanted now. */
export function stayingShares(state: SchedulingState, workload: WorkloadRecord): PlannedShare[] {
  const edited = isEdited(workload);
  const kept = workload.shares.filter((share) => {
    if (share.replicas === 0 || strandedReplicas(state, share) === share.replicas) return false;
    const cluster = state.clusters.get(share.cluster);
    return share.finished || !edited || cluster === undefined || allowsCluster(workload.shape, cluster);
  });
  return kept.map((share) => ({
    cluster: share.cluster,
    replicas: share.replicas - strandedReplicas(state, share),
    completions: share.completions,
    finished: share.finished,
  }));
}

/**
 * Replicas that stay beyond the new placements until those placed elsewhere are ready: what a graceful eviction takes away now, or took
 * before. Only what its cluster has been told to run can stay.
 */
export function leavingReplicas(
  workload: WorkloadRecord,
  placements: readonly Placement[],
): { cluster: string; replicas: number }[] {
  const byPolicy = isMovedByPolicy(workload);
  return workload.shares.flatMap((share) => {
    const isGraceful = byPolicy || share.eviction?.untilMs !== undefined || share.leaving > 0;
    if (!isGraceful || share.work !== 'assigned') return [];
    const placed = placements.find(({ cluster }) => cluster === share.cluster)?.replicas ?? 0;
    const replicas = Math.min(wantedReplicas(share), share.carried.replicas) - placed;
    return replicas > 0 ? [{ cluster: share.cluster, replicas }] : [];
  });
}

/** Replicas that these shares do not have; below 0: they have too many. */
export const missingIn = ({ replicas }: WorkloadRecord, kept: readonly PlannedShare[]): number =>
  replicas - kept.reduce((sum, share) => sum + share.replicas, 0);

/**
 * The shares that stay with what was to leave and may stay after all, as its cluster takes replicas of the workload again: as many as are
 * missing. They hold their room already, so nothing need be free there.
 * @param staying what {@link keptShares} or {@link stayingShares} has. @param takes whether a cluster takes new ones.
 */
export function takingBack(
  workload: WorkloadRecord,
  staying: readonly PlannedShare[],
  takes: (cluster: string) => boolean,
): readonly PlannedShare[] {
  const { shares, mode, terms, moves, decision } = workload;
  // A gang is placed whole, copies are counted by cluster, and who was displaced leaves his room to another.
  const may = mode === 'service' && terms.gang === undefined && !isDuplicated(workload);
  if (!may || decision?.reason === Reason.PREEMPTED || shares.every(({ leaving }) => leaving === 0)) return staying;
  let missing = missingIn(workload, staying);
  const more = new Map<string, number>();
  for (const { cluster, leaving, eviction } of shares) {
    const back = Math.min(leaving, missing);
    if (back <= 0 || eviction !== undefined || moves?.stuckOn?.includes(cluster) === true || !takes(cluster)) continue;
    more.set(cluster, back);
    missing -= back;
  }
  if (more.size === 0) return staying;
  const grown = staying.map((share) => ({ ...share, replicas: share.replicas + (more.get(share.cluster) ?? 0) }));
  const others = [...more].filter(([cluster]) => !staying.some((share) => share.cluster === cluster));
  return [
    ...grown,
    ...others.map(([cluster, replicas]) => ({ cluster, replicas, completions: undefined, finished: false })),
  ].sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

/**
 * Replicas by cluster for which a placement takes room: those of a share that still holds what was to leave are its own again. Only clusters
 * that take any.
 */
export function newlyHeld(
  workload: WorkloadRecord,
  placements: readonly Placement[],
  leaving: readonly { cluster: string; replicas: number }[],
): Map<string, number> {
  const taken = new Map<string, number>();
  for (const { cluster, replicas } of placements) {
    const share = shareOn(workload, cluster);
    const before = share === undefined ? 0 : share.finished ? share.replicas : share.held;
    const staying = leaving.find((each) => each.cluster === cluster)?.replicas ?? 0;
    if (replicas + staying > before) taken.set(cluster, replicas + staying - before);
  }
  return taken;
}

/** Whether it is decided on anew because a policy says something else, and it may run in two places meanwhile. */
const isMovedByPolicy = ({ mode, decision, rulesAt, objectAt }: WorkloadRecord): boolean =>
  mode === 'service' && decision !== undefined && rulesAt > objectAt && decision.basis < rulesAt;

/** Successful pods that no kept share of a batch job will bring. */
export function missingCompletions(workload: WorkloadRecord, kept: readonly PlannedShare[]): number {
  const { completions } = workload;
  if (isDuplicated(workload)) return completions ?? 0;
  return (completions ?? 0) - kept.reduce((sum, share) => sum + (share.completions ?? 0), 0);
}

/** Adds parts to the kept shares and divides the completions. Sorted by cluster. */
export function placementsOf(
  workload: WorkloadRecord,
  kept: readonly PlannedShare[],
  added: ReadonlyMap<string, number>,
): Placement[] {
  const shares = kept.map((share) => ({ ...share, replicas: share.replicas + (added.get(share.cluster) ?? 0) }));
  for (const [cluster, replicas] of added) {
    if (!kept.some((share) => share.cluster === cluster)) {
      shares.push({ cluster, replicas, completions: undefined, finished: false });
    }
  }
  shares.sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  if (workload.completions === undefined) return shares.map(({ cluster, replicas }) => ({ cluster, replicas }));
  const completions = isDuplicated(workload)
    ? shares.map(() => workload.completions)
    : divideCompletions(workload.completions, shares);
  return shares.map(({ cluster, replicas }, index) => ({ cluster, replicas, completions: completions[index] ?? 0 }));
}

/**
 * Completions by share, adding up to the total. batch/v1 completions cannot be changed, so a share keeps what it was given; the
 * rest goes to the new shares. Only when that does not add up (the user changed the total, or nothing new was placed) are
 * running shares given others.
 */
function divideCompletions(total: number, shares: readonly PlannedShare[]): number[] {
  const given = shares.map((share) => share.completions ?? 0);
  const rest = total - given.reduce((a, b) => a + b, 0);
  const fresh = shares.map((share) => (share.completions === undefined ? share.replicas : 0));
  const running = shares.map((share) => (share.finished ? 0 : share.replicas));
  if (rest >= 0) {
    const weights = [fresh, running].find((candidate) => candidate.some((weight) => weight > 0)) ?? given;
    const extra = largestRemainder(rest, weights);
    return given.map((completions, index) => completions + (extra[index] ?? 0));
  }
  return largestRemainder(
    total,
    shares.map((share) => share.replicas),
  );
}

/** Scale-down: from where it is most; what ran to its end gives last. */
export function lowerTo(shares: PlannedShare[], replicas: number): PlannedShare[] {
  let excess = shares.reduce((sum, share) => sum + share.replicas, 0) - replicas;
  for (const finished of [false, true]) {
    if (excess <= 0) break;
    const giving = shares.filter((share) => share.finished === finished);
    const lowered = lower(
      giving.map((share) => share.replicas),
      excess,
    );
    giving.forEach((share, index) => {
      excess -= share.replicas - (lowered[index] ?? 0);
      share.replicas = lowered[index] ?? 0;
    });
  }
  return shares.filter((share) => share.replicas > 0);
}
