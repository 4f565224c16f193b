/** Counts requests by user, and by address of those who are nobody yet; says 429 and when to come again. */
import { StatusError } from '@skyflow/apimachinery';
import { type Identity, type RateLimit, type RateRecord, isMaster, spend } from '@skyflow/domain';

/** Remembered at most; beyond that all begin anew. */
const MOST_RECORDS = 50_000;
/** Logins, registrations, wrong tokens: guesses. */
const STRANGERS: RateLimit = { perSecond: 20, burst: 200 };

export class RateGate {
  private readonly records = new Map<string, RateRecord>();

  /** @param users undefined: no limit. Admins have none in any case: they must be able to see to a flood. */
  constructor(
    private readonly users: RateLimit | undefined,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws StatusError 429 */
  known(identity: Identity): void {
    if (this.users !== undefined && !isMaster(identity)) this.count(`user ${identity.name}`, this.users);
  }

  /** @throws StatusError 429 */
  stranger(address: string): void {
    this.count(`address ${address}`, STRANGERS);
  }

  private count(who: string, limit: RateLimit): void {
    const next = spend(this.records.get(who), limit, this.nowMs());
    if (this.records.size >= MOST_RECORDS) this.records.clear();
    this.records.set(who, next);
    if (next.waitMs === 0) return;
    const text = `too many requests: ${who} may send ${String(limit.perSecond)} per second; wait ${String(next.waitMs)} ms`;
    throw new StatusError(429, 'TooManyRequests', text, { retryAfterSeconds: Math.ceil(next.waitMs / 1000) });
  }
}
