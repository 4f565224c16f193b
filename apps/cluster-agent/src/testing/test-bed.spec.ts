/**
 * What the specs of the agent run against: a real nats-server, embedded clusters in a process of their own, and agents as the
 * processes that they are (built from source first), so that SIGKILL means what it says. Not a spec itself: no test level
 * matches its name, and the build leaves it out.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  heartbeatSubject,
  observationSubject,
  workSubject,
  type Entry,
  type EntryData,
  type EntryType,
  type Heartbeat,
  type ObjectRef,
  type StoredObject,
} from '@skyflow/contracts';
import { JetStreamEventLog, SubjectWriter } from '@skyflow/event-log';
import { KubeClient, connectionOf, loadKubeConfig } from '@skyflow/kube-client';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';

const ROOT = resolve(import.meta.dirname, '../../../..');
const NODE = process.execPath;
const DEADLINE_MS = 15_000;

export interface TestCluster {
  name: string;
  client: KubeClient;
  /** Replaces the faults of the cluster; {} heals it. */
  faults(faults: Record<string, unknown>): Promise<void>;
}

export interface TestAgent {
  process: ChildProcess;
  /** JSON lines so far. */
  output(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface TestBed {
  directory: string;
  kubeconfig: string;
  nats: NatsFixture;
  connection: NatsConnection;
  log: JetStreamEventLog;
  cluster(name: string): Promise<TestCluster>;
  agent(cluster: string, environment?: Record<string, string>): TestAgent;
  work(cluster: string): WorkWriter;
  /** Decoded entries on the cluster's observation subject. */
  observed(cluster: string): Promise<Entry[]>;
  stop(): Promise<void>;
}

export async function startTestBed(clusters: readonly string[]): Promise<TestBed> {
  const [nats, directory] = await Promise.all([startNatsFixture(), mkdtemp(join(tmpdir(), 'skyflow-agent-'))]);
  const kubeconfig = join(directory, 'kubeconfig');
  const connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const log = await JetStreamEventLog.open({ connection });
  const embedded = await startClusters(directory, kubeconfig, clusters);
  const agents: TestAgent[] = [];
  const clients: KubeClient[] = [];

  return {
    directory,
    kubeconfig,
    nats,
    connection,
    log,
    async cluster(name) {
      const client = new KubeClient(await connectionOf((await loadKubeConfig(kubeconfig)).context(name)));
      clients.push(client);
      return {
        name,
        client,
        async faults(faults) {
          const url = `http://127.0.0.1:${embedded.controlPort}/clusters/${name}/faults`;
          const { ok } = await fetch(url, { method: 'POST', body: JSON.stringify(faults) });
          if (!ok) throw new Error(`the embedded clusters refused ${JSON.stringify(faults)}`);
        },
      };
    },
    agent(cluster, environment = {}) {
      const agent = startProgram('apps/cluster-agent/dist/main.js', {
        SKYFLOW_CLUSTER: cluster,
        SKYFLOW_CLUSTER_UID: `uid-of-${cluster}`,
        SKYFLOW_KUBECONFIG: kubeconfig,
        SKYFLOW_KUBE_CONTEXT: cluster,
        SKYFLOW_NATS_URL: nats.url,
        SKYFLOW_STATE_DIR: join(directory, 'state', cluster),
        ...environment,
      });
      agents.push(agent);
      return agent;
    },
    work: (cluster) => new WorkWriter(log, cluster),
    async observed(cluster) {
      const entries: Entry[] = [];
      for await (const { commit } of log.read({ subjects: [observationSubject(cluster)] }))
        entries.push(...commit.entries);
      return entries;
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.kill('SIGKILL')));
      for (const client of clients) client.close();
      await log.close();
      await connection.close();
      await embedded.program.kill('SIGKILL');
      await nats.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface OneCluster {
  bed: TestBed;
  cluster: TestCluster;
  work: WorkWriter;
}

/** A bed with one cluster, `onprem`, for agents that are built anew. */
export async function startOneCluster(): Promise<OneCluster> {
  const bed = await startTestBed(['onprem']);
  return { bed, cluster: await bed.cluster('onprem'), work: bed.work('onprem') };
}

/** Plays the scheduler for one cluster. */
export class WorkWriter {
  private readonly writer: SubjectWriter;
  private decision = 1_000_000;

  constructor(log: JetStreamEventLog, cluster: string) {
    this.writer = new SubjectWriter({ log, subject: workSubject(cluster), writer: 'spec/1' });
  }

  assign(object: StoredObject, share: Partial<EntryData<'WorkAssigned'>> = {}): Promise<unknown> {
    const generation = object.metadata.generation ?? 1;
    const decision = (this.decision += 10_000);
    return this.append('WorkAssigned', { epoch: 1, decision, generation, replicas: 2, object, ...share });
  }

  withdraw(object: StoredObject): Promise<unknown> {
    const decision = (this.decision += 10_000);
    return this.append('WorkWithdrawn', { epoch: 1, decision, ref: refOf(object) });
  }

  append<T extends EntryType>(type: T, data: EntryData<T>): Promise<unknown> {
    return this.writer.append([{ type, v: 1, at: Date.now(), actor: 'system:spec', corr: 'corr-of-spec', data }]);
  }
}

export const refOf = ({ kind, metadata: { name, namespace, uid } }: StoredObject): ObjectRef => ({
  kind,
  name,
  uid,
  ...(namespace === undefined ? {} : { namespace }),
});

/** A Job in namespace `team`; `pod` is merged into its pod spec, `spec` into its spec. */
export function job(name: string, spec: Record<string, unknown> = {}, pod: Record<string, unknown> = {}): StoredObject {
  return {
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { name, namespace: 'team', uid: `uid-${name}`, creationTimestamp: '2026-11-24T08:00:00Z', generation: 1 },
    spec: {
      replicas: 2,
      template: { spec: { restartPolicy: 'Always', containers: [{ name: 'main', image: 'busybox' }], ...pod } },
      ...spec,
    },
  };
}

/** The Service `web` of cluster `onprem`, with one port, of pods that are called the same. */
export function webService(type: 'ClusterIP' | 'LoadBalancer'): StoredObject {
  return {
    apiVersion: 'skyflow.io/v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'web-1',
      creationTimestamp: '2026-11-24T08:00:00Z',
      generation: 1,
    },
    spec: { cluster: 'onprem', type, selector: { app: 'web' }, ports: [{ port: 80 }] },
  };
}

/** Waits until `read` gives something other than undefined or false. The error names `what` and the last value. */
export async function until<T>(
  what: string,
  read: () => Promise<T> | T,
  withinMs = DEADLINE_MS,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Heartbeats of a cluster's agent as they come. */
export function heartbeats(connection: NatsConnection, cluster: string): Heartbeat[] {
  const heard: Heartbeat[] = [];
  connection.subscribe(heartbeatSubject(cluster), {
    callback: (_error, message) => {
      heard.push(message.json<Heartbeat>());
    },
  });
  return heard;
}

export function startProgram(program: string, environment: Record<string, string>, args: string[] = []): TestAgent {
  const child = spawn(NODE, [join(ROOT, program), ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const gone = once(child, 'exit');
  return {
    process: child,
    output: () => output,
    async kill(signal = 'SIGKILL') {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await gone;
      }
    },
  };
}

async function startClusters(
  directory: string,
  kubeconfig: string,
  names: readonly string[],
): Promise<{ program: TestAgent; controlPort: number }> {
  const config = join(directory, 'clusters.json');
  const clusters = names.map((name) => ({
    name,
    nodes: [{ name: 'n1', cpu: '4' }],
    virtual: { startDelayMs: 20, stopDelayMs: 20, jobRunMs: 100 },
  }));
  await writeFile(config, JSON.stringify({ kubeconfig, controlPort: 0, clusters }));
  const program = startProgram('tools/embedded-cluster/dist/main.js', {}, ['--config', config]);
  const controlPort = await until('the embedded clusters are ready', () => {
    if (program.process.exitCode !== null) throw new Error(`the embedded clusters ended: ${program.output()}`);
    return /"controlPort":(\d+)/.exec(program.output())?.[1];
  });
  await readFile(kubeconfig);
  return { program, controlPort: Number(controlPort) };
}
