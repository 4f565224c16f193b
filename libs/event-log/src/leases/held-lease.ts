/**
 * A lease that this process holds: renews it and tells when it is lost.
 *
 * `lost` comes early rather than late: time is the monotonic clock, counted from before the last successful renewal was sent, and a
 * tenth of the ttl is left as margin. After a process was stopped (SIGSTOP, a long pause) it comes as soon as timers run again.
 */
import { pause } from '../backoff.js';
import { LogUnavailableError } from '../event-log.js';
import type { LeaseBucket, LeaseHolder } from './lease-bucket.js';

export interface Lease extends LeaseHolder {
  readonly name: string;
  /** Aborts when the lease is not held any more, or may not be; its reason says why. Also on `release`. */
  readonly lost: AbortSignal;
  /** Gives it back, so that another need not wait for its end. If the server cannot be told it expires by itself. */
  release(): Promise<void>;
}

interface HeldLeaseOptions extends LeaseHolder {
  bucket: LeaseBucket;
  name: string;
  ttlMs: number;
  /** performance.now() before the acquisition was sent. */
  acquiredAt: number;
}

const RENEWALS_PER_TTL = 3;
/** After a renewal without an answer the next one follows soon: one slow fsync must not cost the lease. */
const RENEW_AGAIN_MS = 100;
const MARGIN_SHARE = 0.1;

export class HeldLease implements Lease {
  readonly name: string;
  readonly holder: string;
  readonly epoch: number;
  readonly #bucket: LeaseBucket;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  readonly #renewing: Promise<void>;
  #revision: number;
  #expiry: NodeJS.Timeout | undefined;

  constructor({ bucket, name, holder, epoch, ttlMs, acquiredAt }: HeldLeaseOptions) {
    this.name = name;
    this.holder = holder;
    this.epoch = epoch;
    this.#bucket = bucket;
    this.#ttlMs = ttlMs;
    this.#revision = epoch;
    this.#validFrom(acquiredAt);
    this.#renewing = this.#renew();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    if (this.lost.aborted) return;
    this.#lose('was released');
    await this.#renewing; // a renewal under way would make the revision stale
    try {
      await this.#bucket.delete(this.name, this.#revision);
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error;
    }
  }

  async #renew(): Promise<void> {
    let pauseMs = this.#ttlMs / RENEWALS_PER_TTL;
    for (;;) {
      await pause(pauseMs, this.lost);
      if (this.lost.aborted) return;
      const sentAt = performance.now();
      try {
        const revision = await this.#writeOrAdopt();
        if (revision === undefined) {
          this.#lose('has expired or was taken by another');
          return;
        }
        this.#revision = revision;
        this.#validFrom(sentAt);
        pauseMs = this.#ttlMs / RENEWALS_PER_TTL;
      } catch (error) {
        // An outage may end before the lease does; anything else is a reason to stop relying on it.
        if (!(error instanceof LogUnavailableError)) this.#lose(`cannot be renewed: ${String(error)}`);
        pauseMs = RENEW_AGAIN_MS;
      }
    }
  }

  /** A refused renewal may follow one that was stored though its answer was lost: then the key still says this epoch. */
  async #writeOrAdopt(): Promise<number | undefined> {
    const value = { holder: this.holder, epoch: this.epoch };
    const revision = await this.#bucket.write(this.name, value, this.#revision);
    if (revision !== undefined) return revision;
    const current = await this.#bucket.read(this.name);
    if (current?.held?.epoch !== this.epoch || current.held.holder !== this.holder) return undefined;
    return this.#bucket.write(this.name, value, current.revision);
  }

  #validFrom(sentAt: number): void {
    if (this.lost.aborted) return;
    clearTimeout(this.#expiry);
    const validMs = sentAt + this.#ttlMs * (1 - MARGIN_SHARE) - performance.now();
    if (validMs <= 0) this.#lose('was not renewed in time');
    else this.#expiry = setTimeout(() => this.#lose('was not renewed in time'), validMs);
  }

  #lose(reason: string): void {
    clearTimeout(this.#expiry);
    this.#lost.abort(new Error(`lease ${this.name} of epoch ${this.epoch} ${reason}`));
  }
}
