/** B12: a cluster falls silent with ten thousand workloads on it: how soon that is noticed, and how soon all are placed elsewhere. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Entry, type RawEntry, commandSubject, workSubject } from '@skyflow/contracts';
import type { JetStreamEventLog } from '@skyflow/event-log';
import { ControlPlane } from '../control-plane.js';
import { Fleet, appendTo, entryOf } from '../fleet.js';
import { jobBody } from '../jobs.js';
import type { Suite } from '../row.js';

const WORKLOADS = 10_000;
const OTHER_CLUSTERS = 10;
const PER_COMMIT = 1_000;
const LOST = 'lost';
const SETTLE_MS = 60_000;

export const clusterLoss: Suite = {
  budgets: [
    { id: 'B12a', name: 'cluster falls silent → LOST', unit: 's', better: 'lower', floor: 10, aim: 5 },
    {
      id: 'B12b',
      name: `LOST → ${WORKLOADS.toLocaleString('en-US')} workloads placed elsewhere, none twice`,
      unit: 's',
      better: 'lower',
      floor: 5,
      aim: 1,
    },
  ],
  async run(report, say) {
    const plane = await ControlPlane.start({ syncAlways: true });
    const fleet = await Fleet.at(plane.nats.url);
    const { log } = fleet;
    const watched = new Watched(log);
    try {
      await plane.startService('scheduler');
      await fleet.add(LOST);
      say(`B12: ${WORKLOADS} workloads on one cluster`);
      await createWorkloads(log);
      await watched.until(() => watched.work.length >= WORKLOADS);
      for (let index = 0; index < OTHER_CLUSTERS; index += 1) {
        await fleet.add(`other-${index}`);
      }
      await watched.until(() => watched.ready.size > OTHER_CLUSTERS);
      watched.forget();
      const silentSince = fleet.silence(LOST);
      say('B12: it falls silent');
      await watched.until(() => watched.lostAt > 0);
      await watched.until(() => watched.placed.length >= WORKLOADS && watched.work.length >= WORKLOADS);
      const twice = watched.placed.length + watched.work.length - 2 * new Set(watched.placed).size;
      if (twice !== 0 || new Set(watched.work).size !== WORKLOADS) throw new Error('some were placed twice');
      report('B12a', {
        value: (watched.lostAt - silentSince) / 1_000,
        note: 'from its last heartbeat; a process may stand still for 5 s without an alarm, so 5 s cannot be had',
      });
      report('B12b', {
        value: (watched.placedAt - watched.lostAt) / 1_000,
        limit: (await bareAppendMs(log)) / 1_000,
        note: `no grace time; their work was issued ${((watched.workAt - watched.lostAt) / 1_000).toFixed(1)} s after LOST; limit: the bare append of as many entries`,
      });
    } finally {
      watched.stop();
      await fleet.close();
      await plane.stop();
    }
  },
};

/** What the scheduler writes, and when it was seen. */
class Watched {
  readonly ready = new Set<string>();
  placed: string[] = [];
  work: string[] = [];
  lostAt = 0;
  placedAt = 0;
  workAt = 0;
  private readonly stopping = new AbortController();

  constructor(log: JetStreamEventLog) {
    void this.follow(log);
  }

  forget(): void {
    this.placed = [];
    this.work = [];
  }

  stop(): void {
    this.stopping.abort();
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    while (!condition()) {
      if (performance.now() > deadline) {
        throw new Error(`not within ${SETTLE_MS / 1_000} s: ${this.placed.length} placed, ${this.work.length} issued`);
      }
      await pause(5);
    }
  }

  private async follow(log: JetStreamEventLog): Promise<void> {
    const subjects = ['sky.evt.scheduler', 'sky.work.*'];
    for await (const next of log.follow({ from: 1, subjects, signal: this.stopping.signal })) {
      if (next.type !== 'commits') continue;
      for (const { subject, commit } of next.commits) for (const entry of commit.entries) this.see(subject, entry);
    }
  }

  private see(subject: string, entry: Entry): void {
    if (entry.type === 'ClusterHealthDecided') {
      if (entry.data.state === 'READY') this.ready.add(entry.data.cluster);
      if (entry.data.state === 'LOST') this.lostAt = Date.now();
    } else if (entry.type === 'PlacementDecided') {
      this.placed.push(entry.data.ref.uid);
      this.placedAt = Date.now();
    } else if (entry.type === 'WorkAssigned' && (this.lostAt === 0 || subject !== workSubject(LOST))) {
      this.work.push(entry.data.object.metadata.uid);
      this.workAt = Date.now();
    }
  }
}

async function createWorkloads(log: JetStreamEventLog): Promise<void> {
  const creationTimestamp = new Date().toISOString();
  for (let from = 0; from < WORKLOADS; from += PER_COMMIT) {
    const entries = Array.from({ length: PER_COMMIT }, (_, index) => {
      const name = `job-${from + index}`;
      const { spec, metadata, ...body } = jobBody(name, '10m') as { spec: object; metadata: object };
      const identity = { namespace: 'default', uid: `uid-${name}`, creationTimestamp, generation: 1 };
      const placement = { failover: { graceSeconds: 0 } };
      return entryOf('ObjectCreated', {
        object: { ...body, metadata: { ...metadata, ...identity }, spec: { ...spec, placement } },
      });
    });
    await appendTo(log, commandSubject(), entries);
  }
}

/** As many placements, in commits of a thousand, with nothing else to do. */
async function bareAppendMs(log: JetStreamEventLog): Promise<number> {
  const placement = (index: number): RawEntry =>
    entryOf('PlacementDecided', {
      ...{ epoch: 1, generation: 1, unplaced: 0, basis: 1, code: 'bench' },
      ref: { kind: 'Job', namespace: 'default', name: `job-${index}`, uid: `uid-none-${index}` },
      placements: [{ cluster: 'other-0', replicas: 1 }],
      verdicts: Array.from({ length: OTHER_CLUSTERS + 1 }, (_, at) => ({
        cluster: `other-${at}`,
        score: 99.9,
        fits: 9,
      })),
    });
  const startedAt = performance.now();
  for (let from = 0; from < WORKLOADS; from += PER_COMMIT) {
    await appendTo(
      log,
      'sky.evt.bench',
      Array.from({ length: PER_COMMIT }, (_, index) => placement(from + index)),
    );
  }
  return performance.now() - startedAt;
}
