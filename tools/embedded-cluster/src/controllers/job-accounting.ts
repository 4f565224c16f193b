/**
 * Counting a Job's pods (pkg/controller/job): which have ended since the last pass and how, which indexes are done, and what
 * its podFailurePolicy says of a failure. A pod is counted once: its tracking finalizer goes when it has been.
 */
import { conditionOf, isDeleting, millis } from '../model/object-facts.js';
import { isActive, isReady } from '../model/pod-facts.js';
import type { Pod, TerminatedState } from '../model/pod.js';
import type { Job } from '../model/workloads.js';
import { formatIndexes, indexOfPod, parseIndexes } from './job-indexes.js';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

export interface JobCount {
  active: Pod[];
  ready: number;
  terminating: number;
  succeeded: number;
  failed: number;
  /** Pods that were counted in this pass: their finalizer is to go. */
  counted: Pod[];
  /** Indexed jobs only. */
  completedIndexes?: Set<number>;
  /** Jobs with backoffLimitPerIndex only: indexes that have failed once too often, and failures of each index so far. */
  failedIndexes?: Set<number>;
  indexFailures?: Map<number, number>;
  /** A failure that the policy says ends the job. */
  failJob?: string;
  /** Failures after the last success, for the back-off, and when the last of them ended. */
  failuresInARow: number;
  lastFailureMs: number;
}

export function countPods(job: Job, pods: readonly Pod[]): JobCount {
  const indexed = job.spec.completionMode === 'Indexed';
  const completedIndexes = indexed ? parseIndexes(job.status?.completedIndexes) : undefined;
  const perIndex = indexed && job.spec.backoffLimitPerIndex !== undefined;
  const failedIndexes = perIndex ? parseIndexes(job.status?.failedIndexes) : undefined;
  const result: JobCount = {
    active: pods.filter(isActive),
    ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
    terminating: pods.filter((pod) => isDeleting(pod) && !hasEnded(pod)).length,
    succeeded: job.status?.succeeded ?? 0,
    failed: job.status?.failed ?? 0,
    counted: [],
    ...(completedIndexes === undefined ? {} : { completedIndexes }),
    ...(failedIndexes === undefined ? {} : { failedIndexes, indexFailures: failuresByIndex(pods) }),
    failuresInARow: 0,
    lastFailureMs: 0,
  };
  const limit = job.spec.completions;
  for (const pod of pods) {
    if (!isTracked(pod) || !(hasEnded(pod) || isDeleting(pod))) continue;
    result.counted.push(pod);
    if (pod.status?.phase === 'Succeeded') {
      const index = indexOfPod(pod);
      if (completedIndexes === undefined) {
        if (limit === undefined || result.succeeded < limit) result.succeeded++;
      } else if (index !== undefined && index < (limit ?? 0)) {
        completedIndexes.add(index);
      }
      continue;
    }
    const verdict = failureVerdict(job, pod);
    if (verdict.action === 'FailJob') result.failJob = verdict.message;
    if (verdict.action !== 'Ignore') result.failed++;
    const index = indexOfPod(pod);
    if (failedIndexes === undefined || index === undefined || verdict.action === 'Ignore') continue;
    const failures = result.indexFailures?.get(index) ?? 1;
    if (verdict.action === 'FailIndex' || failures > (job.spec.backoffLimitPerIndex ?? 0)) failedIndexes.add(index);
  }
  if (completedIndexes !== undefined) result.succeeded = completedIndexes.size;
  return { ...result, ...failureStreak(pods) };
}

/** KEP-3850: each pod knows how often its index had failed before it. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';

function failuresByIndex(pods: readonly Pod[]): Map<number, number> {
  const failures = new Map<number, number>();
  for (const pod of pods) {
    const index = indexOfPod(pod);
    if (index === undefined || pod.status?.phase !== 'Failed') continue;
    const count = Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0) + 1;
    failures.set(index, Math.max(count, failures.get(index) ?? 0));
  }
  return failures;
}

const hasEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING_FINALIZER) === true;

/** Restarts of containers count against the back-off limit when the kubelet, not the controller, retries. */
export function restartsOf(pods: readonly Pod[]): number {
  return pods
    .filter((pod) => pod.status?.phase === 'Running' || pod.status?.phase === 'Pending')
    .flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
    .reduce((sum, status) => sum + status.restartCount, 0);
}

export function completedIndexesText(count: JobCount): string | undefined {
  return count.completedIndexes === undefined ? undefined : formatIndexes(count.completedIndexes);
}

function failureStreak(pods: readonly Pod[]): { failuresInARow: number; lastFailureMs: number } {
  const lastSuccess = Math.max(0, ...pods.filter((pod) => pod.status?.phase === 'Succeeded').map(endedAtMs));
  const failures = pods.filter((pod) => pod.status?.phase === 'Failed' && endedAtMs(pod) >= lastSuccess);
  return { failuresInARow: failures.length, lastFailureMs: Math.max(0, ...failures.map(endedAtMs)) };
}

function endedAtMs(pod: Pod): number {
  const times = terminations(pod).map((state) => millis(state.finishedAt));
  return Math.max(millis(pod.metadata.deletionTimestamp), millis(pod.status?.startTime), ...times);
}

const terminations = (pod: Pod): TerminatedState[] =>
  (pod.status?.containerStatuses ?? [])
    .map((status) => status.state.terminated)
    .filter((state): state is TerminatedState => state !== undefined);

/** KEP-3329: the first rule that matches a failed pod decides; none means that the failure counts. */
function failureVerdict(job: Job, pod: Pod): { action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'; message: string } {
  const rules = job.spec.podFailurePolicy?.rules ?? [];
  for (const [at, rule] of rules.entries()) {
    const hit = matchingExit(rule.onExitCodes, pod) ?? matchingCondition(rule.onPodConditions, pod);
    if (hit === undefined) continue;
    const podKey = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
    return {
      action: rule.action,
      message: `${hit(podKey)} matching ${rule.action} rule at index ${at}`,
    };
  }
  return { action: 'Count', message: '' };
}

function matchingExit(
  rule: { containerName?: string | null; operator: 'In' | 'NotIn'; values: number[] } | undefined,
  pod: Pod,
): ((podKey: string) => string) | undefined {
  if (rule === undefined || pod.status?.phase !== 'Failed') return undefined;
  for (const status of pod.status.containerStatuses ?? []) {
    const code = status.state.terminated?.exitCode;
    if (code === undefined || code === 0) continue;
    if ((rule.containerName ?? status.name) !== status.name) continue;
    if (rule.values.includes(code) === (rule.operator === 'In')) {
      return (podKey) => `Container ${status.name} for pod ${podKey} failed with exit code ${code}`;
    }
  }
  return undefined;
}

function matchingCondition(
  rules: { type: string; status?: string }[] | undefined,
  pod: Pod,
): ((podKey: string) => string) | undefined {
  const rule = rules?.find(
    ({ type, status }) => conditionOf(pod.status?.conditions, type)?.status === (status ?? 'True'),
  );
  return rule === undefined
    ? undefined
    : (podKey) => `Pod ${podKey} has condition ${rule.type} matching status ${rule.status ?? 'True'}`;
}
