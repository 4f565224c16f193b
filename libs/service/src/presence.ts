/** A service's sign of life on core NATS: the gateway shows it in /status. Lost ones do not matter: the next comes in five seconds. */
import { HEARTBEAT_INTERVAL_MS, serviceHeartbeatSubject, type ServiceHeartbeat } from '@skyflow/contracts';
import { readingLevel } from '@skyflow/event-log';
import type { z } from 'zod';
import type { ServiceContext } from './service-context.js';
import { SERVICE_VERSION } from './version.js';

export interface PresenceState {
  active: boolean;
  foldedSeq: number;
}

/** Announces the service until it stops. `state` is asked each time. */
export function announcePresence<S extends z.ZodRawShape>(
  context: ServiceContext<S>,
  state: () => PresenceState,
): void {
  const announce = (): void => {
    if (context.nats.isClosed()) return;
    const heartbeat: ServiceHeartbeat = {
      service: context.name,
      instance: context.instance,
      at: Date.now(),
      version: SERVICE_VERSION,
      level: readingLevel(),
      failures: context.health.failures(),
      ...state(),
    };
    context.nats.publish(serviceHeartbeatSubject(context.name), JSON.stringify(heartbeat));
  };
  announce();
  const timer = setInterval(announce, HEARTBEAT_INTERVAL_MS * 5);
  context.onStop('presence', () => clearInterval(timer));
}
