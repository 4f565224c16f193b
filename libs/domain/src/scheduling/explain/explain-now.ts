/**
 * How things stand for a workload now: per cluster the first rule that refuses it with its numbers, or its scores by plugin, and the
 * smallest change that would let it in; for one that waits its place in the queue and how long that may take. Reads only.
 */
import type { ClusterExplanation, ClusterVerdict, PlacementExplanation } from '@skyflow/contracts';
import { type Admission, decideWorkload } from '../decide-workload.js';
import { balance } from '../pipeline/balance.js';
import { type Candidate, viewOf } from '../pipeline/shape-view.js';
import { roundTable } from '../round-table.js';
import { type SchedulingState, type WorkloadRecord, shareOn, wantedReplicas } from '../state.js';
import { type ClusterRules, onOneCluster, priceRule } from '../queueing/admission.js';
import { Reason } from '../reasons.js';
import { besideRoom, looserRules, wayAround } from './looser-rules.js';
import { placeInQueue } from './queue-place.js';
import { type QueueRefusal, queueRefusals } from './queue-refusals.js';
import { smallestChange } from './smallest-change.js';
import { waitsFor } from './note-wait.js';
import { estimateFor, qualityOf } from './wait-records.js';

/** Undefined: there is no such workload. */
export function explainNow(state: SchedulingState, uid: string, nowMs: number): PlacementExplanation | undefined {
  const workload = state.workloads.get(uid);
  if (workload === undefined) return undefined;
  const view = viewOf(workload.shape, roundTable(state), state.columns.byName.get('pods') ?? 0);
  const isWaiting = waitsFor(workload) !== undefined;
  const price = isWaiting ? priceRuleNow(state, workload, view.candidates, nowMs) : undefined;
  const admission = price && { most: Number.POSITIVE_INFINITY, objection: price.objection };
  const verdicts = verdictsNow(state, workload, admission);
  const queued = isWaiting ? queueRefusals(state, workload, nowMs) : undefined;
  const clusters = view.candidates.map((candidate): ClusterExplanation => {
    const { name } = candidate.cluster.record;
    const verdict = verdicts.get(name) ?? candidate.verdict;
    const now = { ...verdict, ...clusterNow(workload, candidate) };
    if (!isWaiting) return now;
    if (verdict.plugin === undefined) return withQueued(now, queued?.of(candidate));
    if (now.change !== undefined) {
      const beside = besideRoom(state, workload, name, admission);
      return { ...now, change: [...now.change, ...beside, ...(queued?.besideRoom(candidate) ?? [])] };
    }
    const into = { cluster: name, withRoom: false, admission };
    const change = looserRules(state, workload, into) ?? wayAround(verdict.reason, verdict.message);
    return { ...now, ...(change !== undefined && { change }) };
  });
  const isTooDear = ({ cluster }: Candidate): boolean =>
    verdicts.get(cluster.record.name)?.reason === Reason.TOO_DEAR_YET;
  const hasEnd = price?.dueMs !== undefined && hasRoom(workload, view.candidates.filter(isTooDear));
  return {
    position: state.position,
    clusters,
    ...(isWaiting && { waiting: waitingNow(state, workload, nowMs, price?.dueMs, hasEnd) }),
  };
}

/** Whether all that is missing fits on these clusters, which nothing but their price refuses. */
function hasRoom(workload: WorkloadRecord, candidates: readonly Candidate[]): boolean {
  const fits = candidates.map((candidate) => candidate.fits);
  const room = onOneCluster(workload) ? Math.max(0, ...fits) : fits.reduce((sum, each) => sum + each, 0);
  return room >= missingReplicas(workload);
}

const missingReplicas = ({ replicas, shares }: WorkloadRecord): number =>
  Math.max(1, replicas - shares.reduce((sum, share) => sum + share.replicas, 0));

/** The cluster has room, and the queues have something against it. */
function withQueued(now: ClusterExplanation, refusal: QueueRefusal | undefined): ClusterExplanation {
  if (refusal === undefined) return now;
  const { fits: _fits, score: _score, scores: _scores, ...rest } = now;
  return { ...rest, ...refusal.verdict, change: refusal.change };
}

/** What prices have against clusters for it now; undefined: no cluster has a price. */
function priceRuleNow(
  { clusters }: SchedulingState,
  workload: WorkloadRecord,
  candidates: readonly Candidate[],
  nowMs: number,
): ClusterRules | undefined {
  if (![...clusters.values()].some(({ prices }) => prices !== undefined)) return undefined;
  return priceRule(workload, candidates, nowMs, missingReplicas(workload), onOneCluster(workload));
}

/** As a round would record them: rules on the workload as a whole (spread, affinity, completions) have their say too. */
function verdictsNow(
  state: SchedulingState,
  workload: WorkloadRecord,
  admission: Admission | undefined,
): Map<string, ClusterVerdict> {
  const round = {
    state,
    epoch: state.epoch,
    verdicts: state.clusters.size,
    table: roundTable(state),
    views: new Map(),
  };
  return new Map(decideWorkload(round, workload, admission).verdicts.map((verdict) => [verdict.cluster, verdict]));
}

function clusterNow(workload: WorkloadRecord, candidate: Candidate): Omit<ClusterExplanation, keyof ClusterVerdict> {
  const { shape } = workload;
  const { cluster, fits } = candidate;
  const share = shareOn(workload, cluster.record.name);
  const change = fits > 0 ? undefined : smallestChange(shape, cluster);
  return {
    replicas: share === undefined ? 0 : wantedReplicas(share),
    ...(fits > 0 && { scores: scoresOf(workload, candidate) }),
    ...(change !== undefined && { change: [...change] }),
  };
}

/** Parts of the score of the next replica. */
function scoresOf(
  { shape, replicas, shares }: WorkloadRecord,
  { cluster, preference }: Candidate,
): Record<string, number> {
  const balanced = balance.score(shape, cluster, 0);
  const own = shares.find((share) => share.cluster === cluster.record.name)?.replicas ?? 0;
  return {
    [balance.name]: rounded(balanced),
    ...(preference !== 0 && { Preferences: rounded(preference) }),
    ...(own > 0 && { Spread: rounded((-100 * own) / Math.max(replicas, 1)) }),
  };
}

const rounded = (score: number): number => Math.round(score * 100) / 100;

function waitingNow(
  state: SchedulingState,
  workload: WorkloadRecord,
  nowMs: number,
  payFromMs: number | undefined,
  hasEnd: boolean,
): NonNullable<PlacementExplanation['waiting']> {
  const place = placeInQueue(state, workload);
  const key = waitsFor(workload) ?? '';
  const estimate = estimateFor(state.waits, key, place.aheadAlike);
  const quality = qualityOf(state.waits);
  return {
    ...place,
    waitedMs: Math.max(0, nowMs - workload.createdAtMs),
    ...(payFromMs !== undefined && { payFromMs, waitingPolicy: workload.terms.wait?.policy ?? 'Constant' }),
    ...(payFromMs !== undefined && hasEnd && { longestMs: Math.max(0, payFromMs - workload.createdAtMs) }),
    ...(estimate !== undefined && { estimate }),
    ...(quality !== undefined && { quality }),
  };
}
