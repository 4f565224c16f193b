/**
 * The answers that stay open: watches, streams, followed logs, connections into pods. So many for one user and for all together; and each
 * is looked at again when roles, users or tokens change, so that a right that was taken away does not live on in an open connection.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StatusError } from '@skyflow/apimachinery';
import { type Identity, isMaster } from '@skyflow/domain';

export interface StreamLimits {
  readonly perUser: number;
  readonly inAll: number;
}

export interface OpenAnswer {
  readonly identity: Identity;
  /** Whether it may go on: an error ends it with that, `changed` ends it so that the reader asks again, undefined leaves it. */
  readonly review: () => StatusError | 'changed' | undefined;
  readonly end: (why?: StatusError) => void;
}

export const STREAM_LIMITS: StreamLimits = { perUser: 500, inAll: 10_000 };
const RETRY_AFTER_SECONDS = 10;
/** Others get their turn while many are looked at. */
const REVIEWED_PER_TURN = 250;

export class StreamGate {
  private readonly open = new Set<OpenAnswer>();
  private readonly byUser = new Map<string, number>();
  private due = false;
  private reviewing: Promise<void> | undefined;

  /** Admins have no limit: they must be able to see to a flood. */
  constructor(private readonly limits: StreamLimits) {}

  get count(): number {
    return this.open.size;
  }

  /** Returns what is to be called at its end. @throws StatusError 429 */
  add(answer: OpenAnswer): () => void {
    const { name } = answer.identity;
    const own = this.byUser.get(name) ?? 0;
    if (!isMaster(answer.identity)) {
      if (own >= this.limits.perUser)
        throw tooMany(`user "${name}" has ${own} streams open, the most that one may have`);
      if (this.open.size >= this.limits.inAll)
        throw tooMany(`${this.open.size} streams are open, the most there may be`);
    }
    this.open.add(answer);
    this.byUser.set(name, own + 1);
    return () => this.remove(answer);
  }

  /** Looks at all of them again, once more if it is called meanwhile. */
  review(): Promise<void> {
    this.due = true;
    this.reviewing ??= this.reviewAll().finally(() => (this.reviewing = undefined));
    return this.reviewing;
  }

  private async reviewAll(): Promise<void> {
    while (this.due) {
      this.due = false;
      let looked = 0;
      for (const answer of [...this.open]) {
        const verdict = answer.review();
        if (verdict !== undefined) answer.end(verdict === 'changed' ? undefined : verdict);
        if ((looked += 1) % REVIEWED_PER_TURN === 0) await nextTurn();
      }
    }
  }

  private remove(answer: OpenAnswer): void {
    if (!this.open.delete(answer)) return;
    const { name } = answer.identity;
    const left = (this.byUser.get(name) ?? 1) - 1;
    if (left === 0) this.byUser.delete(name);
    else this.byUser.set(name, left);
  }
}

function tooMany(what: string): StatusError {
  const text = `too many watches, logs and connections: ${what}; end some, or come again in ${RETRY_AFTER_SECONDS} s`;
  return new StatusError(429, 'TooManyRequests', text, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
