/** Member clusters that are only said to be there: registered, observed and heartbeating on a real log, with nothing behind them. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  HEARTBEAT_INTERVAL_MS,
  type RawEntry,
  commandSubject,
  heartbeatSubject,
  observationSubject,
} from '@skyflow/contracts';
import { JetStreamEventLog, type SubjectHead } from '@skyflow/event-log';

const NODES_PER_CLUSTER = 20;
const NODE = { cpu: 64_000, memory: 256 * 1024 ** 3 };

export interface FleetOptions {
  /** Pods that a node takes. Default 1,000. */
  podsPerNode?: number;
}

export class Fleet {
  private readonly heartbeats = new Map<string, { timer: NodeJS.Timeout; lastMs: number }>();

  private constructor(
    private readonly nats: NatsConnection,
    readonly log: JetStreamEventLog,
    private readonly options: FleetOptions,
  ) {}

  static async at(natsUrl: string, options: FleetOptions = {}): Promise<Fleet> {
    const nats = await connect({ servers: natsUrl });
    return new Fleet(nats, await JetStreamEventLog.open({ connection: nats }), options);
  }

  /** Registers a cluster of twenty nodes and begins to speak for its agent. */
  async add(name: string): Promise<void> {
    const metadata = { name, uid: `uid-${name}`, creationTimestamp: new Date().toISOString(), generation: 1 };
    const object = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata, spec: { manager: 'k8' } };
    await appendTo(this.log, commandSubject(), [entryOf('ObjectCreated', { object })]);
    const observed = entryOf('ClusterObserved', clusterObserved(name, this.options.podsPerNode));
    await appendTo(this.log, observationSubject(name), [observed]);
    const state = {
      lastMs: 0,
      timer: setInterval(() => {
        const heartbeat = { cluster: name, uid: `uid-${name}`, instance: 'bench', at: 0, reachable: true, workSeq: 0 };
        this.nats.publish(heartbeatSubject(name), JSON.stringify(heartbeat));
        state.lastMs = Date.now();
      }, HEARTBEAT_INTERVAL_MS),
    };
    this.heartbeats.set(name, state);
  }

  /** Stops the heartbeats of a cluster; returns when it was last heard, ms since the epoch. */
  silence(name: string): number {
    const state = this.heartbeats.get(name);
    clearInterval(state?.timer);
    return state?.lastMs ?? 0;
  }

  async close(): Promise<void> {
    for (const { timer } of this.heartbeats.values()) clearInterval(timer);
    await this.log.close();
    await this.nats.close();
  }
}

/** What an agent says of a cluster of twenty nodes. */
export const clusterObserved = (name: string, podsPerNode = 1_000): object => ({
  kubernetesVersion: 'v1.36.0',
  nodes: Array.from({ length: NODES_PER_CLUSTER }, (_, index) => ({
    name: `${name}-${index}`,
    ready: true,
    allocatable: { ...NODE, pods: podsPerNode },
    requestedByOthers: {},
  })),
  reachable: true,
});

export const entryOf = (type: string, data: unknown): RawEntry => ({
  type,
  v: 1,
  at: Date.now(),
  actor: 'system:bench',
  corr: 'bench',
  data,
});

let commits = 0;

/** One commit, after whatever is there. */
export async function appendTo(log: JetStreamEventLog, subject: string, entries: RawEntry[]): Promise<SubjectHead> {
  const head = await log.subjectHead(subject);
  return log.append(subject, { id: `bench-${commits++}`, writer: 'bench/1', entries }, head);
}
