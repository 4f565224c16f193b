/** What controllers make of deployments, services, claims and pods that do not fit: not how, but where it ends. */
import type { Session } from '../fixture/session.js';
import type { Script } from './scripts.js';

const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';
const MERGE = { 'content-type': 'application/merge-patch+json' };

interface Condition {
  type: string;
  status: string;
  reason?: string;
}
interface Deployment {
  metadata: { generation: number };
  spec: { replicas: number };
  status?: {
    observedGeneration?: number;
    availableReplicas?: number;
    updatedReplicas?: number;
    replicas?: number;
    terminatingReplicas?: number;
    conditions?: Condition[];
  };
}
export interface ListOf<T> {
  items: T[];
}
type Some = Record<string, unknown> & { metadata: Record<string, unknown> };

/** Names are random and order comes from them: sorted by all that is not. */
export const sorted = <T>({ items }: ListOf<T>): unknown => [...items].map(plain).sort(byText);

const byText = (a: unknown, b: unknown): number => (textOf(a) < textOf(b) ? -1 : 1);
const textOf = (value: unknown): string => JSON.stringify(value).replace(/[0-9a-f-]{36}|-[a-z0-9]{5}\b/g, '');

/** Without who wrote it: controllers' entries are a matter of when they wrote. */
function plain(object: unknown): unknown {
  const { metadata, ...rest } = object as Some;
  const { managedFields: _managers, uid: _uid, ...left } = metadata;
  return { metadata: left, ...rest };
}

export interface Event {
  type: string;
  reason: string;
  message: string;
  involvedObject: { kind: string; name: string; fieldPath?: string };
  source?: { component?: string };
}

/** Each event once, without how often and when. */
export const eventsOf = ({ items }: ListOf<Event>): unknown =>
  [
    ...new Set(
      items.map(({ type, reason, message, involvedObject, source }) =>
        [type, reason, involvedObject.kind, involvedObject.fieldPath ?? '', source?.component ?? '', message]
          .join(' | ')
          .replace(/ in \d.*$/, ''),
      ),
    ),
  ].sort();

const deployment = (name: string, spec: object, container: object = {}, metadata: object = {}): object => ({
  metadata: { name, labels: { app: name } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, ...metadata },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'x:1',
            ports: [{ name: 'http', containerPort: 80 }],
            resources: { requests: { cpu: '10m' } },
            ...container,
          },
        ],
      },
    },
    ...spec,
  },
});

/** A rollout is over and nothing of it is left. */
export const isDone = ({ metadata, spec, status }: Deployment): boolean =>
  status?.observedGeneration === metadata.generation &&
  (status.updatedReplicas ?? 0) === spec.replicas &&
  (status.replicas ?? 0) === spec.replicas &&
  (status.availableReplicas ?? 0) === spec.replicas &&
  hasNoneTerminating({ status });

/** Pods that are on their way out are counted for as long as they take, which is not the same twice. */
const hasNoneTerminating = ({ status }: { status?: { terminatingReplicas?: number } }): boolean =>
  (status?.terminatingReplicas ?? 0) === 0;

const view = (object: unknown): unknown => plain(object);

async function rollout(session: Session): Promise<void> {
  await session.api('create', { method: 'POST', path: deployments, body: deployment('web', {}) });
  await session.settled<Deployment>('it runs', `${deployments}/web`, isDone, view);
  const sets = '/apis/apps/v1/namespaces/{ns}/replicasets?labelSelector=app%3Dweb';
  const pods = '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Dweb';
  await session.settled<ListOf<Some>>('its replica set', sets, () => true, sorted);
  await session.settled<ListOf<Some>>('its pods', pods, ({ items }) => items.length === 2, sorted);
  await session.api('a new image', {
    method: 'PATCH',
    path: `${deployments}/web`,
    body: {
      spec: {
        template: { spec: { containers: [{ name: 'c', image: 'x:2', ports: [{ name: 'http', containerPort: 80 }] }] } },
      },
    },
    headers: MERGE,
  });
  await session.settled<Deployment>('it runs anew', `${deployments}/web`, isDone, view);
  await session.settled<ListOf<Pick<Deployment, 'status'>>>(
    'both replica sets',
    sets,
    ({ items }) => items.every(hasNoneTerminating),
    sorted,
  );
  await session.settled<ListOf<Some>>('the new pods', pods, ({ items }) => items.length === 2, sorted);
  const events = '/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.name%3Dweb';
  await session.settled<ListOf<Event>>('events of the deployment', events, ({ items }) => items.length >= 4, eventsOf);
}

