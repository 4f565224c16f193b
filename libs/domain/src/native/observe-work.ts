/**
 * What is true of a share, from the native objects that carry it out: the data of a `WorkObserved` entry.
 *
 * Honest: a phase is only said of the generation that the native object was made from and that the cluster's own controller has
 * taken up; until then there is nothing new to say (undefined), so that a stale read never takes a status back.
 */
import {
  ANNOTATION_GENERATION,
  ROLLING_UPDATE,
  type EntryData,
  type JobSpec,
  type ObjectRef,
  type WorkPhase,
} from '@skyflow/contracts';
import type { DesiredWork } from '../work/desired.js';
import { holding, type NativeCondition, type NativeObject, type NativePod } from './native-object.js';
import { observedPods } from './observed-pods.js';
import { isReady, worstTrouble, type Trouble } from './pod-trouble.js';
import { nativeKindOf } from '../objects/workload-facts.js';

export type WorkObservation = EntryData<'WorkObserved'>;

/** Why a share is not there as desired: the API refused it, the name is taken, it must wait. */
export interface Obstacle extends Trouble {
  /** FAILED: it will not work without a change by someone. PENDING: it may yet. */
  phase: Extract<WorkPhase, 'PENDING' | 'FAILED'>;
}

export interface NativeFacts {
  /** The native Deployment or Job made for this workload, if it is there. */
  workload: NativeObject | undefined;
  /** Pods with this workload's uid. */
  pods: readonly NativePod[];
  obstacle?: Obstacle | undefined;
  /** What the pods refer to and the cluster does not have, e.g. `Secret db`. */
  missing?: readonly string[] | undefined;
}

interface Counts {
  ready: number;
  running: number;
  pending: number;
  succeeded: number;
  failed: number;
  /** Of a Deployment: of an older pod template; absent: none. */
  outdated?: number;
}

type Verdict = { phase: WorkPhase } & Partial<Trouble>;

/** Undefined: nothing can be said yet that was not said before. */
export function observeWork(share: DesiredWork, facts: NativeFacts): WorkObservation | undefined {
  const { workload, obstacle } = facts;
  const pods = facts.pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  if (obstacle !== undefined)
    return observation(share, share.generation, { counts: countsOf(pods, share.replicas), pods }, obstacle);
  if (workload === undefined) return undefined;
  const seen =
    nativeKindOf(share.object) === 'Job' ? observeJob(share, workload, pods) : observeDeployment(share, workload, pods);
  return seen === undefined ? undefined : withMissing(seen, facts.missing ?? [], share.ref.namespace);
}

/** What is missing explains what the pods only show; of a share that does what it should it explains nothing. */
function withMissing(
  seen: WorkObservation,
  missing: readonly string[],
  namespace: string | undefined,
): WorkObservation {
  if (missing.length === 0 || seen.reason === undefined || seen.phase === 'COMPLETED') return seen;
  if (seen.phase === 'FAILED' && BATCH_FAILURES.has(seen.reason)) return seen;
  const [what, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const message =
    `${missing.join(', ')} ${what} missing on the cluster; create ${them} there in namespace ${namespace ?? 'default'} ` +
    `(ConfigMaps and Secrets also in SkyFlow); ${seen.reason}: ${seen.message ?? ''}`;
  return { ...seen, reason: 'MissingDependency', message: message.slice(0, LONGEST_MESSAGE) };
}

/** Whether this report is the last word on a batch Job: its native object need not be there any more. */
export const isFinished = (share: DesiredWork, last: WorkObservation): boolean =>
  nativeKindOf(share.object) === 'Job' &&
  last.generation >= share.generation &&
  (last.phase === 'FAILED'
    ? last.reason !== undefined && BATCH_FAILURES.has(last.reason)
    : last.phase === 'COMPLETED' && last.succeeded >= (share.completions ?? share.replicas));

/** Reasons with which Kubernetes' job controller gives a Job up (pkg/controller/job). */
const BATCH_FAILURES = new Set([
  'BackoffLimitExceeded',
  'DeadlineExceeded',
  'PodFailurePolicy',
  'FailedIndexes',
  'MaxFailedIndexesExceeded',
]);

interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  conditions?: NativeCondition[];
}

function observeDeployment(
  share: DesiredWork,
  workload: NativeObject,
  pods: readonly NativePod[],
): WorkObservation | undefined {
  const status = (workload['status'] ?? {}) as DeploymentStatus;
  const wanted = (workload['spec'] as { replicas?: number } | undefined)?.replicas ?? share.replicas;
  const takenUp = (status.observedGeneration ?? 0) >= (workload.metadata.generation ?? 0);
  if (!takenUp && status.observedGeneration !== undefined) return undefined;
  const seen = countsOf(pods, wanted);
  // A rolling update may have more pods than replicas.
  const outdated = Math.max(0, (status.replicas ?? 0) - (status.updatedReplicas ?? 0));
  const counts = { ...seen, ready: Math.min(seen.ready, wanted), ...(outdated === 0 ? {} : { outdated }) };
  return observation(
    share,
    generationOf(workload, share),
    { counts, pods },
    deploymentVerdict(share, wanted, counts, status, pods),
  );
}

