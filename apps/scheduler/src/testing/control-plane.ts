/** For tests: a nats-server, scheduler processes on it, and a stand-in for users and agents that writes and reads the log. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import {
  type EntryData,
  type EntryType,
  HEARTBEAT_INTERVAL_MS,
  type NodeObservation,
  type RawEntry,
  type StoredObject,
  commandSubject,
  heartbeatSubject,
  observationSubject,
} from '@skyflow/contracts';
import { JetStreamEventLog, type RecordedCommit, SubjectWriter } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';

/** Lines of a scheduler's output that the report of a failed test has. */
const REPORTED_LINES = 40;

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export class SchedulerProcess {
  readonly child: ChildProcess;
  output = '';

  constructor(natsUrl: string, environment: Record<string, string> = {}) {
    const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
    this.child = spawn(process.execPath, [PROGRAM], {
      env: { ...inherited, SKYFLOW_NATS_URL: natsUrl, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  /** For a test that failed: whether it still runs, what its health page says, the end of what it wrote. */
  async report(): Promise<string> {
    const { exitCode, signalCode, pid } = this.child;
    const port = /"healthPort":(\d+)/.exec(this.output)?.[1];
    const health =
      port === undefined
        ? 'none'
        : await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
            (response) => response.text(),
            (error: unknown) => String(error),
          );
    const said = this.output.trimEnd().split('\n').slice(-REPORTED_LINES).join('\n');
    return `scheduler ${pid}: exit code ${exitCode}, signal ${signalCode}, health ${health.trimEnd()}, output:\n${said}`;
  }

  /** Resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => {
      this.child.once('exit', (code) => resolve(code));
      this.child.kill(signal);
    });
  }
}

/** An entry as it stands in the log. */
export interface Found<T extends EntryType> {
  seq: number;
  index: number;
  subject: string;
  storedAt: number;
  data: EntryData<T>;
}

export class ControlPlane {
  readonly schedulers: SchedulerProcess[] = [];
  private readonly commands: SubjectWriter;
  private readonly timers: NodeJS.Timeout[] = [];

  private constructor(
    readonly nats: NatsFixture,
    readonly connection: NatsConnection,
    readonly log: JetStreamEventLog,
  ) {
    this.commands = new SubjectWriter({ log, subject: commandSubject(), writer: 'test/1' });
  }

  static async start(): Promise<ControlPlane> {
    const nats = await startNatsFixture();
    const connection = await connect({ servers: nats.url, maxReconnectAttempts: -1 });
    return new ControlPlane(nats, connection, await JetStreamEventLog.open({ connection }));
  }

  async stop(): Promise<void> {
    this.timers.forEach((timer) => clearInterval(timer));
    await Promise.all(this.schedulers.map((scheduler) => scheduler.end('SIGKILL')));
    await this.log.close();
    await this.connection.close();
    await this.nats.stop();
  }

  startScheduler(environment?: Record<string, string>): SchedulerProcess {
    const scheduler = new SchedulerProcess(this.nats.url, environment);
    this.schedulers.push(scheduler);
    return scheduler;
  }

  /** Resolves once the objects are in the log, in one commit. */
  async create(...objects: StoredObject[]): Promise<void> {
    await this.commands.append(objects.map((object) => entry('ObjectCreated', { object })));
  }

  async delete({ kind, metadata: { namespace, name, uid } }: StoredObject): Promise<void> {
    const ref = { kind, ...(namespace !== undefined && { namespace }), name, uid };
    await this.commands.append([entry('ObjectDeleted', { ref })]);
  }

  async report<T extends 'ClusterObserved' | 'WorkObserved' | 'WorkRemoved'>(
    cluster: string,
    type: T,
    data: EntryData<T>,
  ): Promise<void> {
    const writer = new SubjectWriter({ log: this.log, subject: observationSubject(cluster), writer: 'agent/1' });
    await writer.append([entry(type, data)]);
    await writer.close();
  }

  /** Registers a cluster with one node and beats for it until the end. */
  async addCluster(name: string, allocatable: Record<string, number>, spec: object = {}): Promise<void> {
    await this.create(storedObject('Cluster', name, { manager: 'k8', ...spec }));
    const nodes: NodeObservation[] = [
      { name: `${name}-1`, ready: true, allocatable: { pods: 10_000, ...allocatable }, requestedByOthers: {} },
    ];
    await this.report(name, 'ClusterObserved', { kubernetesVersion: 'v1.36.0', nodes, reachable: true });
    const beat = (): void => {
      const heartbeat = { cluster: name, uid: `uid-${name}`, instance: 'i', at: 0, reachable: true, workSeq: 0 };
      this.connection.publish(heartbeatSubject(name), JSON.stringify(heartbeat));
    };
    beat();
    this.timers.push(setInterval(beat, HEARTBEAT_INTERVAL_MS / 4));
  }

  /** As the function of this name; a failure comes with a report on the schedulers. */
  async eventually(assertion: () => Promise<void> | void, withinMs?: number): Promise<void> {
    try {
      await eventually(assertion, withinMs);
    } catch (error) {
      const reports = await Promise.all(this.schedulers.map((scheduler) => scheduler.report()));
      throw new Error(`${String(error)}\n${reports.join('\n')}`, { cause: error });
    }
  }

  async entries<T extends EntryType>(type: T): Promise<Found<T>[]> {
    const found: Found<T>[] = [];
    for await (const { seq, subject, storedAt, commit } of this.log.read()) {
      commit.entries.forEach((each, index) => {
        if (each.type === type) found.push({ seq, index, subject, storedAt, data: each.data as EntryData<T> });
      });
    }
    return found;
  }

  async commits(): Promise<RecordedCommit[]> {
    const all: RecordedCommit[] = [];
    for await (const commit of this.log.read()) all.push(commit);
    return all;
  }
}

export const storedObject = (kind: string, name: string, spec: unknown, namespace?: string): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: {
    name,
    uid: `uid-${name}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
    ...(namespace !== undefined && { namespace }),
  },
  spec,
});

export const job = (
  name: string,
  replicas = 1,
  requests: Record<string, string> = {},
  more: object = {},
): StoredObject =>
  storedObject(
    'Job',
    name,
    {
      replicas,
      template: { spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests } }], ...more } },
    },
    'default',
  );

/** Polls until the assertion holds; fails with its last error. */
export async function eventually(assertion: () => Promise<void> | void, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(50);
    }
  }
}

const entry = <T extends EntryType>(type: T, data: EntryData<T>): RawEntry => ({
  type,
  v: 1,
  at: Date.now(),
  actor: 'test',
  corr: 'corr-test',
  data,
});
