/**
 * Job controller: parallelism, completions, Indexed mode, back-off limit, deadline, suspension, pod failure policy, and the
 * conditions SuccessCriteriaMet/Complete, FailureTarget/Failed, Suspended. After pkg/controller/job (1.31 semantics: a job is
 * Complete or Failed only when none of its pods runs any more).
 */
import { conditionOf, isDeleting, millis, sameJson, timestamp, uidOf, withCondition } from '../model/object-facts.js';
import { compareForDeletion } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';
import type { NativeCondition } from '../model/condition.js';
import type { Job, JobStatus } from '../model/workloads.js';
import { type JobCount, completedIndexesText, countPods, restartsOf, TRACKING_FINALIZER } from './job-accounting.js';
import { formatIndexes, openIndexes } from './job-indexes.js';
import { jobPod } from './job-pod.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

const SOURCE = 'job-controller';

export interface JobBackoff {
  /** Wait before replacing a failed pod, doubled for each failure in a row. Kubernetes: 10 s. */
  baseMs: number;
  /** Kubernetes: 6 min (10 min since 1.33). */
  maxMs: number;
}

export function reconcileJob(
  view: ClusterView,
  namespace: string | undefined,
  name: string,
  nowMs: number,
  backoff: JobBackoff,
): Outcome {
  const job = view.get('Job', namespace, name);
  if (job === undefined) return NOTHING;
  const pods = view.controlledBy('Pod', uidOf(job));
  const count = countPods(job, pods);
  const finalizers = count.counted.map((pod): Write => ({
    op: 'removeFinalizer',
    target: targetOf(pod),
    finalizer: TRACKING_FINALIZER,
  }));
  if (isDeleting(job) || isEnded(job)) return { writes: finalizers };

  const plan = decide(job, count, pods, nowMs, backoff);
  const status = nextStatus(job, count, plan, nowMs);
  return {
    writes: [
      ...(sameJson(status, job.status) ? [] : [{ op: 'updateStatus' as const, object: { ...job, status } }]),
      ...finalizers,
      ...plan.writes,
      ...announcements(job, status),
    ],
    ...(plan.againAtMs === undefined ? {} : { againAtMs: plan.againAtMs }),
  };
}

export const isEnded = (job: Job): boolean =>
  ['Complete', 'Failed'].some((type) => conditionOf(job.status?.conditions, type)?.status === 'True');

interface Plan {
  /** FailureTarget or SuccessCriteriaMet, when the job has got that far. */
  verdict?: { type: 'FailureTarget' | 'SuccessCriteriaMet'; reason: string; message: string };
  writes: Write[];
  /** Pods that run after these writes. */
  running: number;
  againAtMs?: number;
}

function decide(job: Job, count: JobCount, pods: readonly Pod[], nowMs: number, backoff: JobBackoff): Plan {
  const verdict = standing(job) ?? failure(job, count, pods, nowMs) ?? success(job, count);
  if (verdict !== undefined) {
    return { verdict, writes: count.active.flatMap((pod) => remove(job, pod)), running: 0 };
  }
  if (job.spec.suspend === true) {
    return { writes: count.active.flatMap((pod) => withdraw(job, pod)), running: 0 };
  }
  return fill(job, count, nowMs, backoff);
}