async function services(session: Session): Promise<void> {
  const body = {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  await session.api('service', { method: 'POST', path: '/api/v1/namespaces/{ns}/services', body });
  const slices =
    '/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dweb';
  interface Slice extends Some {
    endpoints?: { conditions: { ready?: boolean } }[] | null;
  }
  const ready =
    (count: number) =>
    ({ items }: ListOf<Slice>): boolean =>
      items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready === true).length ===
      count;
  await session.settled<ListOf<Slice>>('its endpoint slices', slices, ready(2), sorted);
  interface Endpoints extends Some {
    subsets?: { addresses?: unknown[] }[];
  }
  await session.settled<Endpoints>(
    'its endpoints',
    '/api/v1/namespaces/{ns}/endpoints/web',
    ({ subsets }) => subsets?.[0]?.addresses?.length === 2,
    view,
  );
  await session.api('fewer pods', {
    method: 'PATCH',
    path: `${deployments}/web`,
    body: { spec: { replicas: 1 } },
    headers: MERGE,
  });
  await session.settled<ListOf<Slice>>(
    'one endpoint',
    slices,
    ({ items }) => items.flatMap(({ endpoints }) => endpoints ?? []).length === 1,
    sorted,
  );
  await session.api('delete the service', { method: 'DELETE', path: '/api/v1/namespaces/{ns}/services/web' });
  await session.settled<ListOf<Slice>>(
    'no slices',
    slices,
    ({ items }) => items.length === 0,
    ({ items }) => items.length,
  );
}

async function failures(session: Session): Promise<void> {
  await session.api('too large', {
    method: 'POST',
    path: deployments,
    body: deployment('huge', { replicas: 1, progressDeadlineSeconds: 2 }, { resources: { requests: { cpu: '100' } } }),
  });
  await session.settled<Deployment>(
    'it does not get on',
    `${deployments}/huge`,
    ({ status }) => status?.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') === true,
    view,
  );
  await session.settled<ListOf<Some>>(
    'its pod waits',
    '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Dhuge',
    ({ items }) => items.length === 1,
    sorted,
  );
  await session.settled<ListOf<Event>>(
    'events of what waits',
    '/api/v1/namespaces/{ns}/events?fieldSelector=reason%3DFailedScheduling',
    ({ items }) => items.length > 0,
    eventsOf,
  );
  await missingClaim(session);
  await session.api('a crash', {
    method: 'POST',
    path: deployments,
    body: deployment('crash', { replicas: 1 }, {}, { annotations: { 'embedded.skyflow.io/exit-code': '3' } }),
  });
  interface Crashed extends Some {
    status: { containerStatuses?: { restartCount: number; state: { waiting?: unknown } }[] };
  }
  await session.settled<ListOf<Crashed>>(
    'it is started again',
    '/api/v1/namespaces/{ns}/pods?labelSelector=app%3Dcrash',
    ({ items: [pod] }) =>
      pod?.status.containerStatuses?.some(
        ({ restartCount, state }) => restartCount > 0 && state.waiting !== undefined,
      ) === true,
    ({ items }) => items.map(({ status: { containerStatuses } }) => containerStatuses),
  );
  await session.api('a quota', {
    method: 'POST',
    path: '/api/v1/namespaces/{ns}/resourcequotas',
    body: { metadata: { name: 'q' }, spec: { hard: { 'count/configmaps': '2' } } },
  });
}

async function missingClaim(session: Session): Promise<void> {
  const spec = {
    containers: [{ name: 'c', image: 'x', volumeMounts: [{ name: 'd', mountPath: '/d' }] }],
    volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'nothing' } }],
  };
  const path = '/api/v1/namespaces/{ns}/pods';
  await session.prepare(
    'create -f -',
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'homeless' }, spec }),
  );
  interface Homeless extends Some {
    status: { phase?: string; conditions?: Condition[] };
  }
  await session.settled<Homeless>(
    'a pod without its claim',
    `${path}/homeless`,
    ({ status }) => status.conditions?.some(({ type }) => type === 'PodScheduled') === true,
    ({ status }) => status,
  );
}

export const controllers: Script = {
  name: 'controllers',
  async play(session) {
    await rollout(session);
    await services(session);
    await failures(session);
  },
};
