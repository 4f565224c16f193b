/** Status of a deployment: counts over its replica sets, and the conditions Available and Progressing. */
import { conditionOf, millis, timestamp, withCondition } from '../model/object-facts.js';
import type { NativeCondition } from '../model/condition.js';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../model/workloads.js';
import { findNewSet } from './revision.js';
import { availableOf, rolloutBounds, sizeOf } from './rollout.js';

/** `againAtMs`: when the progress deadline runs out. */
export function deploymentStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  nowMs: number,
): { status: DeploymentStatus; againAtMs?: number } {
  const newSet = findNewSet(deployment, sets);
  const sum = (of: (set: ReplicaSet) => number): number => sets.reduce((total, set) => total + of(set), 0);
  const replicas = sum((set) => set.status?.replicas ?? 0);
  const ready = sum((set) => set.status?.readyReplicas ?? 0);
  const available = sum(availableOf);
  const unavailable = Math.max(0, sum(sizeOf) - available);
  const updated = newSet?.status?.replicas ?? 0;
  const base: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(replicas > 0 ? { replicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
    terminatingReplicas: sum((set) => set.status?.terminatingReplicas ?? 0),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  };
  const now = timestamp(nowMs);
  const before = deployment.status?.conditions;
  let conditions = stamped(before, withCondition(before, availability(deployment, available), now), now);
  const progress = progressing(deployment, base, newSet, nowMs);
  if (progress.condition !== undefined) conditions = withProgress(conditions, progress.condition, now);
  return {
    status: { ...base, conditions },
    ...(progress.deadlineMs === undefined ? {} : { againAtMs: progress.deadlineMs }),
  };
}

function availability(deployment: Deployment, available: number): NativeCondition {
  const replicas = deployment.spec.replicas ?? 1;
  const maxUnavailable =
    deployment.spec.strategy?.type === 'Recreate'
      ? 0
      : rolloutBounds(deployment.spec.strategy?.rollingUpdate, replicas).maxUnavailable;
  return available >= replicas - maxUnavailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progressing(
  deployment: Deployment,
  next: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  nowMs: number,
): { condition?: NativeCondition; deadlineMs?: number } {
  const name = deployment.metadata.name;
  const old = conditionOf(deployment.status?.conditions, 'Progressing');
  if (deployment.spec.paused === true) {
    if (old?.reason === 'ProgressDeadlineExceeded') return {};
    return { condition: progress('Unknown', 'DeploymentPaused', 'Deployment is paused') };
  }
  if (newSet === undefined) return old === undefined ? { condition: started(name) } : {};
  const setName = newSet.metadata.name;
  const wanted = deployment.spec.replicas ?? 1;
  const complete =
    (next.updatedReplicas ?? 0) === wanted &&
    (next.replicas ?? 0) === wanted &&
    (next.availableReplicas ?? 0) === wanted;
  if (complete) {
    const done = `ReplicaSet "${setName}" has successfully progressed.`;
    return { condition: progress('True', 'NewReplicaSetAvailable', done) };
  }
  if (movedOn(deployment.status, next) || old === undefined || old.reason === 'DeploymentPaused') {
    const reason = old?.reason === undefined ? 'NewReplicaSetCreated' : 'ReplicaSetUpdated';
    const message =
      reason === 'NewReplicaSetCreated'
        ? `Created new replica set "${setName}"`
        : `ReplicaSet "${setName}" is progressing.`;
    return { condition: progress('True', reason, message), ...deadline(deployment, nowMs) };
  }
  if (old.reason === 'NewReplicaSetAvailable') {
    // A finished rollout that lost pods is not a rollout; a new template is.
    if (old.message?.includes(`"${setName}"`) === true) return {};
    return {
      condition: progress('True', 'ReplicaSetUpdated', `ReplicaSet "${setName}" is progressing.`),
      ...deadline(deployment, nowMs),
    };
  }
  const since = millis(old.lastUpdateTime ?? old.lastTransitionTime);
  const { deadlineMs } = deadline(deployment, since);
  if (old.reason !== 'ProgressDeadlineExceeded' && deadlineMs <= nowMs) {
    const late = `ReplicaSet "${setName}" has timed out progressing.`;
    return { condition: progress('False', 'ProgressDeadlineExceeded', late) };
  }
  return old.reason === 'ProgressDeadlineExceeded' ? {} : { deadlineMs };
}

const progress = (status: NativeCondition['status'], reason: string, message: string): NativeCondition => ({
  type: 'Progressing',
  status,
  reason,
  message,
});

const started = (name: string): NativeCondition =>
  progress('True', 'NewReplicaSetReason', `Found new replica set for deployment "${name}"`);

const deadline = (deployment: Deployment, sinceMs: number): { deadlineMs: number } => ({
  deadlineMs: sinceMs + (deployment.spec.progressDeadlineSeconds ?? 600) * 1000,
});

/** More updated, fewer old, or more ready or available pods than before. */
function movedOn(old: DeploymentStatus | undefined, next: DeploymentStatus): boolean {
  const outdated = (status: DeploymentStatus | undefined): number =>
    (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) !== (old?.updatedReplicas ?? 0) ||
    outdated(next) < outdated(old) ||
    (next.readyReplicas ?? 0) > (old?.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old?.availableReplicas ?? 0)
  );
}

/** With the time of the change in what has changed. */
const stamped = (
  before: readonly NativeCondition[] | undefined,
  conditions: readonly NativeCondition[],
  now: string,
): NativeCondition[] =>
  conditions.map((each) => (before?.includes(each) === true ? each : { ...each, lastUpdateTime: now }));

/** Progressing also records when it was last heard of: the deadline counts from there. */
function withProgress(conditions: readonly NativeCondition[], next: NativeCondition, now: string): NativeCondition[] {
  const old = conditionOf(conditions, 'Progressing');
  const same = old?.status === next.status && old.reason === next.reason && old.message === next.message;
  if (same && next.reason === 'NewReplicaSetAvailable') return [...conditions];
  return withCondition(conditions, next, now).map((condition) =>
    condition.type === 'Progressing' && !(same && next.reason === 'DeploymentPaused')
      ? { ...condition, lastUpdateTime: now }
      : condition,
  );
}
