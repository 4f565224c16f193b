/**
 * CronJob controller: a Job at each time of the schedule, as concurrency and deadline allow; the latest of what was missed; a history
 * of ended ones. After pkg/controller/cronjob.
 */
import {
  conditionOf,
  controllerReference,
  isDeleting,
  millis,
  sameJson,
  timestamp,
  uidOf,
} from '../model/object-facts.js';
import type { CronJob } from '../model/steady-workloads.js';
import type { Job } from '../model/workloads.js';
import { nextTime } from './cron-schedule.js';
import { isEnded } from './job.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

const SOURCE = 'cronjob-controller';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const MINUTE_MS = 60_000;
/** More missed times than these are not counted through (upstream gives up after 100). */
const MOST_MISSED = 100;

export function reconcileCronJob(
  view: ClusterView,
  namespace: string | undefined,
  name: string,
  nowMs: number,
): Outcome {
  const cron = view.get('CronJob', namespace, name);
  if (cron === undefined || isDeleting(cron)) return NOTHING;
  const jobs = view.controlledBy('Job', uidOf(cron));
  const active = jobs.filter((job) => !isEnded(job));
  const { schedule, timeZone, suspend } = cron.spec;
  const again = nextTime(schedule, nowMs, timeZone);
  const due = suspend === true ? undefined : dueTime(cron, nowMs);
  const start = due === undefined ? { writes: [] } : begin(cron, active, due);
  const status = statusOf(cron, jobs, active, start.startedMs);
  return {
    writes: [
      ...(sameJson(status, cron.status ?? {}) ? [] : [{ op: 'updateStatus' as const, object: { ...cron, status } }]),
      ...start.writes,
      ...surplus(jobs, 'Complete', cron.spec.successfulJobsHistoryLimit ?? 3),
      ...surplus(jobs, 'Failed', cron.spec.failedJobsHistoryLimit ?? 1),
    ],
    ...(again === undefined ? {} : { againAtMs: again }),
  };
}

/** The latest time that has come and for which nothing was started; undefined before the first, and when it is too late. */
function dueTime(cron: CronJob, nowMs: number): number | undefined {
  const { schedule, timeZone, startingDeadlineSeconds } = cron.spec;
  const last = millis(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp);
  const earliest =
    startingDeadlineSeconds === undefined ? last : Math.max(last, nowMs - startingDeadlineSeconds * 1_000);
  let due: number | undefined;
  let at = nextTime(schedule, earliest, timeZone);
  for (let count = 0; at !== undefined && at <= nowMs && count < MOST_MISSED; count += 1) {
    due = at;
    at = nextTime(schedule, at, timeZone);
  }
  return due;
}

function begin(cron: CronJob, active: readonly Job[], dueMs: number): { writes: Write[]; startedMs?: number } {
  const name = `${cron.metadata.name}-${Math.floor(dueMs / MINUTE_MS)}`;
  if (active.some(({ metadata }) => metadata.name === name)) return { writes: [] };
  const { concurrencyPolicy } = cron.spec;
  if (concurrencyPolicy === 'Forbid' && active.length > 0) return { writes: [] };
  const replaced = concurrencyPolicy === 'Replace' ? active : [];
  return {
    startedMs: dueMs,
    writes: [
      ...replaced.map((job): Write => ({ op: 'delete', target: targetOf(job), propagation: 'Background' })),
      { op: 'create', object: jobOf(cron, name, dueMs) },
      said(cron, 'SuccessfulCreate', `Created job ${name}`),
    ],
  };
}

function jobOf(cron: CronJob, name: string, dueMs: number): Job {
  const { metadata, spec } = cron.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      ...(cron.metadata.namespace === undefined ? {} : { namespace: cron.metadata.namespace }),
      ...(metadata?.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: timestamp(dueMs) },
      ownerReferences: [controllerReference(cron)],
    },
    spec: structuredClone(spec),
  };
}

function statusOf(cron: CronJob, jobs: readonly Job[], active: readonly Job[], startedMs?: number): CronJob['status'] {
  const done = jobs.map(({ status }) => status?.completionTime).filter((time) => time !== undefined);
  const lastSuccessfulTime = [cron.status?.lastSuccessfulTime, ...done]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  const lastScheduleTime = startedMs === undefined ? cron.status?.lastScheduleTime : timestamp(startedMs);
  return {
    ...(active.length === 0 ? {} : { active: active.map(referenceTo) }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
}

const referenceTo = ({ metadata }: Job): NonNullable<NonNullable<CronJob['status']>['active']>[number] => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
  uid: metadata.uid ?? '',
});

/** Ended jobs beyond the history's length, oldest first. */
function surplus(jobs: readonly Job[], type: 'Complete' | 'Failed', limit: number): Write[] {
  const ended = jobs
    .filter((job) => !isDeleting(job) && conditionOf(job.status?.conditions, type)?.status === 'True')
    .sort((a, b) => millis(a.status?.startTime) - millis(b.status?.startTime));
  return ended
    .slice(0, Math.max(0, ended.length - limit))
    .map((job) => ({ op: 'delete', target: targetOf(job), propagation: 'Background' }));
}

const said = (cron: CronJob, reason: string, message: string): Write => ({
  op: 'event',
  about: cron,
  event: { type: 'Normal', reason, message, source: SOURCE },
});
