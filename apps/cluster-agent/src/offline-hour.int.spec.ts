/** An hour without the control plane, in a clock that makes it half a minute: what the agent does meanwhile, and what it tells after. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { observationSubject, type Entry } from '@skyflow/contracts';
import { JetStreamEventLog } from '@skyflow/event-log';
import { FakeKubeApi } from '@skyflow/kube-client/testing';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { WorkWriter, job, startProgram, until, type TestAgent } from './testing/test-bed.spec.js';

const HOUR_MS = 30_000;
/** The agent's deadline of a request: this machine may be too busy for a 120th of it. */
const REQUEST_MS = '30000';
const WORKLOADS = 50;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/team/deployments';
const PODS = '/api/v1/namespaces/team/pods';
const names = Array.from({ length: WORKLOADS }, (_, index) => `web-${index}`);

let directory: string;
let nats: NatsFixture;
let connection: NatsConnection;
let log: JetStreamEventLog;
let api: FakeKubeApi;
let agent: TestAgent;
let bookmarks: NodeJS.Timeout;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skyflow-offline-'));
  [nats, api] = await Promise.all([startNatsFixture(), new FakeKubeApi().start()]);
  connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  log = await JetStreamEventLog.open({ connection });
  const status = { allocatable: { cpu: '64' }, conditions: [{ type: 'Ready', status: 'True' }] };
  api.put('/api/v1/nodes', { metadata: { name: 'n1' }, status });
  // As an API server does each minute, by the agent's clock.
  bookmarks = setInterval(() => api.bookmark(), 250);
  const kubeconfig = join(directory, 'kubeconfig');
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster: { server: api.url } }],
    contexts: [{ name: 'a', context: { cluster: 'c' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  agent = startProgram('apps/cluster-agent/dist/main.js', {
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'testing/fast-clock.mjs')).href}`,
    FAST_CLOCK_KEEPS_MS: REQUEST_MS,
    SKYFLOW_CLUSTER: 'far',
    SKYFLOW_CLUSTER_UID: 'uid-of-far',
    SKYFLOW_KUBECONFIG: kubeconfig,
    SKYFLOW_NATS_URL: nats.url,
    SKYFLOW_STATE_DIR: join(directory, 'state'),
  });
}, 180_000);

afterAll(async () => {
  clearInterval(bookmarks);
  await agent.kill('SIGKILL');
  await log.close();
  await connection.close();
  await Promise.all([api.stop(), nats.stop()]);
  await rm(directory, { recursive: true, force: true });
});

async function observed(): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { commit } of log.read({ subjects: [observationSubject('far')] })) entries.push(...commit.entries);
  return entries;
}

/** Plays the controllers: the Deployment is taken up and its pod runs. */
function run(name: string): void {
  const deployment = api.find(`${DEPLOYMENTS}/${name}`)!;
  const status = { observedGeneration: deployment.metadata.generation, updatedReplicas: 1 };
  api.put(DEPLOYMENTS, { ...deployment, status });
  const { labels } = deployment.metadata;
  const conditions = [{ type: 'Ready', status: 'True' }];
  api.put(PODS, {
    metadata: { name: `${name}-pod`, namespace: 'team', ...(labels === undefined ? {} : { labels }) },
    spec: { nodeName: 'n1', containers: [] },
    status: { phase: 'Running', conditions },
  });
}

const patches = (from: number): string[] => api.requests.slice(from).filter((request) => request.startsWith('PATCH'));
const replicasOf = (name: string): unknown =>
  (api.find(`${DEPLOYMENTS}/${name}`)?.['spec'] as { replicas?: number } | undefined)?.replicas;

/** When the agent wrote its last line, by its own clock. */
const agentTime = (): number =>
  Date.parse((JSON.parse(agent.output().trimEnd().split('\n').at(-1) ?? '{}') as { time: string }).time);

describe('an hour without the control plane', () => {
  it('passes with the cluster kept as it was last wanted, and ends with what has changed, told once', async () => {
    const work = new WorkWriter(log, 'far');
    for (const name of names) await work.assign(job(name), { replicas: 1 });
    await until('all workloads are there', () => names.every((name) => replicasOf(name) === 1));
    for (const name of names) run(name);
    await until('all are reported as running', async () => {
      const running = (await observed()).filter(
        (entry) => entry.type === 'WorkObserved' && entry.data.phase === 'RUNNING',
      );
      return new Set(running.map((entry) => entry.type === 'WorkObserved' && entry.data.ref.name)).size === WORKLOADS;
    });
    await pause(2_000);
    const before = (await observed()).length;
    const startedAt = agentTime();
    const from = api.requests.length;

    await nats.kill9();
    const [drifted, failing, blinking] = [names.slice(0, 10), names.slice(10, 15), names.slice(15, 20)];
    for (const name of drifted) {
      const deployment = api.find(`${DEPLOYMENTS}/${name}`)!;
      api.put(DEPLOYMENTS, { ...deployment, spec: { ...(deployment['spec'] as object), replicas: 7 } });
    }
    await until('drift is put back meanwhile', () => drifted.every((name) => replicasOf(name) === 1));
    for (const name of drifted) run(name);
    for (const name of [...failing, ...blinking]) api.remove(`${PODS}/${name}-pod`);
    for (const name of blinking) run(name);
    for (let cut = 0; cut < 6; cut += 1) {
      await pause(HOUR_MS / 6);
      api.dropConnections();
    }
    // Each once, and nothing else: no renewal, resync or lost watch wrote anything.
    expect(patches(from)).toHaveLength(drifted.length);

    await nats.restart();
    await until(
      'what has changed is told',
      async () => (await observed().catch(() => [])).length >= before + failing.length,
      30_000,
    );
    await pause(3_000);
    const told = (await observed()).slice(before);
    expect(told.map((entry) => (entry.type === 'WorkObserved' ? entry.data.ref.name : entry.type)).sort()).toEqual(
      [...failing].sort(),
    );
    expect(told.every((entry) => entry.type === 'WorkObserved' && entry.data.phase === 'PENDING')).toBe(true);
    expect(patches(from)).toHaveLength(drifted.length);
    expect(agentTime() - startedAt).toBeGreaterThan(3_600_000);
  }, 150_000);

  it('after which an API that has nothing, and then is not there, takes nothing away', async () => {
    const before = (await observed()).length;
    const from = api.requests.length;
    await api.stop();
    await until('it is told', async () => {
      const last = (await observed()).at(-1);
      return last?.type === 'ClusterObserved' && !last.data.reachable ? last : undefined;
    });
    const last = (await observed()).at(-1);
    expect(last).toMatchObject({ data: { nodes: [{ name: 'n1' }] } });
    // No share is told to be gone or failed because nothing can be seen of it.
    expect((await observed()).slice(before).filter(({ type }) => type !== 'ClusterObserved')).toEqual([]);
    expect(api.requests.slice(from).filter((request) => request.startsWith('DELETE'))).toEqual([]);
    await api.start();
    await until('it is back', async () => {
      const now = (await observed()).at(-1);
      return now?.type === 'ClusterObserved' && now.data.reachable;
    });
    await pause(1_000);
    expect(patches(from)).toEqual([]);
  }, 60_000);
});

describe('an API that has too many requests', () => {
  it('is given time: refusals that come together are one, and nothing is lost', async () => {
    const work = new WorkWriter(log, 'far');
    const busy = Array.from({ length: 40 }, (_, index) => `busy-${index}`);
    const from = api.requests.length;
    const startedAt = performance.now();
    api.refuse(/PATCH/, 429, 'TooManyRequests', 'too many requests, please try again later', 20);
    for (const name of busy) await work.assign(job(name), { replicas: 1 });
    await until('all of them are there', () => busy.every((name) => replicasOf(name) === 1), 30_000);
    // Each refusal is followed by one more attempt; at least a second passes after each wave of them.
    expect(patches(from)).toHaveLength(busy.length + 20);
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    expect(agent.output()).not.toContain('the cluster refused work');
  }, 60_000);
});
