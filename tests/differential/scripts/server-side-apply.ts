/** Server-side apply: who owns what, what conflicts, what goes when it is no longer applied (KEP-555). */
import type { Session } from '../fixture/session.js';
import type { Script } from './scripts.js';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

type Applied = Record<string, unknown>;

const map = (data: object, metadata: object = {}): Applied => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm', ...metadata },
  data,
});

const deployment = (spec: object, podSpec: object = {}): Applied => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    paused: true,
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'x:1', ports: [{ containerPort: 80 }] }], ...podSpec },
    },
    ...spec,
  },
});

/** Kinds whose lists have keys of their own, or whose fields are written otherwise than read. */
const SPECIAL: readonly (readonly [string, string, Applied])[] = [
  [
    'secret with stringData',
    '/api/v1/namespaces/{ns}/secrets/s',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' }, data: { c: 'ZA==' } },
  ],
  [
    'role binding',
    '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings/r',
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'r' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' },
        { kind: 'ServiceAccount', name: 'sa', namespace: 'default' },
      ],
    },
  ],
  [
    'service',
    '/api/v1/namespaces/{ns}/services/s',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: {
        selector: { a: 'b' },
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'UDP' },
        ],
      },
    },
  ],
  [
    'job',
    '/apis/batch/v1/namespaces/{ns}/jobs/j',
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } },
    },
  ],
  [
    'service account',
    '/api/v1/namespaces/{ns}/serviceaccounts/sa',
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa' }, imagePullSecrets: [{ name: 'r' }] },
  ],
];

export const serverSideApply: Script = {
  name: 'server-side-apply',
  async play(session) {
    await applyMaps(session);
    await applyDeployments(session);
    for (const [what, path, body] of SPECIAL) {
      await apply(session, what, path, body, 'fieldManager=special');
      await apply(session, `${what}, again`, path, body, 'fieldManager=special');
      await apply(session, `${what}, without most of it`, path, withoutMost(body), 'fieldManager=special&dryRun=All');
    }
    await session.api('update beside apply', {
      method: 'PATCH',
      path: '/api/v1/namespaces/{ns}/secrets/s?fieldManager=other',
      body: { stringData: { a: 'changed' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  },
};

const withoutMost = ({ apiVersion, kind, metadata, roleRef, spec }: Applied): Applied => ({
  apiVersion,
  kind,
  metadata,
  ...(roleRef === undefined ? {} : { roleRef }),
  ...(kind === 'Job' || kind === 'Service' ? { spec } : {}),
});

const apply = (session: Session, step: string, path: string, body: unknown, query: string): Promise<unknown> =>
  session.api(step, { method: 'PATCH', path: `${path}?${query}`, body, headers: APPLY, withoutStatus: true });

async function applyMaps(session: Session): Promise<void> {
  const each = (step: string, body: unknown, query: string): Promise<unknown> =>
    apply(session, step, `${maps}/m`, body, query);
  await each('without a manager', map({}), '');
  await each('create', map({ a: '1', b: '1' }, { labels: { l: '1' } }), 'fieldManager=one');
  await each('the same again', map({ a: '1', b: '1' }, { labels: { l: '1' } }), 'fieldManager=one');
  await each('share a value', map({ a: '1', c: '2' }), 'fieldManager=two');
  await each('conflict', map({ a: '2', b: '2' }), 'fieldManager=two');
  await each('conflict, tried only', map({ a: '2' }), 'fieldManager=two&dryRun=All');
  await each('forced', map({ a: '2', c: '2' }), 'fieldManager=two&force=true');
  await each('give up a field', map({ b: '1' }), 'fieldManager=one');
  await each('give up all', map({}), 'fieldManager=two');
  await session.api('an update takes over', {
    method: 'PATCH',
    path: `${maps}/m?fieldManager=editor`,
    body: { data: { b: '9', e: '1' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await each('conflict with an update', map({ b: '1' }), 'fieldManager=one');
  await each('of another version', map({}, { resourceVersion: '1' }), 'fieldManager=one');
  await each('of another uid', map({}, { uid: '1' }), 'fieldManager=one');
  await each('with managed fields', map({}, { managedFields: [{ manager: 'x' }] }), 'fieldManager=one');
  await each('another name', { ...map({}), metadata: { name: 'n' } }, 'fieldManager=one');
  await each('no kind', { metadata: { name: 'm' } }, 'fieldManager=one');
  await each('broken', 'a: [', 'fieldManager=one');
  await each('force in words', map({}), 'fieldManager=one&force=perhaps');
  await each('wrong type', { ...map({}), data: { a: 5 } }, 'fieldManager=one');
  await each('an unknown field', { ...map({}), dat: { a: '5' } }, 'fieldManager=one');
  await session.api('a field manager for a merge patch with force', {
    method: 'PATCH',
    path: `${maps}/m?fieldManager=one&force=true`,
    body: {},
    headers: { 'content-type': 'application/merge-patch+json' },
  });
}

async function applyDeployments(session: Session): Promise<void> {
  const path = '/apis/apps/v1/namespaces/{ns}/deployments/d';
  const each = (step: string, body: unknown, query: string): Promise<unknown> =>
    apply(session, step, path, body, query);
  await each('create a deployment', deployment({ replicas: 0 }), 'fieldManager=one&dryRun=All');
  await each('create it', deployment({}), 'fieldManager=one');
  const another = (container: object): Applied => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { template: { spec: { containers: [container] } } },
  });
  await each('env of the same container', another({ name: 'c', env: [{ name: 'E', value: '1' }] }), 'fieldManager=two');
  await each('conflict over its image', another({ name: 'c', image: 'x:2' }), 'fieldManager=two');
  await each(
    'conflict over a port',
    another({ name: 'c', ports: [{ containerPort: 80, name: 'http' }] }),
    'fieldManager=two',
  );
  await each('a second container', another({ name: 'side', image: 'y' }), 'fieldManager=three');
  await each(
    'two containers of a name',
    { ...deployment({}, { containers: [{ name: 'c' }, { name: 'c' }] }) },
    'fieldManager=four',
  );
  await each('a container without a name', another({ image: 'y' }), 'fieldManager=four');
  await each('the second container gone', { ...another({ name: 'x' }), spec: {} }, 'fieldManager=three');
  await each('replicas of nobody', deployment({ replicas: 0 }), 'fieldManager=one');
  await each('invalid', deployment({ replicas: -1 }), 'fieldManager=one');
  await each(
    'status by its own door',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      status: { conditions: [{ type: 'Mine', status: 'True' }] },
    },
    'fieldManager=statuses',
  );
}
