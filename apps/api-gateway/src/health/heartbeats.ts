/** Signs of life of agents and services, as this process hears them over core NATS. Nothing here is kept. */
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
  atMs: number;
}

export class Heartbeats {
  private readonly agents = new Map<string, Heard<Heartbeat>>();
  private readonly services = new Map<string, Heard<ServiceHeartbeat>>();
  /** By instance, also of agents that others have replaced: who was heard is there until it has been silent for long. */
  private readonly said = new Map<string, Announced>();
  private listeningSinceMs = Date.now();
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
        return heard?.heartbeat.uid === uid ? heard.atMs : undefined;
      },
      nodeUsage: (cluster, uid) => this.usages.of(cluster, uid),
      listeningSinceMs: this.listeningSinceMs,
      staleAfterMs: STALE_AFTER_MS,
    };
  }

  heardAgents(): readonly Heard<Heartbeat>[] {
    return [...this.agents.values()];
  }

  /** Services heard lately, by name and instance. */
  heardServices(): readonly Heard<ServiceHeartbeat>[] {
    const oldest = Date.now() - FORGET_AFTER_MS;
    for (const [instance, { atMs }] of this.services) if (atMs < oldest) this.services.delete(instance);
    return [...this.services.values()].sort((a, b) => (a.heartbeat.service < b.heartbeat.service ? -1 : 1));
  }

  /** Since when everybody who speaks is heard, ms since the epoch. */
  get heardSinceMs(): number {
    return this.listeningSinceMs;
  }

  /** Who said which feature level it reads, within the last so many ms. */
  announced(withinMs: number): readonly Announced[] {
    const oldest = Date.now() - Math.max(withinMs, FORGET_AFTER_MS);
    for (const [instance, { lastHeardMs }] of this.said) if (lastHeardMs < oldest) this.said.delete(instance);
    return [...this.said.values()];
  }

  private note(who: string, { heartbeat, atMs }: Heard<Heartbeat | ServiceHeartbeat>): void {
    const { instance, version, level = FIRST_LEVEL } = heartbeat;
    this.said.set(instance, {
      who,
      instance,
      ...(version === undefined ? {} : { version }),
      level,
      lastHeardMs: atMs,
    });
  }

  private async followConnection(nats: NatsConnection): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect') this.connected = false;
      if (status.type === 'reconnect') {
        this.connected = true;
        this.listeningSinceMs = Date.now();
      }
    }
    this.connected = false;
  }
}

/** What an agent is called where services are called by their names. */
export const agentName = (cluster: string): string => `agent of ${cluster}`;

interface Decoder<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

/** Undefined for what is no heartbeat: not one of ours. */
function hear<T>(data: Uint8Array, schema: Decoder<T>): Heard<T> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(data).toString('utf8')));
    return parsed.success ? { heartbeat: parsed.data, atMs: Date.now() } : undefined;
  } catch {
    return undefined;
  }
}
