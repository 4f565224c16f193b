/**
 * The agent's half that faces the control plane: NATS, the log, heartbeats, requests. It is away for as long as NATS is, and
 * comes back by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { serveStreams, type StreamHandler } from '@skyflow/agent-link';
import {
  agentRequestSubject,
  unsealReplySchema,
  unsealSubject,
  type AgentVerb,
  type UnsealReply,
} from '@skyflow/contracts';
import { FeatureLevelError, JetStreamEventLog, LogUnavailableError, type EventLog } from '@skyflow/event-log';
import { Backoff } from '@skyflow/kube-client';
import { connectNats, serverNames, type Logger, type Metrics, type NatsOptions, timeAppends } from '@skyflow/service';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { ReachabilityState } from '../cluster/reachability.js';
import type { DesiredSource } from '../desired/desired-source.js';
import { Heartbeats } from '../report/heartbeats.js';
import { ObservationWriter } from '../report/observation-writer.js';
import type { ServedCluster } from '../serve/pod-of-ours.js';
import { connectHandler } from '../serve/serve-connect.js';
import { eventsHandler } from '../serve/serve-events.js';
import { logsHandler } from '../serve/serve-logs.js';
import { meshHandler, type ServeMeshOptions } from '../serve/serve-mesh.js';
import { podsHandler } from '../serve/serve-pods.js';

/** How the control plane is reached. */
export interface ControlAccess extends Pick<NatsOptions, 'url' | 'token' | 'keyFile' | 'caFile'> {
  /** With the rights of an agent only: the log is read through a gateway. */
  isAgentOnly: boolean;
}

export interface ControlSideOptions {
  cluster: string;
  clusterUid: string;
  /** Process instance. */
  instance: string;
  /** How NATS is reached; undefined: the agent stops before that is known. */
  nats: () => Promise<ControlAccess | undefined>;
  source: DesiredSource;
  session: () => ClusterSession | undefined;
  reachability: () => ReachabilityState | undefined;
  idleSince: () => number | undefined;
  knownGoodAt: () => number;
  mesh: ServeMeshOptions['mesh'];
  /** The log is there for the first time. */
  onReady: () => void;
  logger: Logger;
  metrics: Metrics;
  signal: AbortSignal;
}

/** Reports under way at stop have this long. */
const FLUSH_MS = 2_000;
/** A gateway answers from memory. */
const UNSEAL_MS = 3_000;
const LOG_RETRY = { baseMs: 200, capMs: 5_000 };

export class ControlSide {
  private heartbeats: Heartbeats | undefined;
  private observations: ObservationWriter | undefined;
  private connection: NatsConnection | undefined;
  /** Where NATS is, once that is known. */
  private servers: string | undefined;
  private log: EventLog | undefined;
  private serving: Promise<unknown> | undefined;

  constructor(private readonly options: ControlSideOptions) {}

  get writer(): ObservationWriter | undefined {
    return this.observations;
  }

  /** Why the control plane is not there, for /readyz. */
  get trouble(): string | undefined {
    if (this.connection === undefined) {
      return this.servers === undefined ? 'not let in by a gateway yet' : `no connection to NATS (${this.servers}) yet`;
    }
    return this.observations === undefined ? 'the log is not folded yet' : undefined;
  }

  /** Reachability changed: the next heartbeat should not wait. */
  beat(): void {
    this.heartbeats?.beat();
  }

  /** Core NATS; what is said while it is away is lost. */
  publish(subject: string, text: string): void {
    if (this.heartbeats?.isConnected === true) this.connection?.publish(subject, text);
  }

  /** Asks a gateway for the key of a Secret. Rejects while there is none to be asked. */
  async askForKey(request: object): Promise<UnsealReply> {
    if (this.connection === undefined) throw new Error('the control plane is away');
    const subject = unsealSubject(this.options.cluster);
    const message = await this.connection.request(subject, JSON.stringify(request), { timeout: UNSEAL_MS });
    return unsealReplySchema.parse(message.json());
  }

  /** Connects, folds, serves. Rejects when the log cannot be used: broken, or written by a newer version. */
  async run(): Promise<void> {
    const { cluster, clusterUid, instance, nats, logger, signal, source, reachability, idleSince } = this.options;
    const access = await nats();
    if (access === undefined) return;
    this.servers = serverNames(access.url);
    const connection = await connectNats({ ...access, name: `cluster-agent/${cluster}/${instance}`, logger });
    if (signal.aborted) return connection.close();
    this.connection = connection;
    this.heartbeats = new Heartbeats({
      nats: connection,
      cluster,
      clusterUid,
      instance,
      reachability,
      workSeq: () => source.workSeq,
      idleSince,
      nowMs: Date.now,
    });
    this.heartbeats.start();
    this.serving = this.serve(connection);
    const log = await this.openLog(connection, access.isAgentOnly);
    if (log === undefined) return;
    this.log = log;
    const projection = await source.follow(log);
    this.observations = new ObservationWriter({
      cluster,
      clusterUid,
      log,
      projection,
      writer: `cluster-agent/${instance}`,
      nowMs: Date.now,
    });
    logger.info({ workloads: projection.state.desired.work.size, seq: projection.seq }, 'desired state folded');
    this.options.onReady();
    await projection.done;
  }

  /** After the signal aborted: last reports go out, then the connection is closed. */
  async close(): Promise<void> {
    await this.observations?.close(FLUSH_MS);
    this.heartbeats?.stop();
    await this.serving;
    await this.options.source.close();
    await this.log?.close();
    await this.connection?.close();
  }

  private serve(nats: NatsConnection): Promise<unknown> {
    const { cluster, session, knownGoodAt, mesh, reachability, signal } = this.options;
    const served: ServedCluster = {
      cluster,
      session,
      unreachable: () => {
        const state = reachability();
        return state?.reachable === false ? state.message : undefined;
      },
    };
    const answers: Record<AgentVerb, StreamHandler> = {
      pods: podsHandler({ ...served, knownGoodAt }),
      logs: logsHandler(served),
      connect: connectHandler(served),
      mesh: meshHandler({ cluster, mesh }),
      events: eventsHandler({ cluster, session, knownGoodAt, stopping: signal }),
    };
    return Promise.all(
      Object.entries(answers).map(([verb, handler]) =>
        serveStreams(nats, agentRequestSubject(cluster, verb as AgentVerb), handler, { signal }),
      ),
    );
  }

  /** Waits until the log can be opened. Undefined: the signal aborted. @throws FeatureLevelError this agent is too old for it */
  private async openLog(connection: NatsConnection, isAgentOnly: boolean): Promise<EventLog | undefined> {
    const { cluster, logger, metrics, signal } = this.options;
    const backoff = new Backoff(LOG_RETRY);
    while (!signal.aborted) {
      try {
        return await JetStreamEventLog.open({
          connection,
          timeAppend: timeAppends(metrics),
          ...(isAgentOnly ? { agentOf: cluster } : {}),
        });
      } catch (error) {
        if (error instanceof FeatureLevelError) throw error;
        logger.warn({ err: error }, 'the log is not there yet');
        if (error instanceof LogUnavailableError) await backoff.pause(signal);
        else await delay(LOG_RETRY.capMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}
