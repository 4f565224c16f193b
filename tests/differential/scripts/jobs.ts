/** Jobs to their ends: complete, failed, past their deadline, indexed, suspended, cleaned up. */
import type { Session } from '../fixture/session.js';
import { eventsOf, sorted, type Event, type ListOf } from './controllers.js';
import type { Script } from './scripts.js';

const jobsPath = '/apis/batch/v1/namespaces/{ns}/jobs';

interface Job {
  code?: number;
  metadata: Record<string, unknown>;
  status?: { conditions?: { type: string; status: string }[]; startTime?: string };
}
type Some = Record<string, unknown> & { metadata: Record<string, unknown> };

const job = (name: string, spec: object, annotations: object = {}, podSpec: object = {}): object => ({
  metadata: { name },
  spec: {
    ...spec,
    template: {
      ...(Object.keys(annotations).length === 0 ? {} : { metadata: { annotations } }),
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x:1' }], ...podSpec },
    },
  },
});
const fails = { 'embedded.skyflow.io/exit-code': '3', 'embedded.skyflow.io/run-seconds': '0' };

const holds =
  (...types: string[]) =>
  ({ status }: Job): boolean =>
    types.every((type) => status?.conditions?.some((each) => each.type === type && each.status === 'True') === true);

const view = ({ metadata: { managedFields: _managers, ...metadata }, ...rest }: Job): unknown => ({
  metadata,
  ...rest,
});

async function play(
  session: Session,
  name: string,
  body: object,
  until: (job: Job) => boolean,
  pods: number,
  lastEvent: string,
): Promise<void> {
  await session.api(`${name}: create`, { method: 'POST', path: jobsPath, body });
  await session.settled<Job>(`${name}: in the end`, `${jobsPath}/${name}`, until, view);
  const mine = `labelSelector=job-name%3D${name}`;
  interface Pod extends Some {
    status: { phase: string };
  }
  await session.settled<ListOf<Pod>>(
    `${name}: its pods`,
    `/api/v1/namespaces/{ns}/pods?${mine}`,
    ({ items }) =>
      items.filter(({ status }) => status.phase !== 'Running' && status.phase !== 'Pending').length === pods,
    sorted,
  );
  await session.settled<ListOf<Event>>(
    `${name}: events`,
    `/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.name%3D${name}`,
    // They are written after the status, without haste.
    ({ items }) => items.some(({ reason }) => reason === lastEvent),
    eventsOf,
  );
  await session.kubectl(`${name}: kubectl get`, `get job ${name}`);
}

export const jobs: Script = {
  name: 'jobs',
  async play(session) {
    await play(session, 'once', job('once', {}), holds('Complete'), 1, 'Completed');
    await play(session, 'thrice', job('thrice', { completions: 3, parallelism: 2 }), holds('Complete'), 3, 'Completed');
    await play(
      session,
      'indexed',
      job('indexed', { completions: 3, parallelism: 3, completionMode: 'Indexed' }),
      holds('Complete'),
      3,
      'Completed',
    );
    await play(session, 'fails', job('fails', { backoffLimit: 0 }, fails), holds('Failed'), 1, 'BackoffLimitExceeded');
    await play(
      session,
      'policy',
      job(
        'policy',
        {
          backoffLimit: 3,
          podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [3] } }] },
        },
        fails,
      ),
      holds('Failed'),
      1,
      'PodFailurePolicy',
    );
    await play(
      session,
      'late',
      job('late', { activeDeadlineSeconds: 1 }, { 'embedded.skyflow.io/run-seconds': '600' }),
      holds('Failed'),
      0,
      'DeadlineExceeded',
    );
    await play(
      session,
      'per-index',
      job('per-index', { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 }, fails),
      holds('Failed'),
      2,
      'FailedIndexes',
    );
    await play(session, 'waits', job('waits', { suspend: true }), holds('Suspended'), 0, 'Suspended');
    await session.api('resume', {
      method: 'PATCH',
      path: `${jobsPath}/waits`,
      body: { spec: { suspend: false } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await session.settled<Job>('resumed to the end', `${jobsPath}/waits`, holds('Complete'), view);
    await session.api('short-lived', {
      method: 'POST',
      path: jobsPath,
      body: job('short', { ttlSecondsAfterFinished: 1 }),
    });
    await session.settled<Job>('it is cleaned up', `${jobsPath}/short`, ({ code }) => code === 404);
    await session.kubectl('kubectl get jobs', 'get jobs');
    await session.kubectl('kubectl describe job', 'describe job once');
    await session.kubectl('kubectl create job', 'create job made --image=x:1');
    await session.kubectl('kubectl wait', 'wait --for=condition=Complete job/made --timeout=30s');
    await session.kubectl('kubectl delete', 'delete job made');
  },
};
