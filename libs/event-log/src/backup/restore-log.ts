/**
 * Puts commits back into a stream, each at its sequence, and opens the stream when all are there.
 *
 * Until then it listens to other subjects than the log's, which it stores as those of the log: nobody can append in between, and services
 * refuse to start on it. Positions that may have been given out after the backup are never used again: the stream goes on behind them, so
 * that no cache, watch or agent takes what comes now for what it knew. When each commit had been stored is kept beside it.
 */
import { FIRST_LEVEL, STREAM, STREAM_SUBJECTS } from '@skyflow/contracts';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { JetStreamApi } from '../jetstream/jetstream-api.js';
import { RESTORED_TO, STORED_AT } from '../jetstream/restored.js';
import { checkServer, findStream, streamConfig } from '../jetstream/stream-setup.js';
import { BORN_AT } from '../levels/level-in-force.js';
import { levelNeeded } from '../levels/reading-level.js';
import { BackupError } from './backup-store.js';
import type { StoredCommit } from './stored-commit.js';

export interface RestoreOptions {
  connection: NatsConnection;
  commits: AsyncIterable<StoredCommit>;
  /** Last sequence that is known to have been given out, by the backup. */
  lastKnown: number;
  /** Takes the place of a log that is there. */
  replace: boolean;
  /** Default SKYFLOW. */
  stream?: string;
  /** Copies of the stream; absent: as many as that which it replaces had, or 1. */
  replicas?: number;
}

export interface Restored {
  commits: number;
  /** Last commit that was restored. */
  last: number;
  /** The next commit gets this sequence. */
  next: number;
}

/** Positions passed over when nothing tells how far the lost log had come since its last backup. */
const UNKNOWN_POSITIONS = 10_000;
const LOG_PREFIX = 'sky.';
const STAGING_PREFIX = 'sky-restore.';
/** Holds a position that is not used; nobody reads this subject. */
const PASSED_OVER = 'passed-over';
const IN_FLIGHT = 512;
const ACK_TIMEOUT_MS = 30_000;

/** @throws BackupError (`not-empty`), LogSetupError, LogUnavailableError */
export async function restoreLog(options: RestoreOptions): Promise<Restored> {
  const { connection, commits, lastKnown, replace, stream = STREAM } = options;
  const api = new JetStreamApi(connection);
  await checkServer(api);
  const existing = await findStream(api, stream);
  if (existing !== undefined && existing.state.messages > 0 && !replace) {
    const text = `stream ${stream} at ${connection.getServer()} holds a log of ${existing.state.messages} commits: it is left as it is`;
    throw new BackupError('not-empty', text);
  }
  const iterator = commits[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new BackupError('empty', 'there is no commit up to that point: nothing was changed');
  const replicas = options.replicas ?? Number(existing?.config.num_replicas ?? 1);
  if (existing !== undefined) await api.carryOut(`STREAM.DELETE.${stream}`);
  await api.request(`STREAM.CREATE.${stream}`, {
    ...streamConfig(stream, replicas),
    subjects: [`${STAGING_PREFIX}>`],
    subject_transform: { src: `${STAGING_PREFIX}>`, dest: `${LOG_PREFIX}>` },
    ...(first.value.seq > 1 ? { first_seq: first.value.seq } : {}),
  });
  const appender = new Appender(connection, first.value.seq);
  let restored = 0;
  let last = 0;
  let level = FIRST_LEVEL;
  let commit: StoredCommit | undefined = first.value;
  while (commit !== undefined) {
    const { seq, subject, storedAt, data } = commit;
    await appender.passOver(seq - 1);
    await appender.put(subject.slice(LOG_PREFIX.length), data, storedAt);
    last = seq;
    level = Math.max(level, levelOfCommit(data));
    restored++;
    const following: IteratorResult<StoredCommit, unknown> = await iterator.next();
    commit = following.done === true ? undefined : following.value;
  }
  const given = Math.max(lastKnown + UNKNOWN_POSITIONS, existing?.state.last_seq ?? 0);
  await appender.passOver(given);
  await appender.flush();
  // The last one stays: it holds the end of the stream over restarts of the server.
  await api.carryOut(`STREAM.PURGE.${stream}`, { filter: `${LOG_PREFIX}${PASSED_OVER}`, keep: 1 });
  await api.request(`STREAM.UPDATE.${stream}`, {
    ...streamConfig(stream, replicas),
    subjects: STREAM_SUBJECTS,
    metadata: { [RESTORED_TO]: String(last), [BORN_AT]: String(level) },
  });
  return { commits: restored, last, next: given + 1 };
}

/** What a program must read to read this commit: a restored log is at the least level that its commits need, and can be gone on with by it. */
function levelOfCommit(text: string): number {
  const { entries } = JSON.parse(text) as { entries: { type: string; data: unknown }[] };
  return Math.max(...entries.map(levelNeeded));
}

/** Publishes in order, many at a time, and holds the server to the sequences. */
class Appender {
  private readonly waiting: Promise<void>[] = [];

  constructor(
    private readonly connection: NatsConnection,
    private next: number,
  ) {}

  async put(subject: string, data: string, storedAt: number): Promise<void> {
    const kept = headers();
    kept.set(STORED_AT, String(storedAt));
    await this.send(subject, data, kept);
  }

  /** So that the next one gets a later sequence than this. */
  async passOver(seq: number): Promise<void> {
    while (this.next <= seq) await this.send(PASSED_OVER, '', headers());
  }

  async flush(): Promise<void> {
    await Promise.all(this.waiting.splice(0));
  }

  private async send(subject: string, data: string, sent: ReturnType<typeof headers>): Promise<void> {
    const seq = this.next++;
    this.waiting.push(this.acknowledged(STAGING_PREFIX + subject, data, sent, seq));
    if (this.waiting.length >= IN_FLIGHT) await this.flush();
  }

  private async acknowledged(
    subject: string,
    data: string,
    sent: ReturnType<typeof headers>,
    seq: number,
  ): Promise<void> {
    const reply = await this.connection.request(subject, data, { timeout: ACK_TIMEOUT_MS, headers: sent });
    const ack = reply.json<{ seq?: number; error?: { description: string } }>();
    if (ack.seq === seq) return;
    throw new Error(
      `commit ${seq} could not be restored: ${ack.error?.description ?? `it was stored as ${ack.seq ?? 'nothing'}`}. ` +
        'The log is not open yet: restore again, with --replace',
    );
  }
}
