/**
 * A fleet of a thousand clusters with a hundred thousand jobs: a real gateway on a real log into which others' entries were written, as
 * the scheduler and a thousand agents would; the agents' signs of life; and updates as fast as are wanted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import {
  type EntryData,
  type EntryType,
  type RawEntry,
  commandSubject,
  decisionSubject,
  heartbeatSubject,
  observationSubject,
} from '@skyflow/contracts';
import { JetStreamEventLog, SubjectWriter } from '@skyflow/event-log';
import { ControlPlane } from '../../tools/bench/src/control-plane.js';

export const CLUSTERS = 1_000;
export const JOBS = 100_000;
/** Without a place, for one reason. */
export const WAITING = 500;
const ENTRIES_PER_COMMIT = 1_000;
const REGIONS = 20;
const GIB = 1024 ** 3;
const MADE_AT = '2026-01-01T00:00:00Z';
/** Updates come in bursts, so many a second. */
const BURSTS_PER_SECOND = 20;
const HEARTBEAT_MS = 1_500;

const clusterName = (index: number): string => `cluster-${String(index).padStart(4, '0')}`;
const jobName = (index: number): string => `job-${String(index).padStart(6, '0')}`;
const clusterOf = (job: number): number => job % CLUSTERS;
const refOf = (job: number) => ({ kind: 'Job', namespace: `team-${job % 50}`, name: jobName(job), uid: `uid-${job}` });

export class BigFleet {
  private readonly writers = new Map<string, SubjectWriter>();
  private updating: { on: boolean; done: Promise<void> } | undefined;
  private beating: NodeJS.Timeout | undefined;
  private next = 0;
  /** Updates that were written. */
  updates = 0;

  private constructor(
    private readonly plane: ControlPlane,
    private readonly nats: NatsConnection,
    private readonly log: JetStreamEventLog,
  ) {}

  static async start(): Promise<BigFleet> {
    const plane = await ControlPlane.start({ syncAlways: false });
    const nats = await connect({ servers: plane.nats.url });
    const fleet = new BigFleet(plane, nats, await JetStreamEventLog.open({ connection: nats }));
    await fleet.fill();
    fleet.beating = setInterval(() => fleet.beat(), HEARTBEAT_MS);
    await plane.startService('api-gateway');
    fleet.beat();
    return fleet;
  }

  get base(): string {
    return `http://127.0.0.1:${this.plane.httpPort}`;
  }

