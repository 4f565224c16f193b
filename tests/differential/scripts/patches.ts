/** Patches of the three old kinds, right and wrong. */
import type { Script } from './scripts.js';

const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: { a: 'b', keep: 'me' }, annotations: { note: 'x' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: {
        containers: [
          {
            name: 'one',
            image: 'x:1',
            args: ['a', 'b'],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
            ports: [{ containerPort: 80 }, { containerPort: 443, name: 'https' }],
            volumeMounts: [{ name: 'v', mountPath: '/v' }],
          },
          { name: 'two', image: 'y:1' },
        ],
        tolerations: [{ key: 'a', operator: 'Exists' }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
  },
};

/** Against the object above, each tried alone. */
const PATCHES: readonly (readonly [what: string, type: string, body: unknown])[] = [
  ['replace', JSON_PATCH, [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'x:2' }]],
  ['add to the end', JSON_PATCH, [{ op: 'add', path: '/spec/template/spec/containers/0/args/-', value: 'c' }]],
  ['add in the middle', JSON_PATCH, [{ op: 'add', path: '/spec/template/spec/containers/0/args/1', value: 'c' }]],
  ['remove', JSON_PATCH, [{ op: 'remove', path: '/metadata/labels/a' }]],
  ['move', JSON_PATCH, [{ op: 'move', from: '/metadata/labels/keep', path: '/metadata/labels/kept' }]],
  ['copy', JSON_PATCH, [{ op: 'copy', from: '/metadata/labels/a', path: '/metadata/labels/c' }]],
  ['test that holds', JSON_PATCH, [{ op: 'test', path: '/spec/replicas', value: 0 }]],
  ['test that does not hold', JSON_PATCH, [{ op: 'test', path: '/spec/replicas', value: 1 }]],
  ['escaped path', JSON_PATCH, [{ op: 'add', path: '/metadata/annotations/x.io~1y', value: 'z' }]],
  ['remove what is not there', JSON_PATCH, [{ op: 'remove', path: '/metadata/labels/nothing' }]],
  ['replace what is not there', JSON_PATCH, [{ op: 'replace', path: '/metadata/labels/nothing', value: 'x' }]],
  ['add below what is not there', JSON_PATCH, [{ op: 'add', path: '/spec/nothing/a', value: 'x' }]],
  ['index beyond the end', JSON_PATCH, [{ op: 'add', path: '/spec/template/spec/containers/0/args/9', value: 'x' }]],
  ['operation that is none', JSON_PATCH, [{ op: 'swap', path: '/spec/replicas' }]],
  ['no operation', JSON_PATCH, [{ path: '/spec/replicas', value: 1 }]],
  ['no list', JSON_PATCH, { op: 'add' }],
  ['value of a wrong type', JSON_PATCH, [{ op: 'replace', path: '/spec/replicas', value: 'two' }]],
  ['empty', JSON_PATCH, []],
  ['set and remove', MERGE, { metadata: { labels: { a: null, c: 'd' } }, spec: { replicas: 0 } }],
  [
    'list as a whole',
    MERGE,
    { spec: { template: { spec: { containers: [{ name: 'one', image: 'z' }], volumes: null } } } },
  ],
  ['empty', MERGE, {}],
  ['a list', MERGE, []],
  ['broken', MERGE, '{"spec":'],
  ['value of a wrong type', MERGE, { spec: { replicas: 'two' } }],
  ['invalid result', MERGE, { spec: { replicas: -1 } }],
  ['another name', MERGE, { metadata: { name: 'e' } }],
  ['another kind', MERGE, { kind: 'Job' }],
  ['old version', MERGE, { metadata: { resourceVersion: '1' } }],
  ['containers by name', STRATEGIC, { spec: { template: { spec: { containers: [{ name: 'two', image: 'y:2' }] } } } }],
  ['new container', STRATEGIC, { spec: { template: { spec: { containers: [{ name: 'three', image: 'z' }] } } } }],
  [
    'delete a container',
    STRATEGIC,
    { spec: { template: { spec: { containers: [{ name: 'two', $patch: 'delete' }] } } } },
  ],
  [
    'replace containers',
    STRATEGIC,
    {
      spec: {
        template: { spec: { containers: [{ $patch: 'replace' }, { name: 'only', image: 'z' }], volumes: null } },
      },
    },
  ],
  [
    'env, ports and mounts by key',
    STRATEGIC,
    {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'one',
                env: [
                  { name: 'B', value: '3' },
                  { name: 'C', value: '4' },
                ],
                ports: [{ containerPort: 80, name: 'http' }],
                volumeMounts: [{ mountPath: '/w', name: 'v' }],
              },
            ],
          },
        },
      },
    },
  ],
  ['an atomic list', STRATEGIC, { spec: { template: { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } } } }],
  ['args as a whole', STRATEGIC, { spec: { template: { spec: { containers: [{ name: 'one', args: ['z'] }] } } } }],
  ['null removes', STRATEGIC, { metadata: { annotations: null }, spec: { template: { spec: { tolerations: null } } } }],
  ['retain keys', STRATEGIC, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }],
  ['replace a map', STRATEGIC, { metadata: { labels: { $patch: 'replace', only: 'this' } } }],
  [
    'element order',
    STRATEGIC,
    {
      spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }] } } },
    },
  ],
  ['without a merge key', STRATEGIC, { spec: { template: { spec: { containers: [{ image: 'z' }] } } } }],
  ['directive that is none', STRATEGIC, { metadata: { labels: { $patch: 'swap' } } }],
  ['a list', STRATEGIC, []],
  ['value of a wrong type', STRATEGIC, { spec: { replicas: 'two' } }],
  ['object for a list', STRATEGIC, { spec: { template: { spec: { containers: {} } } } }],
  ['type that is none', 'application/swap-patch+json', {}],
  ['no type', 'application/json', {}],
];

export const patches: Script = {
  name: 'patches',
  async play(session) {
    await session.api('create', { method: 'POST', path: `${deployments}?fieldManager=maker`, body: deployment });
    // Its controllers have said what they have to say.
    await session.settled<{ status?: { conditions?: { reason: string }[] } }>(
      'it is as it stays',
      `${deployments}/d`,
      ({ status }) => status?.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable') === true,
      () => 'settled',
    );
    for (const [what, type, body] of PATCHES) {
      await session.api(`${type.split('/')[1]}: ${what}`, {
        method: 'PATCH',
        // Tried only: each begins with the same object; what the controller writes meanwhile is not of interest.
        path: `${deployments}/d?dryRun=All&fieldManager=patcher`,
        body,
        headers: { 'content-type': type },
      });
    }
    await session.api('patch of what is not there', {
      method: 'PATCH',
      path: `${deployments}/nothing`,
      body: {},
      headers: { 'content-type': MERGE },
    });
  },
};
