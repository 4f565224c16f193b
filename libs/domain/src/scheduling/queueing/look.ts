/** One workload's turn: what its queue, its gang and its purse allow, then the pipeline. Records what comes of it. */
import { type Admission, type PlacementDecision, decideWorkload } from '../decide-workload.js';
import type { Refusal } from '../pipeline/plugin.js';
import type { Candidate } from '../pipeline/shape-view.js';
import { Reason, isPermanent } from '../reasons.js';
import { countFitsWhenEmpty } from '../room.js';
import { type Reservation, giveBack } from '../round-table.js';
import { type ClusterRecord, type WorkloadRecord, wantedReplicas } from '../state.js';
import { type ClusterRules, onOneCluster, priceRule, quotaAdmission } from './admission.js';
import { closeClaim, openClaim, someoneLeaves } from './claims.js';
import { displace } from './displace.js';
import {
  type Outcome,
  type Remarks,
  type RoundContext,
  candidatesOf,
  leafOf,
  missingOf,
  record,
} from './round-context.js';
import type { Need } from './victims.js';

const PLACED: Outcome = { blocked: undefined, dueMs: undefined, usable: [], claimed: false };

/** Decides one workload for itself. */
export function lookAt(context: RoundContext, workload: WorkloadRecord): Outcome {
  const opened = openClaim(context, workload);
  const { gang } = workload.terms;
  const missing = missingOf(context, workload);
  const quota = quotaAdmission(leafOf(context, workload), workload, missing);
  const rules = clusterRules(context, workload, missing);
  const wholly = gang !== undefined && missing > 0;
  const admission: Admission = {
    most: wholly && quota.most < missing ? 0 : quota.most,
    ...(quota.reason !== undefined && { reason: quota.reason }),
    ...(rules !== undefined && { objection: rules.objection }),
  };
  const data = wholly
    ? decideWholly(context, workload, missing, gang.together, admission)
    : decideWorkload(context.round, workload, admission);
  return settleLook(context, { workload, missing, data, opened, rules, overQuota: quota.reason !== undefined });
}

interface Look {
  workload: WorkloadRecord;
  missing: number;
  data: PlacementDecision;
  /** The room that it had claimed. */
  opened: readonly Reservation[];
  rules: ClusterRules | undefined;
  overQuota: boolean;
}

function settleLook(context: RoundContext, { workload, missing, data, opened, rules, overQuota }: Look): Outcome {
  // Requests that cannot be read are no reason to displace anybody: the next in line may be luckier.
  if (data.unplaced === 0 || isPermanent(data.reason)) {
    record(context, workload, data, missing - data.unplaced);
    return PLACED;
  }
  const { gang } = workload.terms;
  const usable = candidatesOf(context, workload.shape).filter(
    ({ refused, cluster }) => !refused && rules?.objection(cluster.record) === undefined,
  );
  const onOne = onOneCluster(workload);
  const atLeast = gang !== undefined || onOne ? data.unplaced : 1;
  const remarks = claimOrDisplace(context, { workload, replicas: data.unplaced, onOne, usable }, atLeast, opened);
  const said = remarks.displaces === undefined ? data : { ...data, ...preempting(remarks) };
  record(context, workload, said, missing - data.unplaced, remarks);
  const blocked = overQuota && data.reason === Reason.QUOTA_EXCEEDED ? 'quota' : 'room';
  return { blocked, dueMs: rules?.dueMs, usable, claimed: remarks.claims !== undefined };
}

/** Keeps the claim that it has while those still leave that were displaced for it; otherwise displaces others, if it may. */
function claimOrDisplace(context: RoundContext, need: Need, atLeast: number, opened: readonly Reservation[]): Remarks {
  const { workload } = need;
  const { claims } = workload;
  if (claims !== undefined && someoneLeaves(context.state, claims)) {
    closeClaim(context, workload, opened);
    return { claims };
  }
  const forAll = displace(context, need);
  if (forAll !== undefined || atLeast === need.replicas) return forAll ?? {};
  return displace(context, { ...need, replicas: atLeast }) ?? {};
}

