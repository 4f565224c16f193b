/**
 * B3, B6: jobs are placed, every step on disk, by a scheduler and a nats-server that syncs always, beside clusters that are only said
 * to be there. The client and the reader of the log share the machine with them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { commandSubject } from '@skyflow/contracts';
import { ControlPlane } from '../control-plane.js';
import { Decided } from '../decided.js';
import { Fleet, appendTo, entryOf } from '../fleet.js';
import { HttpClient } from '../http-client.js';
import { jobBody } from '../jobs.js';
import { appendedEntriesPerSecond, idleAppendP99Ms } from '../log-limit.js';
import { cpuSeconds, peakResidentBytes } from '../processes.js';
import type { Measured, Suite } from '../row.js';
import { stagesOf } from '../slowest.js';
import { quantile } from '../statistics.js';

const CLUSTERS = 10;
/** B6: jobs a second, for how long, and how much of it counts. */
const RATE = 1_000;
const RATE_SECONDS = 20;
const WARM_SECONDS = 5;
/** B3: how long, and how many accepted jobs may wait for their decision at most. */
const SUSTAINED_SECONDS = Number(process.env.SKYFLOW_BENCH_SECONDS ?? 60);
const BACKLOG = 20_000;
const LIST_SIZE = 1_000;
const CONNECTIONS = 4;

const floors = { unit: '/s', better: 'higher', floor: 10_000, aim: 20_000 } as const;
const duration = `for ${SUSTAINED_SECONDS} s`;

export const placements: Suite = {
  budgets: [
    { id: 'B3a', name: `durable placements: accepted → decision acknowledged, ${duration}`, ...floors },
    { id: 'B3b', name: `the same, accepted over HTTP beside it, ${duration}`, ...floors },
    { id: 'B6a', name: `submit → placed at ${RATE} jobs/s: p50`, unit: 'ms', better: 'lower', floor: 20, aim: 5 },
    { id: 'B6b', name: `submit → placed at ${RATE} jobs/s: p99`, unit: 'ms', better: 'lower', floor: 50, aim: 20 },
  ],
  async run(report, say) {
    say(`B3a: commits of ${LIST_SIZE} ${duration}`);
    await onPlane(['scheduler'], async (plane, fleet, decided) => {
      const createdAt = new Date().toISOString();
      const accept = (bodies: object[]): Promise<unknown> =>
        appendTo(
          fleet.log,
          commandSubject(),
          bodies.map((body) => entryOf('ObjectCreated', { object: accepted(body, createdAt) })),
        );
      // One writer of the commands, as a gateway is.
      report('B3a', await sustained({ plane, decided, accept, lanes: 1 }, 'straight from the log'));
    });
    await onPlane(['api-gateway', 'scheduler'], async (plane, fleet, decided) => {
      const client = new HttpClient(plane);
      try {
        say(`B6: ${RATE} jobs/s for ${RATE_SECONDS} s`);
        const jobs = await atRate(decided, client);
        const waits = [...jobs.values()].map(({ sent, seen }) => seen - sent);
        const slowest = await stagesOf(fleet.log, slowestOf(jobs, quantile(waits, 0.99)));
        const note = `sent by HTTP one by one, read off the log; ${CLUSTERS} clusters; limit: p99 of a bare append`;
        const limit = await idleAppendP99Ms(plane.nats.url);
        report('B6a', { value: quantile(waits, 0.5), limit, note });
        report('B6b', { value: quantile(waits, 0.99), limit, note: `${note}; the slowest 1 %, ms: ${slowest}` });
        say(`B3b: lists of ${LIST_SIZE} ${duration}`);
        const accept = (items: object[]): Promise<void> =>
          client.create(JSON.stringify({ apiVersion: 'skyflow.io/v1', kind: 'JobList', items }));
        report('B3b', await sustained({ plane, decided, accept, lanes: CONNECTIONS }, `lists of ${LIST_SIZE}`));
      } finally {
        client.close();
      }
    });
  },
};

