/** What the Nest routes work with. */
import type { Metrics, HealthServer } from '@skyflow/service';
import type { EventLog } from '@skyflow/event-log';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LevelKeeper } from './features/level-keeper.js';
import type { Gateway } from './gateway.js';
import type { Heartbeats } from './health/heartbeats.js';

/** Injection token of {@link GatewayParts}. */
export const GATEWAY_PARTS = Symbol('GatewayParts');

export interface GatewayParts {
  gateway: Gateway;
  log: EventLog;
  nats: NatsConnection;
  heartbeats: Heartbeats;
  level: LevelKeeper;
  metrics: Metrics;
  health: Pick<HealthServer, 'failures'>;
  instance: string;
  /** Where people of an OpenID issuer log in; absent: none is set. */
  oidc?: { issuer: string; clientId: string; clientSecret?: string };
  /** The OpenAPI document, as JSON. */
  openApi: () => string;
  /** Aborts when the gateway stops. */
  stopping: AbortSignal;
}
