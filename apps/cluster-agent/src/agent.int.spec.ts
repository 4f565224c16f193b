import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  agentRequestSubject,
  nodeUsageSubject,
  type NodeUsageReport,
  type Entry,
  type EntryData,
  type StoredObject,
} from '@skyflow/contracts';
import { askAgent, openStream } from '@skyflow/agent-link';
import { FileSnapshotStore } from '@skyflow/event-log';
import { resources, type KubeObject } from '@skyflow/kube-client';
import {
  heartbeats,
  job,
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
}, 180_000);
afterAll(() => bed.stop());
beforeEach(() => {
  agent = bed.agent('onprem');
});
afterEach(async () => {
  await cluster.faults({});
  await agent.kill('SIGTERM');
  expect(agent.process.exitCode).toBe(0);
});

const key = (name: string) => ({ namespace: 'team', name });

/** Whether an agent that is started anew would know of it without the log. */
async function isWrittenDown(name: string): Promise<boolean> {
  const [latest] = await Array.fromAsync(new FileSnapshotStore(join(bed.directory, 'state', 'onprem')).list());
  const pieces = latest === undefined ? [] : await Array.fromAsync(latest.pieces);
  return JSON.stringify(pieces).includes(`"${name}"`);
}
const deployment = (name: string) => cluster.client.find<KubeObject>(resources.deployments, key(name));
const nativeJob = (name: string) => cluster.client.find<KubeObject>(resources.jobs, key(name));
const specOf = (object: KubeObject | undefined) =>
  object?.['spec'] as { replicas?: number; parallelism?: number } | undefined;

async function reports(of: StoredObject): Promise<(EntryData<'WorkObserved'> | 'removed')[]> {
  return (await bed.observed('onprem')).flatMap((entry: Entry): (EntryData<'WorkObserved'> | 'removed')[] => {
    if (entry.type === 'WorkObserved' && entry.data.ref.uid === of.metadata.uid) return [entry.data];
    return entry.type === 'WorkRemoved' && entry.data.ref.uid === of.metadata.uid ? ['removed' as const] : [];
  });
}
const reported = (of: StoredObject, expected: Partial<EntryData<'WorkObserved'>>) =>
  until(`${of.metadata.name} is reported as ${JSON.stringify(expected)}`, async () => {
    const last = (await reports(of)).at(-1);
    if (last === undefined || last === 'removed') return undefined;
    const matches = Object.entries(expected).every(([name, value]) => last[name as keyof typeof last] === value);
    return matches ? last : undefined;
  });
const removed = (of: StoredObject) =>
  until(`${of.metadata.name} is reported as removed`, async () => (await reports(of)).at(-1) === 'removed');

