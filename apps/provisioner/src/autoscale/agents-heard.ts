/** What agents say of their clusters, by their heartbeats: whether anything runs there. Lost ones do not matter. */
import type { NatsConnection } from '@nats-io/transport-node';
import { HEARTBEAT_INTERVAL_MS, heartbeatSchema, heartbeatSubject } from '@skyflow/contracts';
import type { Sighting } from '@skyflow/domain';

/** An agent that was not heard for so long says nothing any more. */
const SILENT_AFTER_MS = 10 * HEARTBEAT_INTERVAL_MS;

interface Heard {
  uid: string;
  /** The first of those that came without a gap, and the last. */
  sinceMs: number;
  atMs: number;
  /** Length of the idle time then, by the agent's own clock, ms; undefined: something ran. */
  idleMs: number | undefined;
}

export class AgentsHeard implements Disposable {
  private readonly heard = new Map<string, Heard>();
  private readonly subscription: { unsubscribe(): void };

  constructor(nats: Pick<NatsConnection, 'subscribe'>) {
    this.subscription = nats.subscribe(heartbeatSubject('*'), {
      callback: (error, message) => {
        if (error === null) this.hear(message.string());
      },
    });
  }

  [Symbol.dispose](): void {
    this.subscription.unsubscribe();
  }

  /** Undefined: not heard lately, or it does not reach the API either. */
  of({ name, uid }: { name: string; uid: string }, nowMs: number): Sighting['agent'] {
    const heard = this.heard.get(name);
    if (heard?.uid !== uid || nowMs > heard.atMs + SILENT_AFTER_MS) return undefined;
    return {
      heardSinceMs: heard.sinceMs,
      idleSinceMs: heard.idleMs === undefined ? undefined : heard.atMs - heard.idleMs,
    };
  }

  private hear(text: string): void {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return; // Not one of ours.
    }
    const { success, data } = heartbeatSchema.safeParse(body);
    if (!success) return;
    const { cluster, uid, reachable, at, idleSince } = data;
    if (reachable) {
      const idleMs = idleSince === undefined ? undefined : Math.max(0, at - idleSince);
      const atMs = Date.now();
      const sinceMs = this.of({ name: cluster, uid }, atMs)?.heardSinceMs ?? atMs;
      this.heard.set(cluster, { uid, sinceMs, atMs, idleMs });
    } else this.heard.delete(cluster);
  }
}