async function onPlane(
  services: readonly ('api-gateway' | 'scheduler')[],
  measure: (plane: ControlPlane, fleet: Fleet, decided: Decided) => Promise<void>,
): Promise<void> {
  const plane = await ControlPlane.start({ syncAlways: true });
  const fleet = await Fleet.at(plane.nats.url, { podsPerNode: 100_000 });
  const decided = new Decided(fleet.log);
  try {
    for (const service of services) await plane.startService(service);
    for (let index = 0; index < CLUSTERS; index += 1) await fleet.add(`cluster-${index}`);
    await decided.until(() => decided.ready >= CLUSTERS);
    await measure(plane, fleet, decided);
  } finally {
    decided.stop();
    await fleet.close();
    await plane.stop();
  }
}

type Placed = Map<string, { sent: number; seen: number }>;

/** Sends jobs at a fixed rate, whatever the answers; when they were sent and seen to be placed, of those after the warm-up. */
async function atRate(decided: Decided, client: HttpClient): Promise<Placed> {
  const sentAt = new Map<string, number>();
  const answers: Promise<void>[] = [];
  const from = performance.now();
  for (let sent = 0; sent < RATE * RATE_SECONDS;) {
    const due = Math.min(RATE * RATE_SECONDS, Math.floor(((performance.now() - from) / 1_000) * RATE));
    for (; sent < due; sent += 1) {
      const name = `b6-${sent}`;
      sentAt.set(name, performance.now());
      answers.push(client.create(JSON.stringify(jobBody(name, '1m'))));
    }
    await pause(1);
  }
  await Promise.all(answers);
  await decided.until(() => decided.placedAt.size >= sentAt.size);
  const placed = [...sentAt].map(
    ([name, sent]) => [name, { sent, seen: decided.placedAt.get(name) ?? Number.NaN }] as const,
  );
  return new Map(placed.slice(RATE * WARM_SECONDS));
}

const slowestOf = (jobs: Placed, fromMs: number): Placed =>
  new Map([...jobs].filter(([, { sent, seen }]) => seen - sent >= fromMs));

interface Load {
  plane: ControlPlane;
  decided: Decided;
  accept: (bodies: object[]) => Promise<unknown>;
  lanes: number;
}

/** Decisions per second while jobs come as fast as they are decided, and what each costs. */
async function sustained({ plane, decided, accept, lanes }: Load, how: string): Promise<Measured> {
  const before = decided.placedAt.size;
  const processes = [...plane.processes(), { name: 'bench', pid: process.pid }];
  const cpuBefore = processes.map(({ pid }) => cpuSeconds(pid));
  const from = performance.now();
  const end = from + SUSTAINED_SECONDS * 1_000;
  let asked = 0;
  let named = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      if (asked - (decided.placedAt.size - before) > BACKLOG - LIST_SIZE) {
        await pause(1);
        continue;
      }
      asked += LIST_SIZE;
      await accept(Array.from({ length: LIST_SIZE }, () => jobBody(`b3-${named++}`, '1m')));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await decided.until(() => decided.placedAt.size >= before + asked);
  const seconds = (performance.now() - from) / 1_000;
  const perThousand = processes.map(({ name, pid }, at) => {
    const used = cpuSeconds(pid) - (cpuBefore[at] ?? 0);
    return `${name} ${((used / asked) * 1e6).toFixed(0)}`;
  });
  const peak = (peakResidentBytes(plane.pidOf('scheduler')) / 1024 ** 2).toFixed(0);
  return {
    value: asked / seconds,
    limit: await appendedEntriesPerSecond(plane.nats.url, LIST_SIZE),
    note: `${how}, at most ${BACKLOG} undecided; ${CLUSTERS} clusters, whose work is issued too; CPU ms per 1,000 jobs: ${perThousand.join(', ')}; of the scheduler at most ${peak} MiB, of ${decided.placedAt.size.toLocaleString('en-US')} jobs; limit: bare entries in commits of ${LIST_SIZE}`,
  };
}

/** A job as a gateway stores it. */
function accepted(body: object, creationTimestamp: string): object {
  const { metadata, ...rest } = body as { metadata: { name: string } };
  const uid = `uid-${metadata.name}`;
  return { ...rest, metadata: { ...metadata, namespace: 'default', uid, creationTimestamp, generation: 1 } };
}