describe('work', () => {
  it('becomes a native object in a namespace made for it, and its status comes back with the correlation of the work', async () => {
    const web = job('web');
    await work.assign(web);
    await reported(web, { phase: 'RUNNING', ready: 2, generation: 1, replicas: 2 });
    const namespace = await cluster.client.get<KubeObject>(resources.namespaces, { name: 'team' });
    expect(namespace.metadata.labels).toMatchObject({ 'skyflow.io/managed-by': 'skyflow' });
    expect((await deployment('web'))?.metadata.labels).toMatchObject({ 'skyflow.io/workload-uid': 'uid-web' });
    const entries = await bed.observed('onprem');
    expect(entries.find((entry) => entry.type === 'WorkObserved')).toMatchObject({
      corr: 'corr-of-spec',
      actor: 'system:cluster-agent',
    });

    await work.assign(web, { replicas: 3 });
    await reported(web, { phase: 'RUNNING', ready: 3, replicas: 3 });
    await work.withdraw(web);
    await removed(web);
    expect(await deployment('web')).toBeUndefined();
  });

  it('is told to gateways by node as soon as its pods are on one', async () => {
    const told: NodeUsageReport[] = [];
    const subscription = bed.connection.subscribe(nodeUsageSubject('onprem'), {
      callback: (_error, message) => {
        told.push(message.json<NodeUsageReport>());
      },
    });
    const container = { name: 'main', image: 'x', resources: { requests: { cpu: '250m' } } };
    const counted = job('counted', { template: { spec: { containers: [container] } } });
    await work.assign(counted);
    await until('both pods are counted', () => told.some(({ nodes }) => (nodes['n1']?.['cpu'] ?? 0) === 500));
    await work.withdraw(counted);
    await removed(counted);
    await until('they are not counted any more', () => told.at(-1)?.nodes['n1']?.['cpu'] === undefined);
    expect(told.at(-1)).toMatchObject({ cluster: 'onprem', uid: 'uid-of-onprem', part: 0, parts: 1 });
    subscription.unsubscribe();
  });

  it('that someone changes or deletes on the cluster is put back', async () => {
    const drift = job('drift');
    await work.assign(drift);
    await reported(drift, { ready: 2 });
    await cluster.client.patch(resources.deployments, key('drift'), { spec: { replicas: 5 } });
    await until('the scale is put back', async () => specOf(await deployment('drift'))?.replicas === 2);
    await cluster.client.patch(resources.deployments, key('drift'), {
      metadata: { labels: { 'skyflow.io/workload-name': null } },
    });
    await until(
      'the label is put back',
      async () => (await deployment('drift'))?.metadata.labels?.['skyflow.io/workload-name'] === 'drift',
    );
    await cluster.client.patch(resources.deployments, key('drift'), {
      metadata: { labels: { 'skyflow.io/managed-by': null } },
    });
    await until(
      'even the label that says whose it is',
      async () => (await deployment('drift'))?.metadata.labels?.['skyflow.io/managed-by'] === 'skyflow',
    );
    const { uid } = (await deployment('drift'))!.metadata;
    await cluster.client.delete(resources.deployments, key('drift'));
    await until('it is made again', async () => {
      const again = await deployment('drift');
      return again !== undefined && again.metadata.uid !== uid;
    });
    await work.withdraw(drift);
    await removed(drift);
  });

  it('is adopted, caught up with and not made twice by an agent that was killed', async () => {
    const kept = job('kept');
    const gone = job('gone');
    await Promise.all([work.assign(kept), work.assign(gone)]);
    await Promise.all([reported(kept, { ready: 2 }), reported(gone, { ready: 2 })]);
    const before = (await deployment('kept'))!;
    await agent.kill('SIGKILL');
    const late = job('late');
    await work.assign(late);
    await work.withdraw(gone);
    agent = bed.agent('onprem');
    await Promise.all([reported(late, { ready: 2 }), removed(gone)]);
    const after = (await deployment('kept'))!;
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect((await reports(kept)).filter((report) => report !== 'removed' && report.ready === 2)).toHaveLength(1);
    await Promise.all([work.withdraw(kept), work.withdraw(late)]);
    await Promise.all([removed(kept), removed(late)]);
  });

  it('that ends is COMPLETED once, also when its native Job is tidied away', async () => {
    const batch = job('batch', { completions: 3, ttlSecondsAfterFinished: 0 }, { restartPolicy: 'Never' });
    await work.assign(batch, { completions: 3 });
    await reported(batch, { phase: 'COMPLETED', succeeded: 3 });
    await until('the native Job is gone by its TTL', async () => (await nativeJob('batch')) === undefined);
    await agent.kill('SIGKILL');
    agent = bed.agent('onprem');
    const marker = job('marker');
    await work.assign(marker);
    await reported(marker, { ready: 2 });
    expect(await nativeJob('batch')).toBeUndefined();
    await Promise.all([work.withdraw(batch), work.withdraw(marker)]);
    await Promise.all([removed(batch), removed(marker)]);
  });

  it('that ended right before its agent was killed does not run again where its cluster has lost it since', async () => {
    const metadata = { annotations: { 'embedded.skyflow.io/run-seconds': '4' } };
    const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] };
    const ended = job('ended', { replicas: 1, ttlSecondsAfterFinished: 0, template: { metadata, spec } });
    await work.assign(ended, { replicas: 1 });
    await reported(ended, { phase: 'RUNNING' });
    await until('the desired state is written down', () => isWrittenDown('ended'));
    const [state, old] = ['state', 'old-state'].map((name) => join(bed.directory, name, 'onprem'));
    await cp(state!, old!, { recursive: true });
    await reported(ended, { phase: 'COMPLETED' });
    await until('the native Job is gone', async () => (await nativeJob('ended')) === undefined);
    await agent.kill('SIGKILL');
    await rm(state!, { recursive: true });
    await rename(old!, state!);
    const before = (await reports(ended)).length;
    agent = bed.agent('onprem');
    const marker = job('marker-after');
    await work.assign(marker);
    await reported(marker, { ready: 2 });
    expect(await nativeJob('ended')).toBeUndefined();
    expect((await reports(ended)).slice(before)).toEqual([]);
    await Promise.all([work.withdraw(ended), work.withdraw(marker)]);
    await Promise.all([removed(ended), removed(marker)]);
  }, 60_000);

  it('whose unchangeable part changed is made anew', async () => {
    const template = (command: string) => ({
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', args: [command] }] } },
    });
    const first = job('remade', template('one'));
    await work.assign(first, { completions: 2 });
    await reported(first, { phase: 'COMPLETED' });
    const { uid } = (await nativeJob('remade'))!.metadata;
    const second = { ...job('remade', template('two')), metadata: { ...first.metadata, generation: 2 } };
    await work.assign(second, { completions: 2 });
    await reported(second, { phase: 'COMPLETED', generation: 2 });
    expect((await nativeJob('remade'))?.metadata.uid).not.toBe(uid);
    await work.withdraw(second);
    await removed(second);
  });

  it('of an older epoch changes nothing', async () => {
    const fenced = job('fenced');
    await work.assign(fenced, { epoch: 5, replicas: 1 });
    await reported(fenced, { ready: 1 });
    await work.assign(fenced, { epoch: 4, replicas: 4 });
    const marker = job('fence-marker');
    await work.assign(marker, { epoch: 5 });
    await reported(marker, { ready: 2 });
    expect(specOf(await deployment('fenced'))?.replicas).toBe(1);
    for (const object of [fenced, marker]) {
      await work.append('WorkWithdrawn', { epoch: 5, decision: 9_000_000, ref: refOf(object) });
      await removed(object);
    }
  });
});

