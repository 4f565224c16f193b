/** StatefulSets and DaemonSets through a rollout and back, and a CronJob that is started by hand. */
import type { Session } from '../fixture/session.js';
import { eventsOf, sorted, type ListOf } from './controllers.js';
import type { Script } from './scripts.js';

type Some = Record<string, unknown> & { metadata: Record<string, unknown> };

const labels = { app: 'db' };
const template = (app: string): object => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu: '10m' } } }],
  },
});
const plain = ({ metadata: { managedFields: _managers, ...metadata }, ...rest }: Some): unknown => ({
  metadata,
  ...rest,
});

interface StatefulSet extends Some {
  metadata: { generation: number };
  status?: {
    observedGeneration?: number;
    readyReplicas?: number;
    updateRevision?: string;
    currentRevision?: string;
    updatedReplicas?: number;
  };
}

async function statefulSet(session: Session): Promise<void> {
  const path = '/apis/apps/v1/namespaces/{ns}/statefulsets';
  const runs =
    (replicas: number) =>
    ({ metadata, status }: StatefulSet): boolean =>
      status?.observedGeneration === metadata.generation &&
      status.readyReplicas === replicas &&
      status.updatedReplicas === replicas &&
      status.currentRevision === status.updateRevision;
  await session.api('stateful set', {
    method: 'POST',
    path,
    body: {
      metadata: { name: 'db' },
      spec: { replicas: 2, serviceName: 'db', selector: { matchLabels: labels }, template: template('db') },
    },
  });
  await session.settled<StatefulSet>('it runs', `${path}/db`, runs(2), plain);
  await session.settled<ListOf<Some>>(
    'its pods',
    '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Ddb',
    () => true,
    sorted,
  );
  await session.kubectl('get stateful set', 'get statefulset db -o wide');
  await session.kubectl('scale up', 'scale statefulset db --replicas=3');
  await session.settled<StatefulSet>('three of it', `${path}/db`, runs(3), ({ status }) => status);
  await session.kubectl('scale down', 'scale statefulset db --replicas=1');
  await session.settled<StatefulSet>('one of it', `${path}/db`, runs(1), ({ status }) => status);
  await session.kubectl('new image', 'set image statefulset/db c=x:2');
  await session.kubectl('status', 'rollout status statefulset/db --timeout=40s', {
    mask: (text) => text.trimEnd().split('\n').at(-1) ?? '',
  });
  await session.kubectl('history', 'rollout history statefulset/db');
  await session.kubectl('undo', 'rollout undo statefulset/db');
  await session.kubectl('status of undo', 'rollout status statefulset/db --timeout=40s', {
    mask: (text) => text.trimEnd().split('\n').at(-1) ?? '',
  });
  await session.kubectl('history after undo', 'rollout history statefulset/db');
  await session.settled<ListOf<Some>>(
    'image after undo',
    '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Ddb',
    ({ items }) => items.length === 1,
    ({ items }) =>
      items.map(({ spec }) => (spec as { containers: { image: string }[] }).containers.map(({ image }) => image)),
  );
  await session.settled(
    'events of it',
    '/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.name%3Ddb',
    () => true,
    eventsOf as (list: unknown) => unknown,
  );
  await session.kubectl('delete', 'delete statefulset db');
  await session.settled<ListOf<Some>>(
    'no pods',
    '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Ddb',
    ({ items }) => items.length === 0,
    ({ items }) => items.length,
  );
}

interface DaemonSet extends Some {
  metadata: { generation: number };
  status?: { observedGeneration?: number; numberAvailable?: number; updatedNumberScheduled?: number };
}

async function daemonSet(session: Session): Promise<void> {
  const path = '/apis/apps/v1/namespaces/{ns}/daemonsets';
  const runs = ({ metadata, status }: DaemonSet): boolean =>
    status?.observedGeneration === metadata.generation &&
    status.numberAvailable === 1 &&
    status.updatedNumberScheduled === 1;
  await session.api('daemon set', {
    method: 'POST',
    path,
    body: {
      metadata: { name: 'agent' },
      spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent') },
    },
  });
  await session.settled<DaemonSet>('it is everywhere', `${path}/agent`, runs, ({ spec, status }) => ({ spec, status }));
  await session.settled<ListOf<Some>>(
    'its pod',
    '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Dagent',
    () => true,
    sorted,
  );
  await session.kubectl('get daemon set', 'get daemonset agent -o wide');
  await session.kubectl('new image of the daemon', 'set image daemonset/agent c=x:2');
  await session.settled<DaemonSet>('it is new everywhere', `${path}/agent`, runs, ({ status }) => status);
  await session.kubectl('history of the daemon', 'rollout history daemonset/agent');
  await session.kubectl('nowhere', [
    'patch',
    'daemonset',
    'agent',
    '-p',
    '{"spec":{"template":{"spec":{"nodeSelector":{"no":"where"}}}}}',
  ]);
  // A pod that is not gone yet is counted as one on the wrong node.
  await session.settled<
    DaemonSet & { status?: Record<`${'desired' | 'current'}NumberScheduled` | 'numberMisscheduled', number> }
  >(
    'it is nowhere',
    `${path}/agent`,
    ({ metadata, status }) =>
      status?.observedGeneration === metadata.generation &&
      status.desiredNumberScheduled === 0 &&
      status.currentNumberScheduled === 0 &&
      status.numberMisscheduled === 0,
    ({ status }) => status,
  );
}

async function cronJob(session: Session): Promise<void> {
  const path = '/apis/batch/v1/namespaces/{ns}/cronjobs';
  await session.api('cron job', {
    method: 'POST',
    path,
    body: {
      metadata: { name: 'nightly' },
      spec: {
        schedule: '0 3 29 2 *',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x:1' }] } } },
        },
      },
    },
  });
  await session.kubectl('get cron job', 'get cronjob nightly');
  await session.kubectl('start it by hand', 'create job --from=cronjob/nightly by-hand');
  await session.kubectl('it is done', 'wait --for=condition=Complete job/by-hand --timeout=40s');
  await session.kubectl('suspend it', ['patch', 'cronjob', 'nightly', '-p', '{"spec":{"suspend":true}}']);
  await session.kubectl('get it suspended', 'get cronjob nightly');
}

export const steadyWorkloads: Script = {
  name: 'steady-workloads',
  async play(session) {
    await statefulSet(session);
    await daemonSet(session);
    await cronJob(session);
  },
};
