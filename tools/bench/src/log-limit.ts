/** What the log itself can do on this machine, in this run, on the same server: the limit beside the rows that write to it. */
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { RawEntry } from '@skyflow/contracts';
import { JetStreamEventLog, type SubjectHead } from '@skyflow/event-log';
import { quantile } from './statistics.js';

const entry: RawEntry = {
  type: 'EpochStarted',
  v: 1,
  at: 0,
  actor: 'system:bench',
  corr: 'bench',
  // As long as a created job, so that bytes are compared with bytes.
  data: { epoch: 1, holder: 'x'.repeat(700) },
};

/** p99 of one append after the other, ms. */
export async function idleAppendP99Ms(natsUrl: string, appends = 1_000, seed?: Uint8Array): Promise<number> {
  return withLog(natsUrl, seed, async (log) => {
    const samples: number[] = [];
    let head: SubjectHead = await log.subjectHead('sky.evt.bench');
    for (let index = 0; index < appends; index += 1) {
      const from = performance.now();
      head = await log.append(
        'sky.evt.bench',
        { id: `bench-${from}-${index}`, writer: 'bench/1', entries: [entry] },
        head,
      );
      samples.push(performance.now() - from);
    }
    return quantile(samples, 0.99);
  });
}

/** Entries per second in commits of `size`, 8 subjects at a time. */
export async function appendedEntriesPerSecond(natsUrl: string, size: number, seconds = 3): Promise<number> {
  return withLog(natsUrl, undefined, async (log) => {
    const entries = Array.from({ length: size }, () => entry);
    const end = performance.now() + seconds * 1_000;
    let stored = 0;
    const started = performance.now();
    await Promise.all(
      Array.from({ length: 8 }, async (_, lane) => {
        const subject = `sky.evt.bench${lane}`;
        let head = await log.subjectHead(subject);
        for (let index = 0; performance.now() < end; index += 1) {
          head = await log.append(
            subject,
            { id: `lane-${lane}-${size}-${started}-${index}`, writer: 'bench/1', entries },
            head,
          );
          stored += size;
        }
      }),
    );
    return stored / ((performance.now() - started) / 1_000);
  });
}

async function withLog<T>(
  natsUrl: string,
  seed: Uint8Array | undefined,
  work: (log: JetStreamEventLog) => Promise<T>,
): Promise<T> {
  const connection = await connect({
    servers: natsUrl,
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(seed) }),
  });
  const log = await JetStreamEventLog.open({ connection });
  try {
    return await work(log);
  } finally {
    await log.close();
    await connection.close();
  }
}
