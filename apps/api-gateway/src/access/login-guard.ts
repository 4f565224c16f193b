/** Counts failed logins by user and by address, and says how long to wait. In memory: a restart forgives, and the log is not filled. */
import { type LockoutRecord, afterFailure, isForgotten, lockedForMs } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';

/** Who is remembered at most; beyond that the oldest is forgotten. */
const MOST_RECORDS = 50_000;
/** An address may stand for many people. */
const FAILURES_PER_ADDRESS = 10;

export class LoginGuard {
  private readonly users = new Map<string, LockoutRecord>();
  private readonly addresses = new Map<string, LockoutRecord>();

  constructor(private readonly nowMs: () => number = Date.now) {}

  /** @throws StatusError 429 while the user or the address is locked out. */
  check(user: string, address: string): void {
    const now = this.nowMs();
    const byAddress = this.addresses.get(address);
    const spread = byAddress && { ...byAddress, failures: Math.floor(byAddress.failures / FAILURES_PER_ADDRESS) };
    const waitMs = Math.max(lockedForMs(this.users.get(user), now), lockedForMs(spread, now));
    if (waitMs === 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new StatusError(429, 'TooManyRequests', `too many failed logins; try again in ${seconds} s`, {
      retryAfterSeconds: seconds,
    });
  }

  failed(user: string, address: string): void {
    this.note(this.users, user);
    this.note(this.addresses, address);
  }

  succeeded(user: string): void {
    this.users.delete(user);
  }

  private note(records: Map<string, LockoutRecord>, key: string): void {
    const now = this.nowMs();
    const record = afterFailure(records.get(key), now);
    records.delete(key);
    records.set(key, record);
    if (records.size <= MOST_RECORDS) return;
    for (const [oldest, each] of records) {
      if (records.size <= MOST_RECORDS && !isForgotten(each, now)) break;
      records.delete(oldest);
    }
  }
}
