/**
 * Leases: at most one holder of a name at a time, as far as clocks allow, and an epoch that is larger for every later holder.
 *
 * Exclusion is not perfect (a process can be stopped between its check and its act): what is decided under a lease carries the epoch,
 * appends name the last sequence, and folds ignore older epochs.
 */
import { LEASE_BUCKET } from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { pause } from '../backoff.js';
import { LogUnavailableError } from '../event-log.js';
import { HeldLease, type Lease } from './held-lease.js';
import { LeaseBucket, type LeaseHolder } from './lease-bucket.js';

export interface LeasesOptions {
  connection: NatsConnection;
  /** Default SKYFLOW_LEASES. */
  bucket?: string;
  /** How long a lease lasts without renewal; also how long a takeover takes at most. The same for all. Default 5 s. */
  ttlMs?: number;
  /** Copies of the bucket when it is created. Default 1. */
  replicas?: number;
}

const TTL_MS = 5_000;
const POLL_MS = 250;

export class Leases {
  readonly #bucket: LeaseBucket;
  readonly #ttlMs: number;

  private constructor(bucket: LeaseBucket, ttlMs: number) {
    this.#bucket = bucket;
    this.#ttlMs = ttlMs;
  }

  /** Creates the bucket if it is missing. @throws LogSetupError, LogUnavailableError */
  static async open({
    connection,
    bucket = LEASE_BUCKET,
    ttlMs = TTL_MS,
    replicas = 1,
  }: LeasesOptions): Promise<Leases> {
    const leaseBucket = new LeaseBucket({ connection, bucket, ttlMs, replicas });
    await leaseBucket.ensure();
    return new Leases(leaseBucket, ttlMs);
  }

  /** Waits until the lease is free and takes it, over any outage. Rejects only when the signal aborts (with its reason). */
  async acquire(name: string, holder: string, signal: AbortSignal): Promise<Lease> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const lease = await this.tryAcquire(name, holder);
        if (lease !== undefined) return lease;
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error;
      }
      await pause(POLL_MS * (0.75 + Math.random() / 2), signal);
    }
  }

  /**
   * Takes the lease if nobody else has it; undefined if somebody does. What `holder` itself has written, and perhaps got no answer to
   * (a server that is slow to fsync), is taken over under a new epoch: waiting for its end could go on for as long as answers are
   * late. A holder's name is therefore unique to its process.
   * @throws LogUnavailableError
   */
  async tryAcquire(name: string, holder: string): Promise<Lease | undefined> {
    const current = await this.#bucket.read(name);
    if (current?.held !== undefined && current.held.holder !== holder) return undefined;
    const sentAt = performance.now();
    const epoch = await this.#bucket.write(name, { holder }, current?.revision ?? 0);
    if (epoch === undefined) return undefined;
    return new HeldLease({ bucket: this.#bucket, name, holder, epoch, ttlMs: this.#ttlMs, acquiredAt: sentAt });
  }

  /** Who has it now; undefined: nobody. @throws LogUnavailableError */
  async holderOf(name: string): Promise<LeaseHolder | undefined> {
    return (await this.#bucket.read(name))?.held;
  }
}
