/** The agent's part in exported Services: says what its cluster has, and makes the Service by which the cluster imports. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Entry, StoredObject } from '@skyflow/contracts';
import { resources, type KubeObject } from '@skyflow/kube-client';
import {
  refOf,
  startOneCluster,
  until,
  type TestAgent,
  type TestBed,
  type TestCluster,
  type WorkWriter,
} from './testing/test-bed.spec.js';

let bed: TestBed;
let cluster: TestCluster;
let work: WorkWriter;
let agent: TestAgent;

beforeAll(async () => {
  ({ bed, cluster, work } = await startOneCluster());
  agent = bed.agent('onprem');
}, 180_000);
afterAll(async () => {
  // Its gateway would outlive one that is killed.
  await agent.kill('SIGTERM');
  await bed.stop();
}, 60_000);

const HELLO = { namespace: 'default', name: 'hello' };
const SELECTOR = { app: 'hello' };
const lastOf = async (type: Entry['type']): Promise<Entry | undefined> =>
  (await bed.observed('onprem')).findLast((entry) => entry.type === type);

/** As the mesh controller tells it to a cluster that exports and imports. */
const derived = (generation = 1): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Service',
  metadata: {
    ...{ name: 'derived-0123456789', namespace: 'default', uid: 'import-1', generation },
    creationTimestamp: '2026-11-24T08:00:00Z',
    labels: { 'multicluster.kubernetes.io/service-name': 'hello' },
  },
  spec: {
    ...{ cluster: 'onprem', type: 'ClusterIP', selector: {}, sessionAffinity: 'None', sources: ['onprem'] },
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'admin', port: 81, protocol: 'TCP' },
    ],
    import: {
      name: 'hello',
      labels: {},
      annotations: {},
      clusters: ['onprem'],
      spec: { type: 'ClusterSetIP', ports: [] },
    },
    exported: { selector: SELECTOR, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] },
  },
});

describe('an agent whose cluster exports a Service', () => {
  it('says what there is under the name, and what becomes of it', async () => {
    await work.append('ExportAssigned', { epoch: 1, ...HELLO });
    await until('it says that there is none', async () => (await lastOf('ExportObserved'))?.data);
    expect((await lastOf('ExportObserved'))?.data).toEqual(HELLO);
    await cluster.client.create(resources.services, {
      metadata: HELLO,
      spec: { selector: SELECTOR, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    });
    const said = await until('it says what there is', async () => {
      const entry = await lastOf('ExportObserved');
      return entry?.type === 'ExportObserved' ? entry.data.service : undefined;
    });
    expect(said).toMatchObject({ type: 'ClusterIP', selector: SELECTOR, ports: [{ name: 'http', port: 80 }] });
    expect(said.clusterIP).toBeUndefined();
  });

  it('makes the Service by which it imports, with its own pods in a slice of SkyFlow, only behind the port that they serve', async () => {
    await cluster.client.create(resources.deployments, {
      metadata: HELLO,
      spec: {
        ...{ replicas: 2, selector: { matchLabels: SELECTOR } },
        template: { metadata: { labels: SELECTOR }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
      },
    });
    await work.append('ServiceAssigned', { epoch: 1, object: derived(), primary: true });
    const native = await until('the Service', () =>
      cluster.client.find<KubeObject>(resources.services, { namespace: 'default', name: 'derived-0123456789' }),
    );
    expect((native['spec'] as { selector?: object }).selector).toBeUndefined();
    const slices = await until('both pods in a slice', async () => {
      const { items } = await cluster.client.list<KubeObject>(resources.endpointSlices, {
        namespace: 'default',
        labelSelector: 'kubernetes.io/service-name=derived-0123456789',
      });
      const ready = items.flatMap((each) => each['endpoints'] as { conditions: { ready: boolean } }[]);
      return ready.filter(({ conditions }) => conditions.ready).length === 2 ? items : undefined;
    });
    expect(slices.map(({ metadata, ports }) => [metadata.labels, ports])).toEqual([
      [
        expect.objectContaining({
          'multicluster.kubernetes.io/service-name': 'hello',
          'multicluster.kubernetes.io/source-cluster': 'onprem',
          'endpointslice.kubernetes.io/managed-by': 'mesh.skyflow.io',
        }),
        [{ name: 'http', port: 8080, protocol: 'TCP' }],
      ],
    ]);
    await until('the address is told', async () => {
      const entry = await lastOf('ServiceObserved');
      return entry?.type === 'ServiceObserved' ? entry.data.clusterIP : undefined;
    });
  });

  it('follows its own pods without being told', async () => {
    await cluster.client.patch(resources.deployments, HELLO, { spec: { replicas: 1 } });
    await until('one pod is left', async () => {
      const { items } = await cluster.client.list<KubeObject>(resources.endpointSlices, {
        namespace: 'default',
        labelSelector: 'kubernetes.io/service-name=derived-0123456789',
      });
      return items.flatMap((each) => each['endpoints'] as object[]).length === 1;
    });
  });

  it('takes away what it made, and says nothing more of what is not exported', async () => {
    await work.append('ServiceWithdrawn', { epoch: 1, ref: refOf(derived()) });
    await work.append('ExportWithdrawn', { epoch: 1, ...HELLO });
    await until('it is gone', async () => (await lastOf('ServiceRemoved')) !== undefined);
    const left = await cluster.client.list<KubeObject>(resources.services, { namespace: 'default' });
    expect(left.items.map(({ metadata }) => metadata.name).sort()).toEqual(['hello', 'kubernetes']);
    const before = (await bed.observed('onprem')).filter(({ type }) => type === 'ExportObserved').length;
    await cluster.client.delete(resources.services, HELLO);
    // What is told after it would be told of it by then.
    await work.append('ExportAssigned', { epoch: 1, namespace: 'default', name: 'other' });
    await until('another is spoken of', async () => {
      const entry = await lastOf('ExportObserved');
      return entry?.type === 'ExportObserved' && entry.data.name === 'other';
    });
    const after = (await bed.observed('onprem')).filter(({ type }) => type === 'ExportObserved').length;
    expect(after).toBe(before + 1);
  });
});
