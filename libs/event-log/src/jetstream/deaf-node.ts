/**
 * Leaves a node of NATS that answers no question about streams while others of its cluster may. One that is cut off from the others answers
 * pings and sends the heartbeats of its consumers, so its clients would stay with it for as long as that lasts, and so would their leases end.
 */
import type { NatsConnection } from '@nats-io/transport-node';

/** Longer than an election takes (nats-server: 4 to 9 s), during which no node has an answer. */
const LEAVE_MS = 10_000;
/** Between one leave and the next: where no node has an answer, going round makes nothing better. */
const MOST_MS = 60_000;

/** When to leave; times in ms of a monotonic clock. Pure. */
export class Deafness {
  #since: number | undefined;
  #leaveAfterMs = LEAVE_MS;

  answered(): void {
    this.#since = undefined;
    this.#leaveAfterMs = LEAVE_MS;
  }

  /** @returns whether the node should be left now; who leaves counts anew, and waits twice as long. */
  unanswered(askedAt: number, now: number): boolean {
    this.#since ??= askedAt;
    if (now - this.#since < this.#leaveAfterMs) return false;
    this.#since = undefined;
    this.#leaveAfterMs = Math.min(2 * this.#leaveAfterMs, MOST_MS);
    return true;
  }
}

/** One for each connection, whoever asks over it. */
const listeners = new WeakMap<NatsConnection, Deafness>();

export class DeafNode {
  readonly #deafness: Deafness;

  constructor(private readonly connection: NatsConnection) {
    const known = listeners.get(connection) ?? new Deafness();
    listeners.set(connection, known);
    this.#deafness = known;
  }

  answered(): void {
    this.#deafness.answered();
  }

  /** Connects to another node if this one has been deaf for long and there is another. @param askedAt as `performance.now()` has it */
  unanswered(askedAt: number): void {
    if (!this.#deafness.unanswered(askedAt, performance.now())) return;
    if (hasOthers(this.connection)) void leave(this.connection);
  }
}

/** Requests under way end with the connection, as if the node had gone. */
async function leave(connection: NatsConnection): Promise<void> {
  const deaf = connection.getServer();
  const statuses = connection.status();
  void connection.reconnect();
  let again = true;
  for await (const { type } of statuses) {
    if (type !== 'reconnect') continue;
    // The client's list begins with the one that it connected to first: it may come back to that once.
    if (connection.getServer() !== deaf || !again) return;
    again = false;
    void connection.reconnect();
  }
}

function hasOthers(connection: NatsConnection): boolean {
  const { servers } = (connection as { options?: { servers?: string | string[] } }).options ?? {};
  const named = Array.isArray(servers) ? servers.length : 1;
  return Math.max(named, connection.info?.connect_urls?.length ?? 0) > 1;
}