// From here on epoch 5 is the newest on the subject.
const assign = (object: StoredObject, share: Partial<EntryData<'WorkAssigned'>> = {}) =>
  work.assign(object, { epoch: 5, ...share });
const withdraw = async (object: StoredObject) => {
  await work.append('WorkWithdrawn', { epoch: 5, decision: 9_000_000, ref: refOf(object) });
  await removed(object);
};

describe('what the cluster refuses', () => {
  it('is reported in the words of its API, and does not hold up other work', async () => {
    const invalid = job('invalid', {}, { containers: [{ name: 'Not A Name', image: 'busybox' }] });
    await assign(invalid);
    const report = await reported(invalid, { phase: 'FAILED', reason: 'Invalid' });
    expect(report.message).toMatch(/containers\[0\]\.name/);
    const fine = job('fine');
    await assign(fine);
    await reported(fine, { ready: 2 });
    await Promise.all([withdraw(invalid), withdraw(fine)]);
  });

  it('is never taken over when its name belongs to someone else, and is made when the name is free', async () => {
    const labels = { app: 'theirs' };
    const theirs = {
      metadata: { name: 'taken', namespace: 'team', labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    };
    const foreign = await cluster.client.create<KubeObject>(resources.deployments, theirs);
    const taken = job('taken');
    await assign(taken);
    const report = await reported(taken, { phase: 'FAILED', reason: 'NameConflict' });
    expect(report.message).toMatch(/SkyFlow did not make/);
    expect((await deployment('taken'))?.metadata).toMatchObject({ uid: foreign.metadata.uid, labels });
    await cluster.client.delete(resources.deployments, key('taken'));
    await reported(taken, { phase: 'RUNNING', ready: 2 });
    await withdraw(taken);
  });

  it('waits with the scheduler’s own words when no node has room', async () => {
    const big = job(
      'big',
      {},
      { containers: [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '64' } } }] },
    );
    await assign(big);
    const report = await reported(big, { phase: 'PENDING', reason: 'Unschedulable' });
    expect(report.message).toMatch(/Insufficient cpu/);
    await withdraw(big);
  });
});