/** Deletes a pod, and says so. */
const remove = (job: Job, pod: Pod): Write[] => [
  { op: 'delete', target: targetOf(pod) },
  {
    op: 'event',
    about: job,
    event: { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}`, source: SOURCE },
  },
];

/** Deletes a pod that is not needed now; as it did not fail, it is not counted. */
const withdraw = (job: Job, pod: Pod): Write[] => [
  { op: 'removeFinalizer', target: targetOf(pod), finalizer: TRACKING_FINALIZER },
  ...remove(job, pod),
];

/** A verdict stands once it is written. */
function standing(job: Job): Plan['verdict'] {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const condition = conditionOf(job.status?.conditions, type);
    if (condition?.status === 'True') {
      return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
    }
  }
  return undefined;
}

function failure(job: Job, count: JobCount, pods: readonly Pod[], nowMs: number): Plan['verdict'] {
  const failed = (reason: string, message: string): Plan['verdict'] => ({ type: 'FailureTarget', reason, message });
  if (count.failJob !== undefined) return failed('PodFailurePolicy', count.failJob);
  const limit = job.spec.backoffLimit ?? 6;
  const byKubelet = job.spec.template.spec.restartPolicy === 'OnFailure';
  const restarts = byKubelet ? restartsOf(pods) : 0;
  if (count.failed > limit || (byKubelet && (limit === 0 ? restarts > 0 : restarts >= limit))) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const failedIndexes = count.failedIndexes?.size ?? 0;
  if (failedIndexes > (job.spec.maxFailedIndexes ?? Infinity)) {
    return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  if (failedIndexes > 0 && failedIndexes + count.succeeded >= (job.spec.completions ?? 0)) {
    return failed('FailedIndexes', 'Job has failed indexes');
  }
  const deadline = deadlineMs(job);
  if (deadline !== undefined && nowMs >= deadline) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return undefined;
}

function success(job: Job, count: JobCount): Plan['verdict'] {
  const { completions } = job.spec;
  const reached =
    completions === undefined ? count.succeeded > 0 && count.active.length === 0 : count.succeeded >= completions;
  if (!reached || job.spec.suspend === true) return undefined;
  return {
    type: 'SuccessCriteriaMet',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
}

const deadlineMs = (job: Job): number | undefined =>
  job.spec.activeDeadlineSeconds === undefined || job.status?.startTime === undefined || job.spec.suspend === true
    ? undefined
    : millis(job.status.startTime) + job.spec.activeDeadlineSeconds * 1000;

/** Starts or stops pods so that as many run as the job wants now. */
function fill(job: Job, count: JobCount, nowMs: number, backoff: JobBackoff): Plan {
  const parallelism = job.spec.parallelism ?? 1;
  const { completions } = job.spec;
  const wanted =
    completions === undefined
      ? count.succeeded > 0
        ? Math.min(count.active.length, parallelism)
        : parallelism
      : Math.min(parallelism, Math.max(0, completions - count.succeeded - (count.failedIndexes?.size ?? 0)));
  const again = earliest(deadlineMs(job) ?? startDeadline(job, nowMs));
  const surplus = count.active.length - wanted;
  if (surplus >= 0) {
    const gone = [...count.active].sort(compareForDeletion).slice(0, surplus);
    return { writes: gone.flatMap((pod) => withdraw(job, pod)), running: wanted, ...again };
  }
  // The wait is for replacements; pods that never failed start at once.
  const readyAtMs = count.lastFailureMs + Math.min(backoff.baseMs * 2 ** (count.failuresInARow - 1), backoff.maxMs);
  if (count.failuresInARow > 0 && readyAtMs > nowMs) {
    return { writes: [], running: count.active.length, ...earliest(readyAtMs, again.againAtMs) };
  }
  const indexes = openIndexes(completions ?? 0, settledIndexes(count), count.active, -surplus);
  const missing = job.spec.completionMode === 'Indexed' ? indexes : Array.from({ length: -surplus }, () => undefined);
  return {
    writes: missing.map((index) => ({
      op: 'create',
      object: jobPod(job, index, failuresOf(count, index)),
      announce: { about: job, source: SOURCE },
    })),
    running: count.active.length + missing.length,
    ...again,
  };
}

const settledIndexes = ({ completedIndexes, failedIndexes }: JobCount): ReadonlySet<number> =>
  new Set([...(completedIndexes ?? []), ...(failedIndexes ?? [])]);

const failuresOf = ({ indexFailures }: JobCount, index: number | undefined): number | undefined =>
  indexFailures === undefined || index === undefined ? undefined : (indexFailures.get(index) ?? 0);

const startDeadline = (job: Job, nowMs: number): number | undefined =>
  job.spec.activeDeadlineSeconds === undefined ? undefined : nowMs + job.spec.activeDeadlineSeconds * 1000;

function earliest(...times: (number | undefined)[]): { againAtMs?: number } {
  const known = times.filter((time): time is number => time !== undefined);
  return known.length === 0 ? {} : { againAtMs: Math.min(...known) };
}

function nextStatus(job: Job, count: JobCount, plan: Plan, nowMs: number): JobStatus {
  const now = timestamp(nowMs);
  const old = job.status;
  const suspended = job.spec.suspend === true;
  const set = (list: readonly NativeCondition[] | undefined, condition: NativeCondition): NativeCondition[] =>
    withCondition(list, { ...condition, lastProbeTime: now }, now);
  let conditions: NativeCondition[] = [...(old?.conditions ?? [])];
  const wasSuspended = conditionOf(conditions, 'Suspended')?.status === 'True';
  if (suspended && plan.verdict === undefined) {
    conditions = set(conditions, condition('Suspended', 'True', 'JobSuspended', 'Job suspended'));
  } else if (wasSuspended) {
    conditions = set(conditions, condition('Suspended', 'False', 'JobResumed', 'Job resumed'));
  }
  const done = plan.verdict !== undefined && count.active.length === 0 && count.terminating === 0;
  if (plan.verdict !== undefined) {
    const { type, reason, message } = plan.verdict;
    conditions = set(conditions, condition(type, 'True', reason, message));
    if (done) {
      const terminal = type === 'FailureTarget' ? 'Failed' : 'Complete';
      conditions = set(conditions, condition(terminal, 'True', reason, message));
    }
  }
  const running = plan.verdict === undefined ? plan.running : 0;
  const startTime = suspended ? undefined : (old?.startTime ?? now);
  const indexes = completedIndexesText(count);
  return {
    ...(running > 0 ? { active: running } : {}),
    ready: Math.min(count.ready, running),
    terminating: count.terminating,
    ...(count.succeeded > 0 ? { succeeded: count.succeeded } : {}),
    ...(count.failed > 0 ? { failed: count.failed } : {}),
    ...(startTime === undefined ? {} : { startTime }),
    ...(done && plan.verdict?.type === 'SuccessCriteriaMet' ? { completionTime: now } : {}),
    ...(indexes === undefined || indexes === '' ? {} : { completedIndexes: indexes }),
    ...(count.failedIndexes === undefined || count.failedIndexes.size === 0
      ? {}
      : { failedIndexes: formatIndexes(count.failedIndexes) }),
    uncountedTerminatedPods: {},
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

const condition = (
  type: string,
  status: NativeCondition['status'],
  reason: string,
  message: string,
): NativeCondition => ({ type, status, reason, message });

/** Events for what this pass made true. */
function announcements(job: Job, next: JobStatus): Write[] {
  const became = (type: string, status: string): boolean =>
    conditionOf(next.conditions, type)?.status === status &&
    conditionOf(job.status?.conditions, type)?.status !== status;
  const say = (type: 'Normal' | 'Warning', reason: string, message: string): Write => ({
    op: 'event',
    about: job,
    event: { type, reason, message, source: SOURCE },
  });
  const failed = conditionOf(next.conditions, 'Failed');
  return [
    ...(became('Complete', 'True') ? [say('Normal', 'Completed', 'Job completed')] : []),
    ...(became('Failed', 'True') ? [say('Warning', failed?.reason ?? 'Failed', failed?.message ?? '')] : []),
    ...(became('Suspended', 'True') ? [say('Normal', 'Suspended', 'Job suspended')] : []),
    ...(became('Suspended', 'False') ? [say('Normal', 'Resumed', 'Job resumed')] : []),
  ];
}
