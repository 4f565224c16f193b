/**
 * The KV bucket of leases: keys that expire, written only by compare-and-set on their revision.
 *
 * Laid out as the NATS KV convention has it (stream KV_<bucket>, subjects $KV.<bucket>.<key>), so `nats kv` can look into it. The
 * first revision of a new bucket is the time in ms: epochs stay larger than all earlier ones even if the bucket was lost.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { LogSetupError } from '../event-log.js';
import { JetStreamApi, JetStreamRefusal, errorCode } from '../jetstream/jetstream-api.js';

export interface LeaseBucketOptions {
  connection: NatsConnection;
  bucket: string;
  /** Life of a key after its last write. */
  ttlMs: number;
  replicas: number;
}

export interface LeaseHolder {
  /** Who holds it, e.g. `<service>/<instance>`. */
  holder: string;
  /** Revision at which it was acquired. */
  epoch: number;
}

export interface LeaseKey {
  revision: number;
  /** Undefined: it was released. */
  held: LeaseHolder | undefined;
}

const TIMEOUT_MS = 2_000;
const NS_PER_MS = 1_000_000;

export class LeaseBucket {
  readonly #api: JetStreamApi;
  readonly #options: LeaseBucketOptions;
  readonly #stream: string;

  constructor(options: LeaseBucketOptions) {
    this.#api = new JetStreamApi(options.connection);
    this.#options = options;
    this.#stream = `KV_${options.bucket}`;
  }

  /** Creates the bucket if it is missing and checks its ttl. @throws LogSetupError, LogUnavailableError */
  async ensure(): Promise<void> {
    const info = (await this.#info()) ?? (await this.#create());
    const ttlMs = Number(info.config.max_age) / NS_PER_MS;
    if (ttlMs !== this.#options.ttlMs) {
      throw new LogSetupError(
        `bucket ${this.#options.bucket}: its ttl is ${ttlMs} ms, needed is ${this.#options.ttlMs} ms. ` +
          `Start every service with the same lease ttl, or delete the bucket with "nats kv del ${this.#options.bucket}" while none runs`,
      );
    }
  }

  /** Undefined: the key was never written or has expired. @throws LogUnavailableError */
  async read(name: string): Promise<LeaseKey | undefined> {
    const message = await this.#withBucket(() =>
      this.#api.message(this.#stream, { last_by_subj: this.#subject(name) }),
    );
    if (message === undefined) return undefined;
    if (message.headers.includes('KV-Operation')) return { revision: message.seq, held: undefined };
    const { holder, epoch = message.seq } = JSON.parse(Buffer.from(message.data).toString()) as Partial<LeaseHolder>;
    return { revision: message.seq, held: { holder: holder ?? '', epoch } };
  }

  /** Writes the key if its revision is `revision` (0: absent). Undefined: it was another. @throws LogUnavailableError */
  write(name: string, value: Partial<LeaseHolder>, revision: number): Promise<number | undefined> {
    return this.#publish(name, JSON.stringify(value), revision);
  }

  /** Marks the key as free if its revision is `revision`. @throws LogUnavailableError */
  delete(name: string, revision: number): Promise<number | undefined> {
    return this.#publish(name, '', revision, ['KV-Operation', 'DEL']);
  }

  async #publish(
    name: string,
    value: string,
    revision: number,
    header?: readonly [string, string],
  ): Promise<number | undefined> {
    const options = {
      lastSubjectSequence: revision,
      stream: this.#stream,
      ...(header === undefined ? {} : { header }),
    };
    try {
      const ack = await this.#withBucket(() => this.#api.publish(this.#subject(name), value, options, TIMEOUT_MS));
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

  async #info(): Promise<{ config: Record<string, unknown> } | undefined> {
    try {
      return await this.#api.request(`STREAM.INFO.${this.#stream}`, undefined, TIMEOUT_MS);
    } catch (error) {
      if (error instanceof JetStreamRefusal && error.code === errorCode.streamNotFound) return undefined;
      throw error;
    }
  }

  async #create(): Promise<{ config: Record<string, unknown> }> {
    const { bucket, ttlMs, replicas } = this.#options;
    const config = {
      name: this.#stream,
      description: 'SkyFlow: which instance of each service is active',
      subjects: [`$KV.${bucket}.>`],
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
    };
    try {
      return await this.#api.request(`STREAM.CREATE.${this.#stream}`, config, TIMEOUT_MS);
    } catch (error) {
      const existing = error instanceof JetStreamRefusal ? await this.#info() : undefined;
      if (existing === undefined) throw error;
      return existing; // another service was first
    }
  }

  #subject(name: string): string {
    return `$KV.${this.#options.bucket}.${name}`;
  }
}

const isWrongRevision = ({ code }: JetStreamRefusal): boolean =>
  code === errorCode.wrongLastSequence || code === errorCode.wrongLastSequenceUnknown;
