/**
 * A key-value bucket on JetStream, of which only the last value of each key is kept, written by compare-and-set on its revision.
 *
 * Laid out as the NATS KV convention has it (stream KV_<bucket>, subjects $KV.<bucket>.<key>), so `nats kv` can look into it. The first
 * revision of a new bucket is the time in ms: revisions stay larger than all earlier ones even if the bucket was lost.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { JetStreamApi, JetStreamRefusal, errorCode } from '../jetstream/jetstream-api.js';
import { PullSession } from '../jetstream/pull-session.js';

export interface KvBucketOptions {
  /** Stays the caller's. */
  connection: NatsConnection;
  bucket: string;
  description: string;
  replicas: number;
  /** Life of a value after its last write. */
  ttlMs: number;
  /** Keys at most; absent: no limit. */
  mostKeys?: number;
  /** Bytes of one value at most; absent: the server's limit. */
  mostBytes?: number;
  /**
   * So long it is told that a key is gone, to whoever looks then (needs nats-server 2.11). Absent: a key that is deleted stays as deleted
   * until its ttl ends, and one that expires goes without a word.
   */
  goneForMs?: number;
}

export interface KvEntry {
  key: string;
  revision: number;
  /** Undefined: it was deleted, or has expired. */
  value: Uint8Array | undefined;
}

/** What a follower is told: everything from the beginning, then that this was all (up to `revision`), then each change. */
export type KvFollowed =
  { type: 'begin' } | { type: 'entries'; entries: readonly KvEntry[] } | { type: 'caught-up'; revision: number };

const TIMEOUT_MS = 2_000;
const NS_PER_MS = 1_000_000;
/** Entries at a time. */
const BATCH = 512;

export class KvBucket {
  readonly #api: JetStreamApi;
  readonly #options: KvBucketOptions;
  readonly #stream: string;
  readonly #prefix: string;

  constructor(options: KvBucketOptions) {
    this.#api = new JetStreamApi(options.connection);
    this.#options = options;
    this.#stream = `KV_${options.bucket}`;
    this.#prefix = `$KV.${options.bucket}.`;
  }

  /** Creates the bucket if it is missing. Returns the life of a value as the bucket has it. @throws LogUnavailableError */
  async ensure(): Promise<{ ttlMs: number }> {
    const { config } = (await this.#info()) ?? (await this.#create());
    return { ttlMs: Number(config.max_age) / NS_PER_MS };
  }

  /** Undefined: the key was never written, or nothing tells of it any more. @throws LogUnavailableError */
  async read(key: string): Promise<KvEntry | undefined> {
    const message = await this.#withBucket(() =>
      this.#api.message(this.#stream, { last_by_subj: `${this.#prefix}${key}` }),
    );
    return message && { key, revision: message.seq, value: valueOf(message.data) };
  }

  /**
   * Writes the key if its revision is `revision` (0: it is not there). Undefined: it was another.
   * @throws LogUnavailableError; JetStreamRefusal when the bucket is full
   */
  write(key: string, value: string, revision: number): Promise<number | undefined> {
    return this.#publish(key, value, revision, []);
  }

  /** Deletes the key if its revision is `revision`. Undefined: it was another. @throws LogUnavailableError */
  delete(key: string, revision: number): Promise<number | undefined> {
    const { goneForMs } = this.#options;
    return this.#publish(key, '', revision, [
      ['KV-Operation', 'DEL'],
      ...(goneForMs === undefined ? [] : [['Nats-TTL', `${String(Math.ceil(goneForMs / 1_000))}s`] as const]),
    ]);
  }

  /** Revision of the last write of any key. @throws LogUnavailableError */
  async head(): Promise<number> {
    const { state } = (await this.#info()) ?? (await this.#create());
    return state.last_seq;
  }

  /** Everything and then what changes, until the signal aborts or the session is lost. @throws LogUnavailableError, JetStreamRefusal */
  async *follow(signal: AbortSignal): AsyncGenerator<KvFollowed, void, undefined> {
    await this.#api.state.whenConnected(signal);
    if (signal.aborted) return;
    await this.ensure();
    const session = await PullSession.open(this.#api, this.#stream, 'last', [`${this.#prefix}>`]);
    try {
      yield { type: 'begin' };
      let last = session.head;
      let isCaughtUp = false;
      for (;;) {
        // What is written meanwhile takes the place of what was counted.
        if (!isCaughtUp && session.hasCaughtUp) {
          isCaughtUp = true;
          yield { type: 'caught-up', revision: last };
        }
        const messages = await session.take(BATCH, signal);
        if (messages.length === 0) return;
        const entries = messages.map(({ subject, seq, data }) => ({
          key: subject.slice(this.#prefix.length),
          revision: seq,
          value: valueOf(data),
        }));
        yield { type: 'entries', entries };
        last = Math.max(last, messages.at(-1)?.seq ?? 0);
      }
    } finally {
      session.close();
    }
  }

  async #publish(
    key: string,
    value: string,
    revision: number,
    headers: readonly (readonly [string, string])[],
  ): Promise<number | undefined> {
    const options = { lastSubjectSequence: revision, stream: this.#stream, headers };
    try {
      const ack = await this.#withBucket(() => this.#api.publish(`${this.#prefix}${key}`, value, options, TIMEOUT_MS));
      return ack.seq;
    } catch (error) {
      if (error instanceof JetStreamRefusal && isWrongRevision(error)) return undefined;
      throw error;
    }
  }

  /** Runs a request; if the bucket has vanished, makes it anew and runs it once more. */
  async #withBucket<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if ((await this.#info()) !== undefined) throw error;
      await this.#create();
      return request();
    }
  }

  async #info(): Promise<Bucket | undefined> {
    try {
      return await this.#api.request(`STREAM.INFO.${this.#stream}`, undefined, TIMEOUT_MS);
    } catch (error) {
      if (error instanceof JetStreamRefusal && error.code === errorCode.streamNotFound) return undefined;
      throw error;
    }
  }

  async #create(): Promise<Bucket> {
    const { description, ttlMs, replicas, mostKeys, mostBytes, goneForMs } = this.#options;
    const config = {
      name: this.#stream,
      description,
      subjects: [`${this.#prefix}>`],
      storage: 'file',
      retention: 'limits',
      discard: 'new',
      max_msgs_per_subject: 1,
      max_age: ttlMs * NS_PER_MS,
      duplicate_window: Math.min(ttlMs, 120_000) * NS_PER_MS,
      num_replicas: replicas,
      deny_delete: true,
      allow_rollup_hdrs: true,
      allow_direct: true,
      first_seq: Date.now(),
      ...(mostKeys === undefined ? {} : { max_msgs: mostKeys }),
      ...(mostBytes === undefined ? {} : { max_msg_size: mostBytes }),
      ...(goneForMs === undefined ? {} : { allow_msg_ttl: true, subject_delete_marker_ttl: goneForMs * NS_PER_MS }),
    };
    try {
      return await this.#api.request(`STREAM.CREATE.${this.#stream}`, config, TIMEOUT_MS);
    } catch (error) {
      const existing = error instanceof JetStreamRefusal ? await this.#info() : undefined;
      if (existing === undefined) throw error;
      return existing; // another process was first
    }
  }
}

interface Bucket {
  config: Record<string, unknown>;
  state: { last_seq: number };
}

/** What says that a key is gone has no content. */
const valueOf = (data: Uint8Array): Uint8Array | undefined => (data.byteLength === 0 ? undefined : data);

const isWrongRevision = ({ code }: JetStreamRefusal): boolean =>
  code === errorCode.wrongLastSequence || code === errorCode.wrongLastSequenceUnknown;
