/** The KV bucket of leases: keys that expire, each with who holds it and since which revision. */
import type { NatsConnection } from '@nats-io/transport-node';
import { LogSetupError } from '../event-log.js';
import { KvBucket } from '../kv/kv-bucket.js';

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

export class LeaseBucket {
  readonly #bucket: KvBucket;
  readonly #options: LeaseBucketOptions;

  constructor(options: LeaseBucketOptions) {
    this.#options = options;
    this.#bucket = new KvBucket({
      ...options,
      description: 'SkyFlow: which instance of each service is active',
    });
  }

  /** Creates the bucket if it is missing and checks its ttl. @throws LogSetupError, LogUnavailableError */
  async ensure(): Promise<void> {
    const { ttlMs } = await this.#bucket.ensure();
    const { bucket, ttlMs: needed } = this.#options;
    if (ttlMs !== needed) {
      throw new LogSetupError(
        `bucket ${bucket}: its ttl is ${ttlMs} ms, needed is ${needed} ms. ` +
          `Start every service with the same lease ttl, or delete the bucket with "nats kv del ${bucket}" while none runs`,
      );
    }
  }

  /** Undefined: the key was never written or has expired. @throws LogUnavailableError */
  async read(name: string): Promise<LeaseKey | undefined> {
    const entry = await this.#bucket.read(name);
    if (entry === undefined) return undefined;
    const { revision, value } = entry;
    if (value === undefined) return { revision, held: undefined };
    const { holder, epoch = revision } = JSON.parse(Buffer.from(value).toString()) as Partial<LeaseHolder>;
    return { revision, held: { holder: holder ?? '', epoch } };
  }

  /** Writes the key if its revision is `revision` (0: absent). Undefined: it was another. @throws LogUnavailableError */
  write(name: string, value: Partial<LeaseHolder>, revision: number): Promise<number | undefined> {
    return this.#bucket.write(name, JSON.stringify(value), revision);
  }

  /** Marks the key as free if its revision is `revision`. @throws LogUnavailableError */
  delete(name: string, revision: number): Promise<number | undefined> {
    return this.#bucket.delete(name, revision);
  }
}
