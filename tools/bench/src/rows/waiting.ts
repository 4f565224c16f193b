/** B9c, B9d: the scheduler's process where very many jobs wait on a real log: after a replay, with more that come, and started again. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type RawEntry, commandSubject, decisionSubject, positionOf } from '@skyflow/contracts';
import { type JetStreamEventLog, SubjectWriter } from '@skyflow/event-log';
import { ControlPlane } from '../control-plane.js';
import { Fleet, entryOf } from '../fleet.js';
import { jobBody } from '../jobs.js';
import { cpuSeconds, peakResidentBytes } from '../processes.js';
import type { Suite } from '../row.js';

const WAITING = Number(process.env.SKYFLOW_BENCH_QUEUED ?? 1_000_000);
/** Of them, created while the scheduler runs. */
const LIVE = WAITING / 20;
const CLUSTERS = 10;
const PER_COMMIT = 1_000;
/** At rest: V8 gives back what it does not need after some seconds in which little happens. */
const SETTLE_MS = 20_000;
const DEADLINE_MS = 600_000;

const count = WAITING.toLocaleString('en-US');
const memory = { unit: 'MiB', better: 'lower', floor: 1_024, aim: 768 } as const;

export const waiting: Suite = {
  budgets: [
    { id: 'B9c', name: `resident memory of the scheduler, ${count} waiting`, ...memory },
    { id: 'B9d', name: 'the same, started again from its snapshot', ...memory },
  ],
  async run(report, say) {
    // Filling the log is not what is measured: no fsync.
    const plane = await ControlPlane.start({ syncAlways: false });
    const fleet = await Fleet.at(plane.nats.url);
    try {
      for (let at = 0; at < CLUSTERS; at += 1) await fleet.add(`cluster-${at}`);
      say(`B9c: filling the log with ${(WAITING - LIVE).toLocaleString('en-US')} jobs that were found no place`);
      const jobs = new WaitingJobs(fleet.log);
      await jobs.fill(WAITING - LIVE);
      say('B9c: first start, by replay');
      const replay = await started(plane);
      say(`B9c: ${replay}; ${LIVE.toLocaleString('en-US')} more jobs come`);
      await jobs.createUndecided(WAITING);
      await decidedAll(fleet.log, LIVE);
      await pause(SETTLE_MS);
      report('B9c', {
        value: plane.residentBytes('scheduler') / 1024 ** 2,
        note: `by replay ${replay}; with the last ${LIVE.toLocaleString('en-US')} that came while it ran, peak ${peak(plane)}; ${cpu(plane)}`,
      });
      say('B9d: stop, which writes a snapshot, and start again');
      await plane.stopService('scheduler');
      const again = await started(plane);
      await pause(SETTLE_MS);
      report('B9d', {
        value: plane.residentBytes('scheduler') / 1024 ** 2,
        note: `${again}, peak ${peak(plane)}; ${cpu(plane)}`,
      });
    } finally {
      await fleet.close();
      await plane.stop();
    }
  },
};

const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
const peak = (plane: ControlPlane): string => mib(peakResidentBytes(plane.pidOf('scheduler')));
const cpu = (plane: ControlPlane): string => `CPU ${cpuSeconds(plane.pidOf('scheduler')).toFixed(1)} s`;

async function started(plane: ControlPlane): Promise<string> {
  const ms = await plane.startService('scheduler', DEADLINE_MS);
  return `ready after ${(ms / 1_000).toFixed(1)} s with ${mib(plane.residentBytes('scheduler'))} (peak ${peak(plane)})`;
}

/** Resolves when the scheduler has decided so many jobs. */
async function decidedAll(log: JetStreamEventLog, jobs: number): Promise<void> {
  const subjects = [decisionSubject('scheduler')];
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let decided = 0;
  for await (const next of log.follow({ from: 1, subjects, signal })) {
    if (next.type !== 'commits') continue;
    for (const { commit } of next.commits) {
      if (commit.writer === WRITER) continue;
      for (const { type } of commit.entries) decided += type === 'PlacementDecided' ? 1 : 0;
    }
    if (decided >= jobs) return;
  }
  throw new Error(`only ${decided} jobs were decided within ${DEADLINE_MS / 1_000} s`);
}

const WRITER = 'bench/1';

/** Jobs of five sizes, none of which any node has; each of a request of its own, as most memory takes. */
class WaitingJobs {
  private readonly commands: SubjectWriter;
  private readonly decisions: SubjectWriter;
  private readonly createdAt = new Date().toISOString();
  private count = 0;

  constructor(log: JetStreamEventLog) {
    const options = { log, writer: WRITER, maxEntries: PER_COMMIT };
    this.commands = new SubjectWriter({ ...options, subject: commandSubject() });
    this.decisions = new SubjectWriter({ ...options, subject: decisionSubject('scheduler') });
  }

  /** Until there are so many, decided by an earlier scheduler. */
  async fill(upTo: number): Promise<void> {
    await this.decisions.append([entryOf('EpochStarted', { epoch: 1, holder: 'bench' })]);
    while (this.count < upTo) {
      const first = this.count;
      const created = this.create(upTo);
      const { seq } = await this.commands.append(created);
      await this.decisions.append(created.map(({ corr }, at) => decision(first + at, corr, seq)));
    }
  }

  async createUndecided(upTo: number): Promise<void> {
    while (this.count < upTo) await this.commands.append(this.create(upTo));
  }

  private create(upTo: number): RawEntry[] {
    const first = this.count;
    this.count = Math.min(first + PER_COMMIT, upTo);
    return Array.from({ length: this.count - first }, (_, at) => ({
      ...entryOf('ObjectCreated', { object: job(first + at, this.createdAt) }),
      corr: randomUUID(),
    }));
  }
}

const uidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function job(number: number, creationTimestamp: string): object {
  const { metadata, ...rest } = jobBody(`job-${number}`, String(1_000 + (number % 5))) as { metadata: object };
  return {
    ...rest,
    metadata: { ...metadata, namespace: 'default', uid: uidOf(number), creationTimestamp, generation: 1 },
  };
}

function decision(number: number, corr: string, seq: number): RawEntry {
  const data = {
    epoch: 1,
    ref: { kind: 'Job', namespace: 'default', name: `job-${number}`, uid: uidOf(number) },
    generation: 1,
    placements: [],
    unplaced: 1,
    reason: 'INSUFFICIENT_RESOURCES',
    basis: positionOf(seq, PER_COMMIT),
    code: 'bench',
    verdicts: [],
  };
  return { ...entryOf('PlacementDecided', data), corr };
}
