/**
 * B3, B6: jobs that come over HTTP are placed, every step on disk: a gateway, a scheduler and a nats-server that syncs always, beside
 * clusters that are only said to be there. The client and the reader of the log share the machine with them.
 */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Entry, decisionSubject } from '@skyflow/contracts';
import { ControlPlane } from '../control-plane.js';
import { Fleet } from '../fleet.js';
import { JOBS_PATH, jobBody } from '../jobs.js';
import { appendedEntriesPerSecond, idleAppendP99Ms } from '../log-limit.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';

const CLUSTERS = 10;
const SETTLE_MS = 120_000;
/** B6: jobs a second, for how long, and how much of it counts. */
const RATE = 1_000;
const RATE_SECONDS = 20;
const WARM_SECONDS = 5;
/** B3: how long, and how many accepted jobs may wait for their decision at most. */
const SUSTAINED_SECONDS = Number(process.env.SKYFLOW_BENCH_SECONDS ?? 60);
const BACKLOG = 20_000;
const LIST_SIZE = 1_000;
const CONNECTIONS = 4;

export const placements: Suite = {
  budgets: [
    { id: 'B6a', name: `submit → placed at ${RATE} jobs/s: p50`, unit: 'ms', better: 'lower', floor: 20, aim: 5 },
    { id: 'B6b', name: `submit → placed at ${RATE} jobs/s: p99`, unit: 'ms', better: 'lower', floor: 50, aim: 20 },
    {
      id: 'B3',
      name: `durable placements end to end, for ${SUSTAINED_SECONDS} s`,
      unit: '/s',
      better: 'higher',
      floor: 10_000,
      aim: 20_000,
    },
  ],
  async run(report, say) {
    const plane = await ControlPlane.start({ syncAlways: true });
    const fleet = await Fleet.at(plane.nats.url, { podsPerNode: 100_000 });
    const decided = new Decided(fleet);
    const http = new Agent({ keepAlive: true, maxSockets: 64 });
    const create = (body: string): Promise<void> => post(plane, http, body);
    try {
      await plane.startService('api-gateway');
      await plane.startService('scheduler');
      for (let index = 0; index < CLUSTERS; index += 1) await fleet.add(`cluster-${index}`);
      await decided.until(() => decided.ready >= CLUSTERS);

      say(`B6: ${RATE} jobs/s for ${RATE_SECONDS} s`);
      const waits = await atRate(decided, create);
      const note = `sent by HTTP one by one, read off the log; ${CLUSTERS} clusters; limit: p99 of a bare append`;
      const limit = await idleAppendP99Ms(plane.nats.url);
      report('B6a', { value: quantile(waits, 0.5), limit, note });
      report('B6b', { value: quantile(waits, 0.99), limit, note });

      say(`B3: lists of ${LIST_SIZE} for ${SUSTAINED_SECONDS} s`);
      const rate = await sustained(decided, create);
      report('B3', {
        value: rate,
        limit: await appendedEntriesPerSecond(plane.nats.url, LIST_SIZE),
        note: `by HTTP in lists of ${LIST_SIZE}, at most ${BACKLOG} undecided; ${CLUSTERS} clusters, whose work is issued too; limit: bare entries in commits of as many`,
      });
    } finally {
      http.destroy();
      decided.stop();
      await fleet.close();
      await plane.stop();
    }
  },
};

/** Sends jobs at a fixed rate, whatever the answers; milliseconds from sending to the decision, of those after the warm-up. */
async function atRate(decided: Decided, create: (body: string) => Promise<void>): Promise<number[]> {
  const sentAt = new Map<string, number>();
  const answers: Promise<void>[] = [];
  const from = now();
  for (let sent = 0; sent < RATE * RATE_SECONDS;) {
    const due = Math.min(RATE * RATE_SECONDS, Math.floor(((now() - from) / 1_000) * RATE));
    for (; sent < due; sent += 1) {
      const name = `b6-${sent}`;
      sentAt.set(name, now());
      answers.push(create(JSON.stringify(jobBody(name, '1m'))));
    }
    await pause(1);
  }
  await Promise.all(answers);
  await decided.until(() => decided.placedAt.size >= sentAt.size);
  const waits = [...sentAt].map(([name, at]) => (decided.placedAt.get(name) ?? Number.NaN) - at);
  return waits.slice(RATE * WARM_SECONDS);
}

/** Decisions per second while lists come as fast as they are decided. */
async function sustained(decided: Decided, create: (body: string) => Promise<void>): Promise<number> {
  const before = decided.placedAt.size;
  const from = now();
  const end = from + SUSTAINED_SECONDS * 1_000;
  let accepted = 0;
  let named = 0;
  const lane = async (): Promise<void> => {
    while (now() < end) {
      if (accepted - (decided.placedAt.size - before) > BACKLOG - LIST_SIZE) {
        await pause(1);
        continue;
      }
      accepted += LIST_SIZE;
      const items = Array.from({ length: LIST_SIZE }, () => jobBody(`b3-${named++}`, '1m'));
      await create(JSON.stringify({ apiVersion: 'skyflow.io/v1', kind: 'JobList', items }));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  await decided.until(() => decided.placedAt.size >= before + accepted);
  return accepted / ((now() - from) / 1_000);
}

/** What the scheduler has decided, and when the log said so. */
class Decided {
  ready = 0;
  readonly placedAt = new Map<string, number>();
  private readonly stopping = new AbortController();

  constructor(fleet: Fleet) {
    void this.follow(fleet);
  }

  stop(): void {
    this.stopping.abort();
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = now() + SETTLE_MS;
    while (!condition()) {
      if (now() > deadline) throw new Error(`only ${this.placedAt.size} were placed within ${SETTLE_MS / 1_000} s`);
      await pause(5);
    }
  }

  private async follow({ log }: Fleet): Promise<void> {
    const subjects = [decisionSubject('scheduler')];
    for await (const next of log.follow({ from: 1, subjects, signal: this.stopping.signal })) {
      if (next.type !== 'commits') continue;
      const at = now();
      for (const { commit } of next.commits) for (const entry of commit.entries) this.see(entry, at);
    }
  }

  private see({ type, data }: Entry, at: number): void {
    if (type === 'ClusterHealthDecided') this.ready += data.state === 'READY' ? 1 : 0;
    else if (type === 'PlacementDecided') {
      if (data.unplaced > 0) throw new Error('the clusters are full: their nodes are too small');
      if (this.placedAt.has(data.ref.name)) throw new Error(`${data.ref.name} was decided twice`);
      this.placedAt.set(data.ref.name, at);
    }
  }
}

/** Resolves when it was accepted. */
function post(plane: ControlPlane, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: plane.httpPort,
        path: JOBS_PATH,
        method: 'POST',
        agent,
        headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 201) resolve();
          else reject(new Error(`create answered ${response.statusCode ?? 0}`));
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

const now = (): number => performance.now();
