/**
 * B13: what a control plane takes in memory while a thousand agents are connected, each with a key and an account of its own, its reader of
 * the log, and a heartbeat a second. Agents are said, as in `fleet.ts`, but what NATS and the services hold for each is there.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type NatsConnection, connect, nkeyAuthenticator } from '@nats-io/transport-node';
import {
  HEARTBEAT_INTERVAL_MS,
  agentRequestSubject,
  heartbeatSubject,
  observationSubject,
  workSubject,
} from '@skyflow/contracts';
import { agentVerbs } from '@skyflow/domain';
import { JetStreamEventLog } from '@skyflow/event-log';
import { newSeed, publicKeyOf } from '@skyflow/nats-server';
import { ControlPlane, SERVICES, residentBytesOf } from '../control-plane.js';
import { appendTo, clusterObserved, entryOf } from '../fleet.js';
import type { Suite } from '../row.js';

const AGENTS = Number(process.env['SKYFLOW_BENCH_AGENTS'] ?? 1_000);
const AT_ONCE = 20;
const READY_MS = 180_000;
const SAMPLE_MS = 60_000;
const LOOK_MS = 2_000;
/** In 2 GiB a thousand; 3,500 would be the aim: in proportion. */
const FLOOR_MIB = (2_048 * AGENTS) / 1_000;
const AIM_MIB = (2_048 * AGENTS) / 3_500;

export const agents: Suite = {
  budgets: [
    {
      id: 'B13',
      name: `${AGENTS.toLocaleString('en-US')} connected agents with heartbeats: memory of the whole control plane`,
      unit: 'MiB',
      better: 'lower',
      floor: FLOOR_MIB,
      aim: AIM_MIB,
    },
  ],
  async run(report, say) {
    const names = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
    const seeds = new Map(names.map((name) => [name, newSeed()]));
    const agentKeys = Object.fromEntries([...seeds].map(([name, seed]) => [name, [publicKeyOf(seed)]]));
    const plane = await ControlPlane.start({ syncAlways: true, agentKeys });
    const connected: SaidAgent[] = [];
    try {
      for (const service of SERVICES) await plane.startService(service);
      say(`B13: ${AGENTS} clusters, an agent for each`);
      await inTurns(names, async (name) => {
        const uid = await createCluster(plane, name);
        connected.push(await SaidAgent.start(plane.nats.url, name, uid, seeds.get(name) ?? ''));
      });
      const isWhole = async (): Promise<boolean> => (await readyClusters(plane)) === AGENTS;
      for (const deadline = performance.now() + READY_MS; !(await isWhole());) {
        if (performance.now() > deadline) {
          throw new Error(`${await readyClusters(plane)} of ${AGENTS} clusters are READY after ${READY_MS / 1_000} s`);
        }
        await pause(LOOK_MS);
      }
      say(`B13: all are READY; ${SAMPLE_MS / 1_000} s`);
      const { total, most } = await mostMemory(plane, isWhole);
      report('B13', { value: total, note: `most in ${SAMPLE_MS / 1_000} s, all clusters READY throughout; ${most}` });
    } finally {
      await Promise.all(connected.map((agent) => agent.stop()));
      await plane.stop();
    }
  },
};

/** What an agent has at NATS. */
class SaidAgent {
  private constructor(
    private readonly nats: NatsConnection,
    private readonly log: JetStreamEventLog,
    private readonly timer: NodeJS.Timeout,
    private readonly over: AbortController,
  ) {}

  static async start(natsUrl: string, name: string, uid: string, seed: string): Promise<SaidAgent> {
    const nats = await connect({
      servers: natsUrl,
      authenticator: nkeyAuthenticator(Buffer.from(seed)),
      timeout: 20_000,
    });
    const log = await JetStreamEventLog.open({ connection: nats, agentOf: name });
    for (const verb of agentVerbs) {
      nats.subscribe(agentRequestSubject(name, verb), { callback: (_error, message) => void message.respond('{}') });
    }
    await appendTo(log, observationSubject(name), [entryOf('ClusterObserved', clusterObserved(name))]);
    const over = new AbortController();
    void follow(log, name, over.signal);
    const beat = (): void => {
      const heartbeat = { cluster: name, uid, instance: 'bench', at: Date.now(), reachable: true, workSeq: 0 };
      nats.publish(heartbeatSubject(name), JSON.stringify(heartbeat));
    };
    beat();
    return new SaidAgent(nats, log, setInterval(beat, HEARTBEAT_INTERVAL_MS), over);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.over.abort();
    await this.log.close();
    await this.nats.close();
  }
}

async function follow(log: JetStreamEventLog, name: string, signal: AbortSignal): Promise<void> {
  for await (const _ of log.follow({ subjects: [workSubject(name)], signal })) {
    // There is no work: an agent that is idle holds a reader all the same.
  }
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function createCluster(plane: ControlPlane, name: string): Promise<string> {
  const body = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name }, spec: { manager: 'k8' } };
  const response = await ask(plane, { method: 'POST', body: JSON.stringify(body) });
  if (response.status !== 201) throw new Error(`creating ${name}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { metadata: { uid: string } }).metadata.uid;
}

async function readyClusters(plane: ControlPlane): Promise<number> {
  const { items } = (await (await ask(plane)).json()) as { items: { status?: { phase?: string } }[] };
  return items.filter(({ status }) => status?.phase === 'READY').length;
}

const ask = (plane: ControlPlane, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${plane.httpPort}/apis/skyflow.io/v1/clusters`, {
    ...init,
    headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(60_000),
  });

/** The largest sum of one moment, MiB. @throws Error when a cluster was not READY meanwhile */
async function mostMemory(
  plane: ControlPlane,
  isWhole: () => Promise<boolean>,
): Promise<{ total: number; most: string }> {
  let total = 0;
  let most = '';
  for (const end = performance.now() + SAMPLE_MS; performance.now() < end;) {
    const parts = plane.processes().map(({ name, pid }) => ({ name, mib: residentBytesOf(pid) / 1_024 ** 2 }));
    const sum = parts.reduce((all, { mib }) => all + mib, 0);
    if (sum > total) {
      total = sum;
      most = parts.map(({ name, mib }) => `${name} ${mib.toFixed(0)}`).join(', ');
    }
    if (!(await isWhole())) throw new Error('a cluster was not READY while its agent was connected');
    await pause(LOOK_MS);
  }
  return { total, most };
}
