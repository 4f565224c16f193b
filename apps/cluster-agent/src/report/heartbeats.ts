/** The agent's sign of life on core NATS, every second, and at once when reachability changes. Lost ones do not matter. */
import { HEARTBEAT_INTERVAL_MS, heartbeatSubject, type Heartbeat } from '@skyflow/contracts';
import { readingLevel } from '@skyflow/event-log';
import { SERVICE_VERSION } from '@skyflow/service';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ReachabilityState } from '../cluster/reachability.js';

export interface HeartbeatOptions {
  nats: NatsConnection;
  cluster: string;
  clusterUid: string;
  instance: string;
  reachability: () => ReachabilityState | undefined;
  workSeq: () => number;
  idleSince: () => number | undefined;
  nowMs: () => number;
}

export class Heartbeats {
  private timer: NodeJS.Timeout | undefined;
  private connected = true;

  constructor(private readonly options: HeartbeatOptions) {}

  /** Whether what is published now goes out now. */
  get isConnected(): boolean {
    return this.connected && !this.options.nats.isClosed();
  }

  start(): void {
    void this.followConnection();
    this.beat();
    this.timer = setInterval(() => this.beat(), HEARTBEAT_INTERVAL_MS);
  }

  beat(): void {
    const { nats, cluster, clusterUid, instance, reachability, workSeq, idleSince, nowMs } = this.options;
    // What is published while disconnected would arrive all at once later and be a lie by then.
    if (!this.isConnected) return;
    const state = reachability();
    // Nothing is known yet of the cluster's API: an agent that was only restarted must not make its cluster look unreachable.
    if (state === undefined) return;
    const { message } = state;
    const idle = idleSince();
    const heartbeat: Heartbeat = {
      cluster,
      uid: clusterUid,
      instance,
      at: nowMs(),
      reachable: state.reachable,
      ...(message === '' ? {} : { message }),
      workSeq: workSeq(),
      ...(idle === undefined ? {} : { idleSince: idle }),
      version: SERVICE_VERSION,
      level: readingLevel(),
    };
    nats.publish(heartbeatSubject(cluster), JSON.stringify(heartbeat));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async followConnection(): Promise<void> {
    for await (const status of this.options.nats.status()) {
      if (status.type === 'disconnect') this.connected = false;
      if (status.type === 'reconnect') {
        this.connected = true;
        this.beat();
      }
    }
  }
}
