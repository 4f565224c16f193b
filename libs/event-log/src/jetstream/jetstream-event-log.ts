/**
 * The log on one JetStream stream.
 *
 * One message is one commit; its `Nats-Msg-Id` is the commit id and it names the last sequence of its subject, so the server keeps
 * the promises of EventLog. Durable means what the server's `sync_interval` says: SkyFlow's own servers sync always. Reads before an
 * append go to the stream's leader; the tail comes from an ephemeral consumer per follow, made anew whenever it is lost.
 */
import { FEATURES_SUBJECT, STREAM, STREAM_SUBJECTS } from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { assembleCheckpoint, checkpointPiece, keptIn } from '../checkpoint/checkpoint-stream.js';
import { firstOf, horizonOf } from '../checkpoint/horizon.js';
import { logAge } from '../checkpoint/retention.js';
import { decodeCommit, hashOf, sealCommit, type StoredAt } from '../commit-codec.js';
import {
  AppendRefusedError,
  LogUnavailableError,
  WrongLastSequenceError,
  type Appended,
  type Checkpoint,
  type CheckpointKey,
  type CommitDraft,
  type EventLog,
  type Followed,
  type FollowOptions,
  type Horizon,
  type LogAge,
  type ReadOptions,
  type RecordedCommit,
  type SubjectHead,
} from '../event-log.js';
import { LevelInForce, levelOf } from '../levels/level-in-force.js';
import { JetStreamApi, JetStreamRefusal, errorCode } from './jetstream-api.js';
import { followStream } from './follow-stream.js';
import { PullSession, type Delivered } from './pull-session.js';
import { grantedCheckpointPiece, grantedLevel, grantedReaders, ownReaders, type ReadFrom } from './readers.js';
import { restoredTo } from './restored.js';
import { checkServer, ensureStream, type StreamInfo } from './stream-setup.js';

export interface JetStreamEventLogOptions {
  /** Stays the caller's: `close` does not close it. */
  connection: NatsConnection;
  /** Default SKYFLOW. */
  stream?: string;
  /** Copies of the stream when it is created; checked if given. */
  replicas?: number;
  /** Create the stream if it is missing. Default true. */
  create?: boolean;
  /** Verify hash chains while reading. Default true. */
  verifyChain?: boolean;
  /**
   * Reads what the log holds for this cluster, through readers that a gateway grants (see {@link serveReaders}), and needs no right to
   * JetStream's API. For agents. The stream must be there.
   */
  agentOf?: string;
  /** How long an append waits for its acknowledgement. Default 5 s. */
  appendTimeoutMs?: number;
  /** Is given every append, to measure it. */
  timeAppend?: (append: () => Promise<Appended>) => Promise<Appended>;
}

const APPEND_TIMEOUT_MS = 5_000;
/** Room that the headers of a commit take out of the server's max_payload. */
const HEADER_BYTES = 1_024;

export class JetStreamEventLog implements EventLog {
  readonly #api: JetStreamApi;
  readonly #stream: string;
  readonly #verifyChain: boolean;
  readonly #appendTimeoutMs: number;
  readonly #closed = new AbortController();
  readonly #agentOf: string | undefined;
  readonly #timeAppend: NonNullable<JetStreamEventLogOptions['timeAppend']>;
  readonly #level = new LevelInForce(() => this.#readLevel());

  private constructor(api: JetStreamApi, options: JetStreamEventLogOptions) {
    this.#api = api;
    this.#agentOf = options.agentOf;
    this.#stream = options.stream ?? STREAM;
    this.#verifyChain = options.verifyChain ?? true;
    this.#appendTimeoutMs = options.appendTimeoutMs ?? APPEND_TIMEOUT_MS;
    this.#timeAppend = options.timeAppend ?? ((append) => append());
  }

  /** @throws LogSetupError if server or stream are not as needed; LogUnavailableError if they do not answer. */
  static async open(options: JetStreamEventLogOptions): Promise<JetStreamEventLog> {
    if (options.agentOf !== undefined) {
      const granted = new JetStreamEventLog(
        new JetStreamApi(options.connection, grantedReaders(options.agentOf)),
        options,
      );
      // A gateway refuses it to an agent that is too old.
      await granted.head();
      return granted;
    }
    const api = new JetStreamApi(options.connection);
    await checkServer(api);
    const setup = { stream: options.stream ?? STREAM, replicas: options.replicas, create: options.create ?? true };
    api.restoredTo = restoredTo((await ensureStream(api, setup)).config);
    const log = new JetStreamEventLog(api, options);
    await log.featureLevel();
    return log;
  }

