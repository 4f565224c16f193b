/**
 * Signs of life of agents and services, as this process hears them over core NATS. Nothing here is kept. How long ago one was heard does not
 * depend on the clock, which may be set; times are told as that clock has it when they are asked for.
 */
import {
  FIRST_LEVEL,
  type Heartbeat,
  type ServiceHeartbeat,
  heartbeatSchema,
  heartbeatSubject,
  serviceHeartbeatSchema,
  serviceHeartbeatSubject,
} from '@skyflow/contracts';
import type { Announced, Liveness } from '@skyflow/domain';
import type { NatsConnection } from '@nats-io/transport-node';
import { NodeUsages } from './node-usages.js';

/** Silence after which what a cluster last said is not shown as current; a process that stands still for 5 s is no silence. */
const STALE_AFTER_MS = 7_000;
/** A service that was silent so long is not listed any more. */
const FORGET_AFTER_MS = 60_000;

export interface Heard<T> {
  heartbeat: T;
  /** ms since the epoch. */
  atMs: number;
}

interface Moment {
  /** By `performance.now()`. */
  at: number;
  /** ms since the epoch, as the clock was then. */
  atMs: number;
}

interface Kept<T> extends Moment {
  heartbeat: T;
}

/** What two clocks may differ by that nobody has set. */
const SET_MS = 1_000;

const moment = (): Moment => ({ at: performance.now(), atMs: Date.now() });

/** When that was as the clock is now, ms since the epoch. */
function onClock({ at, atMs }: Moment): number {
  const nowMs = Date.now() - (performance.now() - at);
  return Math.abs(nowMs - atMs) < SET_MS ? atMs : Math.round(nowMs);
}

export class Heartbeats {
  private readonly agents = new Map<string, Kept<Heartbeat>>();
  private readonly services = new Map<string, Kept<ServiceHeartbeat>>();
  /** By instance, also of agents that others have replaced: who was heard is there until it has been silent for long. */
  private readonly said = new Map<string, Kept<Omit<Announced, 'lastHeardMs'>>>();
  private listeningSince = moment();
  private connected = true;
  private readonly usages = new NodeUsages();

  /** Listens until the connection is closed. */
  listen(nats: NatsConnection): void {
    this.usages.listen(nats);
    nats.subscribe(heartbeatSubject('*'), {
      callback: (_error, { data }) => {
        const heard = hear(data, heartbeatSchema);
        if (heard === undefined) return;
        this.agents.set(heard.heartbeat.cluster, heard);
        this.note(agentName(heard.heartbeat.cluster), heard);
      },
    });
    nats.subscribe(serviceHeartbeatSubject('*'), {
      callback: (_error, { data }) => {
        const heard = hear(data, serviceHeartbeatSchema);
        if (heard === undefined) return;
        this.services.set(heard.heartbeat.instance, heard);
        this.note(heard.heartbeat.service, heard);
      },
    });
    void this.followConnection(nats);
  }

  /** Whether NATS is connected now. */
  get isConnected(): boolean {
    return this.connected;
  }

  /** What statuses are judged by, now. */
  liveness(): Liveness {
    return {
      nowMs: Date.now(),
      lastHeartbeatMs: (cluster, uid) => {
        const heard = this.agents.get(cluster);
        return heard?.heartbeat.uid === uid ? onClock(heard) : undefined;
      },
      nodeUsage: (cluster, uid) => this.usages.of(cluster, uid),
      listeningSinceMs: this.heardSinceMs,
      staleAfterMs: STALE_AFTER_MS,
    };
  }

  heardAgents(): readonly Heard<Heartbeat>[] {
    return [...this.agents.values()].map(toldOf);
  }

  /** Services heard lately, by name and instance. */
  heardServices(): readonly Heard<ServiceHeartbeat>[] {
    forget(this.services, FORGET_AFTER_MS);
    return [...this.services.values()].map(toldOf).sort((a, b) => (a.heartbeat.service < b.heartbeat.service ? -1 : 1));
  }

  /** Since when everybody who speaks is heard, ms since the epoch. */
  get heardSinceMs(): number {
    return onClock(this.listeningSince);
  }

  /** Who said which feature level it reads, within the last so many ms. */
  announced(withinMs: number): readonly Announced[] {
    forget(this.said, Math.max(withinMs, FORGET_AFTER_MS));
    return [...this.said.values()].map((kept) => ({ ...kept.heartbeat, lastHeardMs: onClock(kept) }));
  }

  private note(who: string, { heartbeat, ...heard }: Kept<Heartbeat | ServiceHeartbeat>): void {
    const { instance, version, level = FIRST_LEVEL } = heartbeat;
    const said = { who, instance, ...(version === undefined ? {} : { version }), level };
    this.said.set(instance, { heartbeat: said, ...heard });
  }

  private async followConnection(nats: NatsConnection): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect') this.connected = false;
      if (status.type === 'reconnect') {
        this.connected = true;
        this.listeningSince = moment();
      }
    }
    this.connected = false;
  }
}

/** What an agent is called where services are called by their names. */
export const agentName = (cluster: string): string => `agent of ${cluster}`;

const toldOf = <T>(kept: Kept<T>): Heard<T> => ({ heartbeat: kept.heartbeat, atMs: onClock(kept) });

/** Who has been silent for so long. */
function forget(kept: Map<string, Kept<unknown>>, silentMs: number): void {
  const oldest = performance.now() - silentMs;
  for (const [key, { at }] of kept) if (at < oldest) kept.delete(key);
}

interface Decoder<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

/** Undefined for what is no heartbeat: not one of ours. */
function hear<T>(data: Uint8Array, schema: Decoder<T>): Kept<T> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(data).toString('utf8')));
    return parsed.success ? { heartbeat: parsed.data, ...moment() } : undefined;
  } catch {
    return undefined;
  }
}
