/** Everything that the modules of the gateway are given from outside: connections, settings, and where they report. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import type { RateLimit } from '@skyflow/domain';
import type { EventLog, SnapshotStore } from '@skyflow/event-log';
import type { HealthServer, Logger, Metrics } from '@skyflow/service';
import type { FixedToken, Proof } from './access/authenticator.js';
import type { EnrolmentParts } from './access/enrolment.js';
import type { StreamLimits } from './access/stream-gate.js';
import type { Heartbeats } from './health/heartbeats.js';
import type { Keyring } from './secrets/keyring.js';

/** Options of the store: all that a part of the gateway needs that only reads and writes objects. */
export abstract class StoreOptions {
  abstract readonly log: EventLog;
  abstract readonly snapshots?: SnapshotStore;
  abstract readonly heartbeats: Pick<Heartbeats, 'liveness' | 'isConnected'>;
  /** `<service>/<instance>` */
  abstract readonly writer: string;
  /** Seals Secrets; absent: Secrets cannot be written. */
  abstract readonly keyring?: Keyring;
  abstract readonly warn: (line: string) => void;
}

export abstract class GatewayOptions extends StoreOptions {
  abstract override readonly heartbeats: Heartbeats;
  abstract readonly nats: NatsConnection;
  /** Replicas of the buckets that are kept at NATS beside the log. */
  abstract readonly replicas: number;
  abstract readonly instance: string;
  /** Fixed tokens, the admin's first. */
  abstract readonly tokens: readonly FixedToken[];
  /** Further ways of authentication. */
  abstract readonly proofs: readonly Proof[];
  abstract readonly streamLimits: StreamLimits;
  /** Limit of one user; absent: none. */
  abstract readonly rateLimit?: RateLimit;
  /** OpenID issuer that users sign in at; absent: none is set. */
  abstract readonly oidc?: { issuer: string; clientId: string; clientSecret?: string };
  /** Answer to agents that enrol. */
  abstract readonly agents: Pick<EnrolmentParts, 'nats' | 'renewMs'>;
  /** How long all must have announced a higher feature level before it is in force. */
  abstract readonly settleMs: number;
  abstract readonly logger: Logger;
  abstract readonly metrics: Metrics;
  abstract readonly health: Pick<HealthServer, 'check' | 'failures'>;
  abstract readonly onError: (error: unknown, about: object) => void;
  /** Ends the service: it cannot go on. */
  abstract readonly fail: (reason: string, error: unknown) => void;
  /** Aborts when the service begins to stop. */
  abstract readonly stopping: AbortSignal;
}

@Module({})
export class OptionsModule {
  /** Options for every module of an application. A part of the gateway without HTTP and agents needs those of its store only. */
  static with(options: StoreOptions | GatewayOptions): DynamicModule {
    const providers = [StoreOptions, GatewayOptions].map((provide) => ({ provide, useValue: options }));
    return { module: OptionsModule, global: true, providers, exports: providers };
  }
}