  async get<T>(path: string, method = 'GET'): Promise<T> {
    const headers = { authorization: `Bearer ${this.plane.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers,
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Address that signs a browser in, once. */
  async link(): Promise<string> {
    return `${this.base}${(await this.get<{ path: string }>('/auth/links', 'POST')).path}`;
  }

  /** Writes so many updates a second until {@link rest}: jobs whose pods become ready or are started again, on all clusters. */
  update(perSecond: number): void {
    const burst = Math.round(perSecond / BURSTS_PER_SECOND);
    const state = { on: true, done: Promise.resolve() };
    const run = async (): Promise<void> => {
      const from = performance.now();
      for (let bursts = 1; state.on; bursts++) {
        await Promise.all(Array.from({ length: burst }, () => this.observe(this.next++ % (JOBS - WAITING))));
        this.updates += burst;
        await pause(Math.max(0, from + (bursts * 1_000) / BURSTS_PER_SECOND - performance.now()));
      }
    };
    state.done = run();
    this.updating = state;
  }

  async rest(): Promise<void> {
    if (this.updating === undefined) return;
    this.updating.on = false;
    await this.updating.done;
  }

  async stop(): Promise<void> {
    await this.rest();
    clearInterval(this.beating);
    await this.nats.close();
    await this.plane.stop();
  }

  private async fill(): Promise<void> {
    await this.append(decisionSubject('scheduler'), [['EpochStarted', { epoch: 1, holder: 'test' }]]);
    const clusters = Array.from({ length: CLUSTERS }, (_, index) => index);
    await this.append(commandSubject(), clusters.map(createdCluster));
    await this.append(decisionSubject('scheduler'), clusters.map(readyCluster));
    await Promise.all([
      this.fillJobs(commandSubject(), createdJob),
      this.fillJobs(decisionSubject('scheduler'), placedJob),
    ]);
    for (let first = 0; first < CLUSTERS; first += 50) {
      await Promise.all(clusters.slice(first, first + 50).map((index) => this.fillCluster(index)));
    }
  }

  private async fillJobs(subject: string, entry: (job: number) => Written): Promise<void> {
    for (let first = 0; first < JOBS; first += ENTRIES_PER_COMMIT) {
      const jobs = Array.from({ length: ENTRIES_PER_COMMIT }, (_, index) => first + index);
      await this.append(subject, jobs.map(entry));
    }
  }

  /** What the agent of a cluster told: its nodes, and the jobs that it runs. */
  private fillCluster(index: number): Promise<unknown> {
    const jobs = Array.from({ length: JOBS / CLUSTERS }, (_, each) => each * CLUSTERS + index);
    const running = jobs.filter((job) => job < JOBS - WAITING).map((job) => observedJob(job, true));
    return this.append(observationSubject(clusterName(index)), [observedCluster(), ...running]);
  }

  private observe(job: number): Promise<unknown> {
    const isReady = Math.floor(this.next / (JOBS - WAITING)) % 2 === 1 || this.next % 3 === 0;
    return this.append(observationSubject(clusterName(clusterOf(job))), [observedJob(job, isReady)]);
  }

  private async append(subject: string, entries: readonly Written[]): Promise<void> {
    let writer = this.writers.get(subject);
    if (writer === undefined)
      this.writers.set(subject, (writer = new SubjectWriter({ log: this.log, subject, writer: 'test/1' })));
    const at = Date.now();
    await writer.append(
      entries.map(([type, data]): RawEntry => ({ type, v: 1, at, actor: 'test', corr: 'test', data })),
    );
  }

  private beat(): void {
    for (let index = 0; index < CLUSTERS; index++) {
      const [cluster, uid] = [clusterName(index), `uid-cluster-${index}`];
      const heartbeat = { cluster, uid, instance: 'test', at: Date.now(), reachable: true, workSeq: 1 };
      this.nats.publish(heartbeatSubject(cluster), JSON.stringify(heartbeat));
    }
  }
}

type Written = { [T in EntryType]: [type: T, data: EntryData<T>] }[EntryType];

const createdCluster = (index: number): Written => {
  const labels = { tier: index % 10 === 0 ? 'gold' : 'base' };
  const metadata = { name: clusterName(index), uid: `uid-cluster-${index}`, creationTimestamp: MADE_AT, labels };
  const spec = { manager: 'k8', provider: index % 2 === 0 ? 'aws' : 'onprem', region: `region-${index % REGIONS}` };
  return ['ObjectCreated', { object: { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata, spec } }];
};

const readyCluster = (index: number): Written => [
  'ClusterHealthDecided',
  {
    ...{ epoch: 1, cluster: clusterName(index), uid: `uid-cluster-${index}`, state: 'READY' as const },
    ...{ reason: 'Heard', message: '' },
  },
];

const observedCluster = (): Written => [
  'ClusterObserved',
  {
    kubernetesVersion: 'v1.36.0',
    reachable: true,
    nodes: ['a', 'b', 'c'].map((name) => ({
      name: `node-${name}`,
      ready: true,
      allocatable: { cpu: 64_000, memory: 256 * GIB, pods: 110, 'nvidia.com/gpu': 8 },
      requestedByOthers: { cpu: 1_500, memory: 2 * GIB },
    })),
  },
];

const createdJob = (job: number): Written => {
  const { namespace, name, uid } = refOf(job);
  const labels = { app: `app-${job % 200}`, team: namespace };
  const resources = { requests: { cpu: '500m', memory: '512Mi' } };
  const template = {
    metadata: { labels },
    spec: { restartPolicy: 'Always', containers: [{ name: 'main', image: 'example.com/work:1', resources }] },
  };
  const metadata = { namespace, name, uid, labels, creationTimestamp: MADE_AT, generation: 1 };
  return [
    'ObjectCreated',
    { object: { apiVersion: 'skyflow.io/v1', kind: 'Job', metadata, spec: { replicas: 1, template } } },
  ];
};

const placedJob = (job: number): Written => {
  const cluster = clusterName(clusterOf(job));
  const waits = job >= JOBS - WAITING;
  return [
    'PlacementDecided',
    {
      ...{ epoch: 1, ref: refOf(job), generation: 1, basis: 0, code: 'test' },
      ...(waits
        ? {
            placements: [],
            unplaced: 1,
            reason: 'InsufficientCpu',
            message: 'no cluster has 500m cpu free',
            verdicts: [],
          }
        : { placements: [{ cluster, replicas: 1 }], unplaced: 0, verdicts: [{ cluster, score: 50, fits: 10 }] }),
    },
  ];
};

const observedJob = (job: number, isReady: boolean): Written => {
  const count = isReady ? 1 : 0;
  return [
    'WorkObserved',
    {
      ...{ ref: refOf(job), generation: 1, epoch: 1, phase: isReady ? ('RUNNING' as const) : ('PENDING' as const) },
      ...{ replicas: 1, ready: count, running: count, pending: 1 - count, succeeded: 0, failed: 0 },
      ...(isReady ? {} : { reason: 'ContainersNotReady', message: 'the container was started again' }),
    },
  ];
};