describe('dependencies', () => {
  const settings = (value: string, generation = 1): StoredObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'settings',
      namespace: 'team',
      uid: 'uid-settings',
      creationTimestamp: '2026-11-24T08:00:00Z',
      generation,
    },
    data: { value },
  });
  const live = () => cluster.client.find<KubeObject>(resources.configMaps, key('settings'));

  it('are there before the work, stay while anyone uses them, and go with the last', async () => {
    const one = job('user-one');
    const two = job('user-two');
    await assign(one, { dependencies: [settings('a')] });
    await assign(two, { dependencies: [settings('b', 2)] });
    await Promise.all([reported(one, { ready: 2 }), reported(two, { ready: 2 })]);
    await until(
      'the newest content is there',
      async () =>
        (await live())?.['data'] !== undefined && ((await live())!['data'] as { value: string }).value === 'b',
    );
    await cluster.client.patch(resources.configMaps, key('settings'), { data: { value: 'tampered' } });
    await until(
      'the content is put back',
      async () => ((await live())?.['data'] as { value: string } | undefined)?.value === 'b',
    );
    await withdraw(one);
    expect(await live()).toBeDefined();
    await withdraw(two);
    await until('it goes with its last user', async () => (await live()) === undefined);
  });
});

describe('a namespace', () => {
  it('goes when SkyFlow’s does, unless something foreign lives there', async () => {
    const guest: KubeObject = { metadata: { name: 'guest', namespace: 'team' } };
    await cluster.client.create(resources.configMaps, guest);
    await work.append('NamespaceWithdrawn', { epoch: 5, namespace: 'team' });
    await until('the agent says why it stays', () => agent.output().includes('holds ConfigMap guest'));
    expect(await cluster.client.find(resources.namespaces, { name: 'team' })).toBeDefined();
    await cluster.client.delete(resources.configMaps, key('guest'));
    await work.append('NamespaceWithdrawn', { epoch: 5, namespace: 'team' });
    await until(
      'it is gone',
      async () => (await cluster.client.find(resources.namespaces, { name: 'team' })) === undefined,
    );
    const back = job('back');
    await assign(back);
    await reported(back, { ready: 2 });
    await withdraw(back);
  });
});