const preempting = ({ displaces = [] }: Remarks): Refusal => {
  const names = displaces.map(({ ref, cluster }) => `${ref.namespace ?? ''}/${ref.name} on ${cluster}`);
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${String(names.length - 3)} more` : '');
  return { reason: Reason.PREEMPTING, message: `waiting until ${shown} made room for it` };
};

/** What is against clusters for this workload in this round: their prices, and that it is still leaving them for somebody. */
export function clusterRules(
  context: RoundContext,
  workload: WorkloadRecord,
  missing: number,
): ClusterRules | undefined {
  const leaving = leavingRule(context, workload);
  if (!context.priced) return leaving;
  const { wait } = workload.terms;
  const onOne = onOneCluster(workload);
  const candidates = candidatesOf(context, workload.shape);
  if (wait !== undefined) context.usedTime = true;
  const price = priceRule(workload, candidates, context.nowMs, Math.max(missing, 1), onOne);
  if (leaving === undefined) return price;
  return { ...price, objection: (cluster) => leaving.objection(cluster) ?? price.objection(cluster) };
}

/** Who was displaced does not come back to where he still is: the room would never come free for the one it was meant for. */
function leavingRule({ shadowed, claims }: RoundContext, workload: WorkloadRecord): ClusterRules | undefined {
  if (claims.size === 0) return undefined;
  const leaving = new Set(
    workload.shares.filter((share) => share.held > wantedReplicas(share)).map(({ cluster }) => cluster),
  );
  if (leaving.size === 0) return undefined;
  const claimed = new Set([...shadowed.keys()].map(({ record }) => record.name));
  const objection = ({ name }: ClusterRecord): Refusal | undefined =>
    leaving.has(name) && claimed.has(name)
      ? { reason: Reason.PREEMPTED, message: 'its replicas there are still leaving to make room for another' }
      : undefined;
  return { objection, dueMs: undefined };
}

/** All that is missing or nothing; `onOne`: on the best cluster that has room for all of it. */
function decideWholly(
  context: RoundContext,
  workload: WorkloadRecord,
  missing: number,
  onOne: boolean,
  admission: Admission,
): PlacementDecision {
  const { round } = context;
  const restricted = onOne ? { ...admission, ...onBestCluster(context, workload, missing, admission) } : admission;
  round.table.journal = [];
  const data = decideWorkload(round, workload, restricted);
  const { journal } = round.table;
  round.table.journal = undefined;
  const placed = missing - data.unplaced;
  const lacksRoom = data.reason === Reason.INSUFFICIENT_RESOURCES && missing > 1;
  if (data.unplaced === 0 || (placed === 0 && !lacksRoom)) return data;
  for (const reservation of journal) giveBack(round.table, reservation);
  const never = neverTogether(context, workload, missing, admission);
  const message = `all ${String(missing)} replicas must be placed together, there is room for ${String(placed)}${never}: ${data.message ?? ''}`;
  return decideWorkload(round, workload, {
    ...restricted,
    most: 0,
    reason: { reason: Reason.GANG_DOES_NOT_FIT, message },
  });
}

/** Says so when they would not fit together on clusters with nothing on them; empty: they would. */
function neverTogether(
  context: RoundContext,
  { shape }: WorkloadRecord,
  missing: number,
  { objection }: Admission,
): string {
  const most = candidatesOf(context, shape)
    .filter(({ refused, cluster }) => !refused && objection?.(cluster.record) === undefined)
    .reduce((sum, { cluster: { room }, mask }) => sum + countFitsWhenEmpty(room.layout, shape.request, mask), 0);
  return most < missing ? `, and for no more than ${String(most)} if nothing else ran` : '';
}

function onBestCluster(
  context: RoundContext,
  workload: WorkloadRecord,
  missing: number,
  { objection }: Admission,
): Pick<Admission, 'objection'> {
  let best: Candidate | undefined;
  for (const candidate of candidatesOf(context, workload.shape)) {
    if (candidate.fits < missing || objection?.(candidate.cluster.record) !== undefined) continue;
    if (best === undefined || candidate.score > best.score) best = candidate;
  }
  const record = best?.cluster.record;
  return {
    objection: (cluster) =>
      objection?.(cluster) ??
      (cluster === record
        ? undefined
        : { reason: Reason.GANG_DOES_NOT_FIT, message: `all ${String(missing)} replicas must be on one cluster` }),
  };
}