  append(subject: string, draft: CommitDraft, expected: SubjectHead): Promise<Appended> {
    return this.#timeAppend(() => this.#append(subject, draft, expected));
  }

  async #append(subject: string, draft: CommitDraft, expected: SubjectHead): Promise<Appended> {
    if (this.#closed.signal.aborted) throw new LogUnavailableError('the log is closed');
    await this.#level.assertMayWrite(draft);
    const { bytes, hash } = sealCommit(draft, expected.hash);
    const limit = (this.#api.connection.info?.max_payload ?? Number.MAX_SAFE_INTEGER) - HEADER_BYTES;
    if (bytes.byteLength > limit) {
      throw new AppendRefusedError(
        `commit of ${bytes.byteLength} bytes on ${subject} is larger than the server's ${limit}`,
      );
    }
    const options = {
      messageId: draft.id,
      lastSubjectSequence: expected.seq,
      stream: this.#stream,
      traceparent: draft.entries.find(({ trace }) => trace !== undefined)?.trace,
    };
    try {
      const ack = await this.#api.publish(subject, bytes, options, this.#appendTimeoutMs);
      if (ack.duplicate === true) return await this.#stored(subject, ack.seq, draft.id);
      return { seq: ack.seq, hash, duplicate: false };
    } catch (error) {
      if (!(error instanceof JetStreamRefusal)) throw error;
      const translated = appendError(error, subject, expected);
      const earlier =
        translated instanceof WrongLastSequenceError
          ? await this.#storedBefore(subject, draft.id, expected)
          : undefined;
      if (earlier === undefined) throw translated;
      return earlier;
    }
  }

  featureLevel(): Promise<number> {
    return this.#level.now();
  }

  async subjectHead(subject: string): Promise<SubjectHead> {
    const message = this.#granted
      ? (await this.#delivered('last')).findLast((each) => each.subject === subject)
      : await this.#api.message(this.#stream, { last_by_subj: subject });
    return message === undefined ? { seq: 0, hash: '' } : { seq: message.seq, hash: hashOf(message.data) };
  }

  async head(): Promise<number> {
    if (!this.#granted) return (await this.#info()).state.last_seq;
    const session = await PullSession.open(this.#api, this.#stream, 1, []);
    session.close();
    return session.head;
  }

  async first(): Promise<number> {
    if (!this.#granted) return firstOf(await this.#info().catch(unavailable));
    const session = await PullSession.open(this.#api, this.#stream, 1, []);
    session.close();
    return Math.max(1, session.first);
  }

  async horizon(): Promise<Horizon | undefined> {
    return this.#granted ? undefined : horizonOf((await this.#info()).config);
  }

  async age(): Promise<LogAge> {
    return logAge(this.#api, this.#stream, await this.#info());
  }

  async checkpoint(key: CheckpointKey): Promise<Checkpoint | undefined> {
    const agentOf = this.#agentOf;
    if (agentOf !== undefined) {
      return assembleCheckpoint(key, (piece) => grantedCheckpointPiece(this.#api, agentOf, key.fold, piece));
    }
    const horizon = await this.horizon();
    if (horizon === undefined) return undefined;
    return assembleCheckpoint(key, (piece) => checkpointPiece(this.#api, horizon.checkpoint, key, piece));
  }

  async kept(name: string): Promise<unknown> {
    const horizon = await this.horizon();
    return horizon && keptIn(this.#api, horizon.checkpoint, name);
  }

  async sequenceAt(timeMs: number): Promise<number> {
    const { state } = await this.#info();
    const first = Math.max(1, state.first_seq);
    let before = first - 1;
    let after = state.last_seq + 1;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      // The first one from there on: a restored log has positions that hold nothing.
      const message = await this.#api.message(this.#stream, { seq: middle, next_by_subj: '>' });
      if (message === undefined || message.storedAt > timeMs) after = middle;
      else before = message.seq;
    }
    return before < first ? 0 : before;
  }

  async *read(options: ReadOptions = {}): AsyncIterable<RecordedCommit> {
    const to = options.to ?? (await this.head());
    const signal = options.signal ?? new AbortController().signal;
    for await (const followed of this.#tail({ ...options, signal }, to)) {
      if (followed.type === 'commits') yield* followed.commits;
    }
  }

  follow(options: FollowOptions): AsyncIterable<Followed> {
    return this.#tail(options, undefined);
  }

  close(): Promise<void> {
    this.#closed.abort(new LogUnavailableError('the log is closed'));
    return Promise.resolve();
  }

  #tail(options: FollowOptions, to: number | undefined): AsyncIterable<Followed> {
    return followStream(this.#api, this.#stream, {
      ...options,
      subjects: options.subjects ?? STREAM_SUBJECTS,
      signal: AbortSignal.any([options.signal, this.#closed.signal]),
      to,
      verifyChain: this.#verifyChain,
    });
  }

  get #granted(): boolean {
    return this.#api.readers !== ownReaders;
  }

  /** The first message of a subject from a sequence on. */
  async #next(subject: string, seq: number): Promise<(StoredAt & { data: Uint8Array }) | undefined> {
    if (!this.#granted) return this.#api.message(this.#stream, { seq, next_by_subj: subject });
    return (await this.#delivered(seq)).find((each) => each.subject === subject);
  }

  /** What a granted reader brings of what there is now. */
  async #delivered(from: ReadFrom): Promise<Delivered[]> {
    const session = await PullSession.open(this.#api, this.#stream, from, []);
    try {
      const delivered: Delivered[] = [];
      while (!session.hasCaughtUp) {
        delivered.push(...(await session.take(Number.MAX_SAFE_INTEGER, this.#closed.signal)));
        this.#closed.signal.throwIfAborted();
      }
      return delivered;
    } finally {
      session.close();
    }
  }

  async #readLevel(): Promise<number> {
    if (this.#agentOf !== undefined) return grantedLevel(this.#api, this.#agentOf);
    const { config } = await this.#info().catch(unavailable);
    const last = await this.#api.message(this.#stream, { last_by_subj: FEATURES_SUBJECT }).catch(unavailable);
    return levelOf(config, last?.data);
  }

  #info(): Promise<StreamInfo> {
    return this.#api.ledInfo<StreamInfo>(this.#stream);
  }

  /**
   * Servers differ in whether they look at the message id or at the expected sequence first (2.10 at the id, 2.12 at the sequence),
   * and forget ids after a while. A commit that was stored with this expectation is the first one after it on its subject.
   */
  async #storedBefore(subject: string, id: string, expected: SubjectHead): Promise<Appended | undefined> {
    const next = await this.#next(subject, expected.seq + 1);
    if (next === undefined || decodeCommit(next.data, '', next).commit.id !== id) return undefined;
    return { seq: next.seq, hash: hashOf(next.data), duplicate: true };
  }

  /** A retry may have been built on another head than the commit that is stored: its hash is that of the stored bytes. */
  async #stored(subject: string, seq: number, id: string): Promise<Appended> {
    const message = await this.#next(subject, seq);
    if (message === undefined) throw new LogUnavailableError(`commit ${id} was stored as ${seq} but cannot be read`);
    return { seq, hash: hashOf(message.data), duplicate: true };
  }
}

/** Without a leader the stream is not there for a moment. */
function unavailable(error: unknown): never {
  if (!(error instanceof JetStreamRefusal)) throw error;
  throw new LogUnavailableError(error.message, { cause: error });
}

function appendError(refusal: JetStreamRefusal, subject: string, expected: SubjectHead): Error {
  if (refusal.code === errorCode.wrongLastSequence || refusal.code === errorCode.wrongLastSequenceUnknown) {
    const actual = /(\d+)$/.exec(refusal.description)?.[1];
    return new WrongLastSequenceError(subject, expected.seq, actual === undefined ? undefined : Number(actual));
  }
  // An earlier try is being stored: this one is answered once it is.
  const isUnderWay = refusal.code === errorCode.duplicateInProcess;
  if (refusal.status === 503 || isUnderWay)
    return new LogUnavailableError(`${subject}: ${refusal.message}`, { cause: refusal });
  return new AppendRefusedError(
    `${subject}: the log refused the commit: ${refusal.message}. If the store is full, give JetStream more room (max_file_store, disk)`,
    { cause: refusal },
  );
}
