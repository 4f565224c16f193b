/** Keeps the worked-out sets of the state true: called after every change to a workload, it looks at that workload only. */
import { fingerprintOf } from './dependencies.js';
import { fileInQueue, forgetInQueue } from './queueing/queueing-state.js';
import { releaseTerms } from './queueing/terms.js';
import { fileDisplaced } from './moving/displaced.js';
import { moveTerm } from './moving/moving-rules.js';
import { isBalanced } from './moving/rebalance/balancing.js';
import { mayMove } from './moving/rebalance/rebalance.js';
import { goesOn } from './moving/rollout/rollout.js';
import { fileStuck } from './moving/stuck.js';
import { Reason, isPermanent } from './reasons.js';
import {
  NO_SHARES,
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  isDuplicated,
  isEdited,
  isStranded,
  isWanted,
  wantedReplicas,
} from './state.js';
import { forgotten, recount, shapeUnused } from './placement/evolve-workload-terms.js';
import { OBJECTS_KEPT, regroup, waitingKey } from './waiting.js';
import type { StoredObject } from '@skyflow/contracts';

/** What sky.work of a share's cluster lacks. */
export type ShareAction = 'assign' | 'withdraw' | 'none';

/** Re-files a workload after a change; forgets shares that nothing is left of, and the workload itself if nobody waits for it. */
export function refresh(state: SchedulingState, workload: WorkloadRecord): void {
  forgetEmptyShares(state, workload);
  recount(state, workload);
  if (state.stuck.size > 0) fileStuck(state, workload);
  const { uid } = workload.ref;
  if (workload.deleting && workload.forced && workload.shares.length === 0) {
    forget(state, workload);
    return;
  }

  const undecided = needsDecision(state, workload);
  file(
    state.moving,
    uid,
    !workload.deleting && workload.shares.some((share) => share.leaving > 0 || share.eviction !== undefined),
  );
  file(state.undecided, uid, undecided);
  file(state.rollouts, uid, !workload.deleting && goesOn(workload.moves?.rollout));
  file(state.rebalancing, uid, !workload.deleting && mayMove(workload));
  file(state.balancing, uid, !workload.deleting && isBalanced(workload));
  file(state.releasable, uid, workload.deleting && workload.shares.length === 0);
  file(
    state.unissued,
    uid,
    workload.shares.some((share) => actionFor(state, workload, share) !== 'none'),
  );
  const waiting = !undecided && waits(workload);
  regroup(state.waiting, workload, waiting ? waitingIn(workload) : undefined);
  fileInQueue(state, workload, undecided, waiting);
  if (waiting && !state.unissued.has(uid) && state.workloads.size > OBJECTS_KEPT) workload.object = undefined;
  const settled = !undecided && !workload.deleting && workload.decision?.unplaced === 0;
  if (settled && !state.unissued.has(uid)) {
    workload.origin = undefined;
    workload.object = undefined;
    workload.heldObject = undefined;
  }
}

/** Whether there is no decision yet that covers the workload as it is and the clusters that are there. */
export const needsDecision = (state: SchedulingState, workload: WorkloadRecord): boolean =>
  !workload.deleting && (isEdited(workload) || workload.shares.some((share) => isStranded(state, share)));

/**
 * What to tell the share's cluster. Nothing new is assigned while a decision on the workload is due: it would be overtaken at
 * once.
 */
export function actionFor(state: SchedulingState, workload: WorkloadRecord, share: Share): ShareAction {
  if (!isWanted(state, workload, share)) return share.work === 'assigned' ? 'withdraw' : 'none';
  if (needsDecision(state, workload)) return 'none';
  const isMore = share.work !== 'assigned' || wantedReplicas(share) > share.carried.replicas;
  if (isMore && stillRunsElsewhere(state, workload)) return 'none';
  const carried =
    share.work === 'assigned' &&
    share.carried.decision === share.decision &&
    share.carried.dependencies === fingerprintOf(dependenciesOf(state, workload));
  return carried ? 'none' : 'assign';
}

/**
 * Whether a job that runs to completion has been taken from a cluster that answers, and may still run there: it starts elsewhere when that
 * cluster has removed it, as what it does might not bear to be done twice. A cluster that cannot be seen is waited for only by jobs whose
 * failover policy says Never, and not if the user gives it up.
 */
