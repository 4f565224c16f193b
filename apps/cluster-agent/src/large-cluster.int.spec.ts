/** A cluster of thousands: what the agent tells of it fits the log, and what it remembers of it is bounded. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { observationSubject, type NodeObservation } from '@skyflow/contracts';
import { withNodeChanges, withObservation, type ClusterReport } from '@skyflow/domain';
import { JetStreamEventLog } from '@skyflow/event-log';
import type { KubeObject } from '@skyflow/kube-client';
import { FakeKubeApi } from '@skyflow/kube-client/testing';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { startProgram, until, type TestAgent } from './testing/test-bed.spec.js';

const NODES = 2_000;
const PODS = 10_000;
/** An agent of a small cluster has 90; this one measured 150 to 180. */
const MOST_MIB = 300;

let directory: string;
let nats: NatsFixture;
let connection: NatsConnection;
let log: JetStreamEventLog;
let api: FakeKubeApi;
let agent: TestAgent;

const labels = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`example.com/label-${at}`, `value-of-${at}`]));
const node = (index: number, cpu: string): KubeObject => ({
  metadata: { name: `node-${index}`, labels },
  status: { allocatable: { cpu, pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skyflow-large-'));
  [nats, api] = await Promise.all([startNatsFixture(), new FakeKubeApi().start()]);
  connection = await connect({ servers: nats.url });
  log = await JetStreamEventLog.open({ connection });
  for (let index = 0; index < NODES; index += 1) api.put('/api/v1/nodes', node(index, '16'));
  for (let index = 0; index < PODS; index += 1) {
    const containers = [{ name: 'main', resources: { requests: { cpu: '100m' } } }];
    api.put('/api/v1/namespaces/other/pods', {
      metadata: { name: `pod-${index}`, namespace: 'other' },
      spec: { nodeName: `node-${index % NODES}`, containers },
      status: { phase: 'Running' },
    });
  }
  const kubeconfig = join(directory, 'kubeconfig');
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster: { server: api.url } }],
    contexts: [{ name: 'a', context: { cluster: 'c' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  agent = startProgram('apps/cluster-agent/dist/main.js', {
    SKYFLOW_CLUSTER: 'large',
    SKYFLOW_CLUSTER_UID: 'uid-of-large',
    SKYFLOW_KUBECONFIG: kubeconfig,
    SKYFLOW_NATS_URL: nats.url,
    SKYFLOW_STATE_DIR: join(directory, 'state'),
  });
}, 180_000);

afterAll(async () => {
  await agent.kill('SIGKILL');
  await log.close();
  await connection.close();
  await Promise.all([api.stop(), nats.stop()]);
  await rm(directory, { recursive: true, force: true });
});

/** What the log says of the nodes, and the size of its entries. */
async function told(): Promise<{ nodes: readonly NodeObservation[]; bytes: number[]; last: ClusterReport }> {
  let known: Parameters<typeof withObservation>[0];
  let last: ClusterReport;
  const bytes: number[] = [];
  for await (const { commit } of log.read({ subjects: [observationSubject('large')] })) {
    bytes.push(JSON.stringify(commit).length);
    for (const entry of commit.entries) {
      if (entry.type === 'ClusterObserved') known = withObservation(known, entry.data);
      else if (entry.type === 'NodesObserved' && known !== undefined) {
        known = { ...known, nodes: withNodeChanges(known.nodes, entry.data) };
      } else continue;
      last = entry;
    }
  }
  return { nodes: known?.nodes ?? [], bytes, last };
}

it('is told in entries that the log takes, then only by what changed, in bounded memory', async () => {
  await until('all nodes are told', async () => (await told()).nodes.length === NODES, 60_000);
  const { nodes, bytes } = await told();
  expect(nodes.every(({ requestedByOthers }) => requestedByOthers['cpu'] === (PODS / NODES) * 100)).toBe(true);
  expect(Math.max(...bytes)).toBeLessThan(512 * 1024);
  api.put('/api/v1/nodes', node(7, '8'));
  await until('the change is told', async () => (await told()).bytes.length > bytes.length);
  expect((await told()).last).toMatchObject({
    type: 'NodesObserved',
    data: { nodes: [{ name: 'node-7' }], removed: [] },
  });
  api.remove('/api/v1/nodes/node-8');
  await until('that it went is told', async () => (await told()).nodes.length === NODES - 1);
  const status = await readFile(`/proc/${agent.process.pid ?? 0}/status`, 'utf8').catch(() => '');
  const peakKib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  expect(peakKib / 1024).toBeLessThan(MOST_MIB);
}, 120_000);
