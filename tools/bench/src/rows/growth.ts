/** B10, B11: a log with very many live jobs: start-up of the gateway, its replay and its memory. */
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { commandSubject, decisionSubject, type RawEntry } from '@skyflow/contracts';
import { JetStreamEventLog, type SubjectHead } from '@skyflow/event-log';
import { ControlPlane } from '../control-plane.js';
import { jobBody } from '../jobs.js';
import type { Suite } from '../row.js';

const LIVE_JOBS = Number(process.env.SKYFLOW_BENCH_JOBS ?? 1_000_000);
const PER_COMMIT = 1_000;
const SINGLE_COMMITS = 200_000;
/** A snapshot that a replay has taken on its way is enough where no more entries come after it: a start folds those. */
const ENTRIES_TO_FOLD = 200_000;

export const growth: Suite = {
  budgets: [
    {
      id: 'B10a',
      name: `cold start of the gateway, ${LIVE_JOBS.toLocaleString('en-US')} live jobs`,
      unit: 's',
      better: 'lower',
      floor: 10,
      aim: 5,
    },
    { id: 'B10b', name: 'full replay', unit: 'msg/s', better: 'higher', floor: 100_000, aim: 200_000 },
    { id: 'B11', name: 'gateway memory per live job', unit: 'KiB', better: 'lower', floor: 3, aim: 1.2 },
  ],
  async run(report, say) {
    // Filling the log is not what is measured: no fsync.
    const plane = await ControlPlane.start({ syncAlways: false });
    const connection = await connect({ servers: plane.nats.url });
    try {
      await plane.startService('api-gateway');
      const empty = plane.residentBytes('api-gateway');
      await plane.stopService('api-gateway');

      const log = await JetStreamEventLog.open({ connection });
      say(`B10: filling the log with ${SINGLE_COMMITS.toLocaleString('en-US')} commits of one entry`);
      await fillWithSingles(log, SINGLE_COMMITS);
      const bareRate = await bareReplay(connection);
      report('B10b', {
        value: await decodedReplay(log),
        limit: bareRate,
        note: 'decoded and checked, commits of one entry; limit: messages that the server delivers to a consumer that only counts, in this run',
      });

      say(`B10: filling the log with ${LIVE_JOBS.toLocaleString('en-US')} jobs and their placements`);
      await fillWithJobs(log, LIVE_JOBS);
      const head = await log.head();
      await log.close();
      say('B10: first start, by replay');
      const replayMs = await plane.startService('api-gateway', 600_000);
      const full = plane.residentBytes('api-gateway');
      report('B11', {
        value: (full - empty) / 1_024 / LIVE_JOBS,
        note: 'resident memory after the replay, less that of an empty gateway',
      });
      say(`B10: it writes a snapshot now; then the second start (the first took ${(replayMs / 1_000).toFixed(1)} s)`);
      await plane.snapshotOf('api-gateway', head - ENTRIES_TO_FOLD / PER_COMMIT);
      await plane.stopService('api-gateway');
      const coldMs = await plane.startService('api-gateway', 600_000);
      report('B10a', {
        value: coldMs / 1_000,
        note: `from its snapshot; by replay of the whole log: ${(replayMs / 1_000).toFixed(1)} s`,
      });
    } finally {
      await connection.close();
      await plane.stop();
    }
  },
};

const entryOf = (type: string, data: unknown): RawEntry => ({
  type,
  v: 1,
  at: Date.now(),
  actor: 'system:bench',
  corr: 'bench',
  data,
});

async function fillWithSingles(log: JetStreamEventLog, count: number): Promise<void> {
  const lanes = 64;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const subject = `sky.obs.bench-${lane}`;
      let head = await log.subjectHead(subject);
      for (let index = 0; index < count / lanes; index += 1) {
        const ref = { kind: 'Job', namespace: 'default', name: `o-${index}`, uid: `uid-${lane}-${index}` };
        const counts = { replicas: 1, ready: 1, running: 1, pending: 0, succeeded: 0, failed: 0 };
        const entry = entryOf('WorkObserved', { ref, generation: 1, epoch: 1, phase: 'RUNNING', ...counts });
        head = await log.append(subject, { id: `${subject}-${index}`, writer: 'bench/1', entries: [entry] }, head);
      }
    }),
  );
}

async function fillWithJobs(log: JetStreamEventLog, count: number): Promise<void> {
  const created = new Date().toISOString();
  let commands: SubjectHead = await log.subjectHead(commandSubject());
  let decisions: SubjectHead = await log.subjectHead(decisionSubject('scheduler'));
  decisions = await log.append(
    decisionSubject('scheduler'),
    { id: 'epoch', writer: 'bench/1', entries: [entryOf('EpochStarted', { epoch: 1, holder: 'bench' })] },
    decisions,
  );
  for (let from = 0; from < count; from += PER_COMMIT) {
    const numbers = Array.from({ length: PER_COMMIT }, (_, index) => from + index);
    const creations = numbers.map((number) => {
      const body = jobBody(`job-${number}`, '1m') as { metadata: object };
      const metadata = {
        ...body.metadata,
        namespace: 'default',
        uid: uidOf(number),
        creationTimestamp: created,
        generation: 1,
      };
      return entryOf('ObjectCreated', { object: { ...body, metadata } });
    });
    const placements = numbers.map((number) =>
      entryOf('PlacementDecided', {
        epoch: 1,
        ref: { kind: 'Job', namespace: 'default', name: `job-${number}`, uid: uidOf(number) },
        generation: 1,
        placements: [{ cluster: `cluster-${number % 10}`, replicas: 1 }],
        unplaced: 0,
        basis: 1,
        code: 'bench',
        verdicts: [],
      }),
    );
    commands = await log.append(commandSubject(), { id: `c-${from}`, writer: 'bench/1', entries: creations }, commands);
    decisions = await log.append(
      decisionSubject('scheduler'),
      { id: `d-${from}`, writer: 'bench/1', entries: placements },
      decisions,
    );
  }
}

const uidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Messages per second, everything decoded and the chain checked, as every projection reads. */
async function decodedReplay(log: JetStreamEventLog): Promise<number> {
  const from = performance.now();
  let messages = 0;
  for await (const _commit of log.read()) messages += 1;
  return messages / ((performance.now() - from) / 1_000);
}

/** Messages per second that the server delivers to a consumer that only counts bytes. */
async function bareReplay(connection: NatsConnection): Promise<number> {
  const consumer = await jetstream(connection).consumers.get('SKYFLOW');
  const total = (await consumer.info()).num_pending;
  const from = performance.now();
  const messages = await consumer.consume({ max_messages: 5_000, expires: 5_000 });
  let seen = 0;
  for await (const _message of messages) if ((seen += 1) >= total) break;
  await messages.close();
  return seen / ((performance.now() - from) / 1_000);
}