function deploymentVerdict(
  share: DesiredWork,
  wanted: number,
  counts: Counts,
  status: DeploymentStatus,
  pods: readonly NativePod[],
): Verdict {
  if (wanted === 0) {
    const suspended = (share.object.spec as Partial<JobSpec> | undefined)?.suspend === true;
    return suspended
      ? { phase: 'PENDING', reason: 'Suspended', message: 'suspended by its spec' }
      : { phase: 'RUNNING' };
  }
  // One that surges has all its new replicas while the old ones serve: those in whose place a new one serves are up to date.
  const { outdated = 0 } = counts;
  const updated = Math.max(0, Math.min(status.updatedReplicas ?? 0, wanted - outdated));
  const rolling: Trouble = { reason: ROLLING_UPDATE, message: `${updated} of ${wanted} replicas are up to date` };
  const trouble =
    worstTrouble(pods) ?? creationFailure(status) ?? (updated < wanted && pods.length > 0 ? rolling : undefined);
  if (counts.running > 0) {
    const settled = counts.ready >= wanted && updated >= wanted;
    return { phase: 'RUNNING', ...(settled ? {} : trouble) };
  }
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded') {
    const why = trouble === undefined ? (progressing.message ?? '') : `${trouble.reason}: ${trouble.message}`;
    return { phase: 'FAILED', reason: 'ProgressDeadlineExceeded', message: `no replica came up in time; ${why}` };
  }
  return { phase: 'PENDING', ...(trouble ?? starting) };
}

const starting: Trouble = { reason: 'Starting', message: 'the cluster has it; its pods are not there yet' };

function creationFailure(status: DeploymentStatus): Trouble | undefined {
  const condition = holding(status.conditions, 'ReplicaFailure');
  return (
    condition && { reason: condition.reason ?? 'FailedCreate', message: condition.message ?? 'pods cannot be made' }
  );
}

interface JobStatus {
  succeeded?: number;
  failed?: number;
  conditions?: NativeCondition[];
}

function observeJob(share: DesiredWork, workload: NativeObject, pods: readonly NativePod[]): WorkObservation {
  const status = (workload['status'] ?? {}) as JobStatus;
  const own = pods.filter((pod) => isOwnedBy(pod, workload));
  const seen = countsOf(own, 0);
  // The controller counts pods that are gone already; it may be a moment behind those that are still there.
  const counts: Counts = {
    ...seen,
    succeeded: Math.max(status.succeeded ?? 0, seen.succeeded),
    failed: Math.max(status.failed ?? 0, seen.failed),
  };
  return observation(share, generationOf(workload, share), { counts, pods: own }, jobVerdict(counts, status, own));
}

function jobVerdict(counts: Counts, status: JobStatus, pods: readonly NativePod[]): Verdict {
  if (holding(status.conditions, 'Complete') !== undefined) return { phase: 'COMPLETED' };
  const failed = holding(status.conditions, 'Failed');
  const trouble = worstTrouble(pods);
  if (failed !== undefined) {
    const last = trouble === undefined ? '' : `; ${trouble.message}`;
    return {
      phase: 'FAILED',
      reason: failed.reason ?? 'Failed',
      message: `${failed.message ?? 'the job failed'}${last}`,
    };
  }
  const suspended = holding(status.conditions, 'Suspended');
  if (suspended !== undefined) {
    return { phase: 'PENDING', reason: 'Suspended', message: suspended.message ?? 'suspended by its spec' };
  }
  if (counts.running > 0 || counts.succeeded > 0) {
    // Pods that failed and were replaced are counted; they trouble no one any more.
    return { phase: 'RUNNING', ...worstTrouble(pods.filter((pod) => pod.status?.phase !== 'Failed')) };
  }
  return { phase: 'PENDING', ...(trouble ?? starting) };
}

/** Pods of a Job that was replaced carry the same workload uid, and another Job's. */
function isOwnedBy(pod: NativePod, workload: NativeObject): boolean {
  const owners = (pod.metadata as { ownerReferences?: { uid?: string; controller?: boolean }[] }).ownerReferences ?? [];
  const controller = owners.find((owner) => owner.controller === true);
  return controller === undefined || controller.uid === workload.metadata.uid;
}

/** `wanted`: replicas that must always be there; those that are not yet count as pending. */
function countsOf(pods: readonly NativePod[], wanted: number): Counts {
  const counts: Counts = { ready: 0, running: 0, pending: 0, succeeded: 0, failed: 0 };
  for (const pod of pods) {
    const phase = pod.status?.phase;
    if (phase === 'Succeeded') counts.succeeded += 1;
    else if (phase === 'Failed') counts.failed += 1;
    else if (isRunning(pod)) {
      counts.running += 1;
      if (isReady(pod)) counts.ready += 1;
    } else counts.pending += 1;
  }
  counts.pending = Math.max(counts.pending, wanted - counts.running);
  return counts;
}

/** A pod whose containers all wait for their next start says `Running` too. */
const isRunning = (pod: NativePod): boolean =>
  pod.status?.phase === 'Running' &&
  (pod.status.containerStatuses === undefined ||
    pod.status.containerStatuses.some(({ state }) => state?.running !== undefined));

function generationOf(workload: NativeObject, share: DesiredWork): number {
  const generation = Number(workload.metadata.annotations?.[ANNOTATION_GENERATION]);
  return Number.isInteger(generation) && generation > 0 ? generation : share.generation;
}

function observation(
  share: DesiredWork,
  generation: number,
  { counts, pods }: { counts: Counts; pods: readonly NativePod[] },
  verdict: Verdict,
): WorkObservation {
  const ref: ObjectRef = share.ref;
  return {
    ref,
    generation,
    epoch: share.epoch,
    phase: verdict.phase,
    replicas: share.replicas,
    ...counts,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message.slice(0, LONGEST_MESSAGE) }),
    ...observedPods(pods),
  };
}

/** Admission webhooks and runtimes can be wordy; the log is no place for a page of text. */
const LONGEST_MESSAGE = 1_000;