const stillRunsElsewhere = (state: SchedulingState, workload: WorkloadRecord): boolean =>
  workload.mode !== 'service' &&
  workload.shares.some((share) => {
    if (share.work === 'none' || share.finished || isWanted(state, workload, share)) return false;
    const cluster = state.clusters.get(share.cluster);
    if (cluster === undefined) return false;
    const isSeen = cluster.health.state === 'READY' || cluster.health.state === 'SUSPECT';
    return isSeen || (!cluster.deleting && moveTerm(workload, 'failover')?.mode === 'Never');
  });

/** The stored objects that a workload's pods refer to; those that do not exist are left out. */
export function dependenciesOf(state: SchedulingState, workload: WorkloadRecord): StoredObject[] {
  const found: StoredObject[] = [];
  for (const key of workload.dependencies) {
    const object = state.dependencies.get(key);
    if (object !== undefined) found.push(object);
  }
  return found;
}

/** Removes a workload of which nothing is left, with everything that points to it. */
export function forget(state: SchedulingState, workload: WorkloadRecord): void {
  const { uid, namespace } = workload.ref;
  for (const share of workload.shares) state.clusters.get(share.cluster)?.shares.delete(uid);
  const { undecided, releasable, unissued, moving, stuck, rollouts, rebalancing, balancing } = state;
  for (const set of [undecided, releasable, unissued, moving, stuck, rollouts, rebalancing, balancing]) set.delete(uid);
  regroup(state.waiting, workload, undefined);
  forgetInQueue(state, workload);
  releaseTerms(state.terms, workload.terms, workload.deleting);
  for (const key of workload.dependencies) dropDependent(state, key, uid);
  fileDisplaced(state, { ref: workload.ref, moves: undefined }, workload.moves);
  forgotten(state, uid);
  releaseShape(state, workload);
  state.workloads.delete(uid);
  const record = namespace === undefined ? undefined : state.namespaces.get(namespace);
  if (namespace === undefined || record === undefined) return;
  record.workloads--;
  forgetEmptyNamespace(state, namespace);
}

/** A namespace that holds nothing, here or on any cluster, leaves no trace. */
export function forgetEmptyNamespace(state: SchedulingState, name: string): void {
  const record = state.namespaces.get(name);
  if (record === undefined || record.workloads > 0 || record.clusters.size > 0) return;
  state.namespaces.delete(name);
  state.deletedNamespaces.delete(name);
}

export function dropDependent(state: SchedulingState, key: string, uid: string): void {
  const dependents = state.dependents.get(key);
  dependents?.delete(uid);
  if (dependents?.size === 0) state.dependents.delete(key);
}

export function releaseShape(state: SchedulingState, { shape }: WorkloadRecord): void {
  shape.users--;
  if (shape.users > 0) return;
  state.shapes.delete(shape.key);
  shapeUnused(state, shape);
}

/** A batch workload that ran to its end everywhere needs no more room; a duplicated one has a use for every cluster that comes. */
function waits(workload: WorkloadRecord): boolean {
  const { deleting, decision, mode, shares } = workload;
  if (deleting || decision === undefined || isPermanent(decision.reason)) return false;
  if (decision.unplaced === 0 && !isDuplicated(workload)) return false;
  return mode === 'service' || shares.length === 0 || shares.some((share) => !share.finished);
}

const waitingIn = (workload: WorkloadRecord) => ({
  key: waitingKey(workload),
  reason: workload.decision?.reason ?? Reason.INSUFFICIENT_RESOURCES,
});

function forgetEmptyShares(state: SchedulingState, workload: WorkloadRecord): void {
  const isEmpty = (share: Share): boolean =>
    (wantedReplicas(share) === 0 || workload.deleting) && share.work === 'none';
  if (!workload.shares.some(isEmpty)) return;
  for (const share of workload.shares.filter(isEmpty)) {
    state.clusters.get(share.cluster)?.shares.delete(workload.ref.uid);
  }
  const left = workload.shares.filter((share) => !isEmpty(share));
  workload.shares = left.length === 0 ? NO_SHARES : left;
}

function file(set: Set<string>, uid: string, belongs: boolean): void {
  if (belongs) set.add(uid);
  else set.delete(uid);
}