describe('outages', () => {
  const clusterReports = async () =>
    (await bed.observed('onprem')).flatMap((entry) => (entry.type === 'ClusterObserved' ? [entry.data] : []));

  // What stands still may go on within five seconds; what refuses will not.
  it.each([
    ['refuse', 5_000],
    ['hang', 10_000],
    ['reset', 5_000],
  ] as const)(
    'of the API (%s) are told within %i ms and take nothing away',
    async (unreachable, withinMs) => {
      const steady = job(`steady-${unreachable}`);
      await assign(steady);
      await reported(steady, { ready: 2 });
      const { nodes } = await until('the cluster is reported', async () => (await clusterReports()).at(-1));
      const heard = heartbeats(bed.connection, 'onprem');
      await cluster.faults({ unreachable });
      const started = performance.now();
      const beat = await until('a heartbeat says so', () => heard.find(({ reachable }) => !reachable));
      expect(performance.now() - started).toBeLessThan(withinMs);
      expect(beat.message).toMatch(/not reachable|broke|no answer/);
      await until('the log has it', async () => (await clusterReports()).at(-1)?.reachable === false);
      expect((await clusterReports()).at(-1)?.nodes).toEqual(nodes);
      const scaled = assign(steady, { replicas: 3 });
      await scaled;
      await cluster.faults({});
      await reported(steady, { ready: 3 });
      await until('the log has that it is back', async () => (await clusterReports()).at(-1)?.reachable === true);
      expect(await reports(steady)).not.toContain('removed');
      expect((await reports(steady)).every((report) => report !== 'removed' && report.replicas > 0)).toBe(true);
      await withdraw(steady);
    },
    60_000,
  );

  it('of NATS do not stop the work, not even over a restart of the agent', async () => {
    const offline = job('offline');
    await assign(offline);
    await reported(offline, { ready: 2 });
    await until('the desired state is written down', () => isWrittenDown('offline'));
    await bed.nats.kill9();
    await agent.kill('SIGKILL');
    agent = bed.agent('onprem');
    await cluster.client.patch(resources.deployments, key('offline'), { spec: { replicas: 0 } });
    await until('drift is corrected without NATS', async () => specOf(await deployment('offline'))?.replicas === 2);
    await bed.nats.restart();
    const after = job('after-outage');
    await until('the log is back', () =>
      assign(after).then(
        () => true,
        () => false,
      ),
    );
    await reported(after, { ready: 2 });
    await Promise.all([withdraw(offline), withdraw(after)]);
  }, 60_000);

  it('of NATS leave nothing that was taken back after what an agent knew when it was killed', async () => {
    const taken = job('taken-back');
    await assign(taken);
    await reported(taken, { ready: 2 });
    await until('the desired state is written down', () => isWrittenDown('taken-back'));
    const [state, old] = ['state', 'old-state'].map((name) => join(bed.directory, name, 'onprem'));
    await cp(state!, old!, { recursive: true });
    await withdraw(taken);
    await agent.kill('SIGKILL');
    await bed.nats.kill9();
    await rm(state!, { recursive: true });
    await rename(old!, state!);
    agent = bed.agent('onprem');
    await until('it is made again by what was known last', () => deployment('taken-back'));
    await bed.nats.restart();
    await until('it goes again', async () => (await deployment('taken-back')) === undefined);
  }, 60_000);

  it('need not come for a kubeconfig that changed to be taken up: the agent ends, to be started anew', async () => {
    const own = join(bed.directory, 'own.kubeconfig');
    const text = await readFile(bed.kubeconfig, 'utf8');
    await writeFile(own, text);
    const other = bed.agent('onprem', { SKYFLOW_KUBECONFIG: own });
    await until('it is there', () => other.output().includes('reachability of the cluster'));
    // Broken, and then with another context beside ours.
    const beside = text.replace(/^contexts:$/m, '$&\n  - name: other\n    context: { cluster: none }');
    for (const said of ['half: [', beside]) {
      await writeFile(own, said);
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      expect(other.process.exitCode).toBeNull();
    }
    await writeFile(own, text.replace(/^( *)server: .*$/m, '$&\n$1tls-server-name: localhost'));
    await until('it ends', () => other.process.exitCode !== null);
    expect(other.process.exitCode).toBe(75);
  }, 60_000);

  it('that take its context out of the kubeconfig are told, once they are no half-written file', async () => {
    const own = join(bed.directory, 'without.kubeconfig');
    const text = await readFile(bed.kubeconfig, 'utf8');
    await writeFile(own, text);
    const other = bed.agent('onprem', { SKYFLOW_KUBECONFIG: own });
    await until('it is there', () => other.output().includes('reachability of the cluster'));
    await writeFile(own, text.replace(/name: onprem$/gm, 'name: elsewhere'));
    await until('it ends', () => other.process.exitCode !== null);
    expect(other.process.exitCode).toBe(75);
  }, 60_000);

  it('in which the Cluster object was made anew leave no one waiting for a report', async () => {
    await until('the cluster is reported', async () => (await clusterReports()).at(-1)?.reachable);
    const before = (await clusterReports()).length;
    await agent.kill('SIGTERM');
    agent = bed.agent('onprem', { SKYFLOW_CLUSTER_UID: 'uid-of-another' });
    await until('it is reported again', async () => (await clusterReports()).length === before + 1);
    expect((await bed.observed('onprem')).at(-1)).toMatchObject({ type: 'ClusterObserved', corr: 'uid-of-another' });
  });

  it('that begin with the kubeconfig are told in heartbeats and in the log', async () => {
    const heard = heartbeats(bed.connection, 'nowhere');
    const lost = bed.agent('nowhere');
    const beat = await until('a heartbeat comes', () =>
      heard.find(({ message }) => message?.includes('no context') === true),
    );
    expect(beat).toMatchObject({ reachable: false, message: expect.stringContaining('"nowhere" (it has onprem)') });
    const entry = await until('the log has it', async () => (await bed.observed('nowhere')).at(-1));
    expect(entry).toMatchObject({ type: 'ClusterObserved', data: { reachable: false, reason: 'ApiUnreachable' } });
    await lost.kill('SIGTERM');
    // Ended while it starts, it would not end well.
    await until('ours is there', () => agent.output().includes('reachability of the cluster'));
  });
});

