/** What every service process is made of: start and stop, settings, logging, health, metrics, the active role. */
export { readEnvironment, EnvironmentError, serviceEnvironment } from './environment.js';
export { createLogger, nestLogger, type Logger } from './logger.js';
export { createMetrics, type Metrics, type Observed } from './metrics.js';
export type { HistogramOptions, TracedHistogram } from './exemplars.js';
export { timeRequests } from './request-metrics.js';
export type { Operation, OperationOptions } from './operations.js';
export { logMetrics, timeAppends } from './log-metrics.js';
export { HealthServer, type ReadinessCheck } from './health-server.js';
export { connectNats, serverNames, type NatsOptions } from './nats-connection.js';
export {
  logReplicas,
  natsAccess,
  runProcess,
  runService,
  type ProcessContext,
  type ServiceContext,
  type ServiceOptions,
} from './service-context.js';
export { startNestContext } from './nest-service.js';
export { SERVICE_CONTEXT } from './service-token.js';
export { startDecider, untilAborted, type DeciderOptions, type DeciderParts } from './decider.js';
export { announcePresence, type PresenceState } from './presence.js';
export { SERVICE_VERSION } from './version.js';
export { openPersistently } from './persistent-open.js';
export { WakeUp } from './wake-up.js';