describe('questions', () => {
  it('for pods and logs are answered, of SkyFlow’s pods only', async () => {
    const chatty = job('chatty');
    await assign(chatty);
    await reported(chatty, { ready: 2 });
    const pods = agentRequestSubject('onprem', 'pods');
    const reply = (await askAgent(bed.connection, pods, { uid: 'uid-chatty' })) as { pods: KubeObject[]; asOf: number };
    expect(reply.pods.map(({ metadata }) => metadata.namespace)).toEqual(['team', 'team']);
    expect(Date.now() - reply.asOf).toBeLessThan(5_000);
    const all = (await askAgent(bed.connection, pods, {})) as { pods: KubeObject[] };
    expect(all.pods.every(({ metadata }) => metadata.namespace === 'team')).toBe(true);

    const logs = agentRequestSubject('onprem', 'logs');
    const [first] = reply.pods;
    const lines = await Array.fromAsync(
      openStream(bed.connection, logs, { ...key(first!.metadata.name), pod: first!.metadata.name }),
    );
    expect(lines.every((line) => line instanceof Uint8Array)).toBe(true);
    const missing = openStream(bed.connection, logs, { namespace: 'team', pod: 'nobody' });
    await expect(missing.opened).rejects.toMatchObject({ httpStatus: 404, message: expect.stringContaining('nobody') });
    const [system] = (await cluster.client.list(resources.pods, { namespace: 'kube-system' })).items;
    const foreign = openStream(bed.connection, logs, { namespace: 'kube-system', pod: system!.metadata.name });
    await expect(foreign.opened).rejects.toMatchObject({ httpStatus: 404 });
    // While the API is away nothing is told as it was, and nobody waits.
    await cluster.faults({ unreachable: 'refuse' });
    try {
      const lost = await until('the pods are Unknown', async () => {
        const { pods: now } = (await askAgent(bed.connection, pods, { uid: 'uid-chatty' })) as { pods: KubeObject[] };
        return now.every((pod) => (pod['status'] as { phase?: string }).phase === 'Unknown') ? now : undefined;
      });
      expect(lost).toHaveLength(2);
      expect(lost[0]?.['status']).toMatchObject({
        reason: 'ClusterUnreachable',
        message: expect.stringMatching(/^cluster onprem cannot be reached since \d{4}-.*Z: ./),
        conditions: [],
      });
      const refused = openStream(bed.connection, logs, { namespace: 'team', pod: first!.metadata.name });
      await expect(refused.opened).rejects.toMatchObject({ httpStatus: 503 });
    } finally {
      await cluster.faults({});
    }
    await until('they are seen again', async () => {
      const { pods: now } = (await askAgent(bed.connection, pods, { uid: 'uid-chatty' })) as { pods: KubeObject[] };
      return now.every((pod) => (pod['status'] as { phase?: string }).phase === 'Running');
    });
    await withdraw(chatty);
  });
});
