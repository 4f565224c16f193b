/**
 * Start and stop of a service process, the same for all: environment, logger, health page, NATS, signals, a deadline for
 * stopping. Everything a service opens it hands to `onStop`, and it is closed in reverse order.
 */
import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  loadResource,
  metricsEnvironment,
  metricsUrl,
  startTracing,
  tracingEnvironment,
  type Identity,
  type MetricsSettings,
  type TracingSettings,
} from '@skyflow/telemetry';
import { readAtLevel, readingLevel } from '@skyflow/event-log';
import type { z } from 'zod';
import { EnvironmentError, readEnvironment, serviceEnvironment } from './environment.js';
import { HealthServer } from './health-server.js';
import { createLogger, type Logger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { MetricsCollector } from './otel-instruments.js';
import { connectNats, type NatsOptions } from './nats-connection.js';
import { readFlags, usage } from './settings-flags.js';
import { logWarnings } from './node-warnings.js';
import { printSettings } from './print-settings.js';
import { SERVICE_VERSION } from './version.js';

const STOP_WITHIN_MS = 5_000;

const telemetryEnvironment = { ...tracingEnvironment, ...metricsEnvironment };
type TelemetrySettings = TracingSettings & MetricsSettings;
type CommonEnvironment = z.infer<z.ZodObject<typeof serviceEnvironment>>;

/** A process without a connection to NATS of ours: see {@link runProcess}. */
export interface ProcessContext<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  /** Unique per process; `<name>/<instance>` is the `writer` of its commits. */
  readonly instance: string;
  /** Settings that every service has. */
  readonly environment: CommonEnvironment;
  /** Settings of this service. */
  readonly settings: z.infer<z.ZodObject<S>>;
  readonly logger: Logger;
  readonly health: HealthServer;
  readonly metrics: Metrics;
  /** Aborts when the service is asked to stop. */
  readonly stopping: AbortSignal;
  /** Runs at stop, last registered first. */
  onStop(what: string, close: () => Promise<void> | void): void;
  /** Ends the process in an orderly way, as SIGTERM does. */
  stop(reason: string, exitCode?: number): void;
}

export interface ServiceContext<S extends z.ZodRawShape = z.ZodRawShape> extends ProcessContext<S> {
  readonly nats: NatsConnection;
}

export interface ServiceOptions<S extends z.ZodRawShape> {
  name: string;
  /** Environment variables that this service reads besides the common ones. */
  settings: S;
  /** Words of the command line that are settings. Default: all. */
  args?: readonly string[];
  /** How long it may take to stop, ms; then it is ended as it is. Default 5,000. */
  stopWithinMs?: number;
}

/**
 * Runs a service: `start` builds it on the context and returns when it is up; the process ends on SIGTERM, SIGINT, or when
 * the process that started it goes away (SKYFLOW_EXIT_WITH_PARENT=stdin).
 */
export function runService<S extends z.ZodRawShape>(
  options: ServiceOptions<S>,
  start: (context: ServiceContext<S>) => Promise<void>,
): Promise<void> {
  return runProcess(options, async (context) => {
    const { environment, logger } = context;
    const { url, ...access } = natsAccess(environment);
    const name = `${context.name}/${context.instance}`;
    const connecting = connectNats({ url, ...access, service: context.name, name, logger });
    let reason: string | undefined = `no connection to ${url} yet`;
    context.health.check('nats', () => reason);
    const nats = await connecting;
    reason = undefined;
    void followConnection(nats, (why) => (reason = why));
    context.onStop('nats', () => nats.close());
    await start({ ...context, nats });
  });
}

/** Tells why NATS cannot be spoken to, and undefined when it can again. */
async function followConnection(nats: NatsConnection, tell: (why: string | undefined) => void): Promise<void> {
  for await (const { type } of nats.status()) {
    if (type === 'disconnect') tell('the connection to NATS is lost; reconnecting');
    if (type === 'reconnect') tell(undefined);
  }
  tell('connection closed');
}

/** Like {@link runService} for a process that must work while NATS is away too, or has no need of it: it connects itself, or not at all. */
export async function runProcess<S extends z.ZodRawShape>(
  options: ServiceOptions<S>,
  start: (context: ProcessContext<S>) => Promise<void>,
): Promise<void> {
  const { environment, settings, telemetry } = environmentOrExit(options);
  readAtLevel({ level: environment.SKYFLOW_FEATURE_LEVEL, version: SERVICE_VERSION });
  const instance = `${process.pid}-${randomBytes(3).toString('hex')}`;
  const logger = createLogger(options.name, instance, environment.SKYFLOW_LOG_LEVEL);
  logWarnings(logger);
  const lifecycle = new Lifecycle(logger, options.stopWithinMs ?? STOP_WITHIN_MS);
  lifecycle.listen();

  const identity = { service: options.name, instance, version: SERVICE_VERSION };
  const tracing = await startTracing(identity, telemetry, (detail) => logger.warn({ detail }, 'telemetry'));
  if (tracing !== undefined) lifecycle.onStop('tracing', () => tracing.close());
  const metrics = createMetrics(options.name, await collectorOf(identity, telemetry));
  lifecycle.onStop('metrics', () => metrics.close());
  const health = new HealthServer(metrics);
  let started = false;
  health.check('start', () => (started ? undefined : 'starting'));
  const port = await health.listen(environment.SKYFLOW_HEALTH_PORT, environment.SKYFLOW_HEALTH_HOST);
  lifecycle.onStop('health', () => health.close());
  logger.info(
    { healthPort: port, nats: environment.SKYFLOW_NATS_URL, version: SERVICE_VERSION, featureLevel: readingLevel() },
    'starting',
  );

  try {
    await start({
      name: options.name,
      instance,
      environment,
      settings,
      logger,
      health,
      metrics,
      stopping: lifecycle.stopping,
      onStop: (what, close) => lifecycle.onStop(what, close),
      stop: (reason, exitCode) => void lifecycle.stop(reason, exitCode),
    });
    started = true;
    logger.info('started');
  } catch (error) {
    if (lifecycle.stopping.aborted) return;
    logger.fatal({ err: error }, 'could not start');
    await lifecycle.stop('start failed', 1);
  }
}

/** Undefined: metrics are only read at /metrics. */
async function collectorOf(identity: Identity, settings: TelemetrySettings): Promise<MetricsCollector | undefined> {
  const url = metricsUrl(settings);
  if (url === undefined) return undefined;
  const { OTEL_METRIC_EXPORT_INTERVAL: intervalMs, OTEL_METRIC_EXPORT_TIMEOUT: timeoutMs } = settings;
  return { url, resource: await loadResource(identity), intervalMs, timeoutMs };
}

function environmentOrExit<S extends z.ZodRawShape>(
  options: ServiceOptions<S>,
): { environment: CommonEnvironment; settings: z.infer<z.ZodObject<S>>; telemetry: TelemetrySettings } {
  // Together, so that all that is wrong is said at once.
  const shape = { ...serviceEnvironment, ...telemetryEnvironment, ...options.settings };
  try {
    const args = options.args ?? process.argv.slice(2);
    if (args.includes('--help')) {
      process.stdout.write(usage(options.name, shape));
      process.exit(0);
    }
    const flags = readFlags(args, shape);
    const all = readEnvironment(shape, process.env, flags) as Record<string, unknown>;
    if (args.includes('--print-config')) {
      process.stdout.write(printSettings(shape, all, process.env, flags));
      process.exit(0);
    }
    const of = (part: z.ZodRawShape): unknown => Object.fromEntries(Object.keys(part).map((name) => [name, all[name]]));
    return {
      environment: of(serviceEnvironment) as CommonEnvironment,
      settings: of(options.settings) as z.infer<z.ZodObject<S>>,
      telemetry: of(telemetryEnvironment) as TelemetrySettings,
    };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${options.name}: ${error.message}\n`);
    process.exit(2);
  }
}

/** How many copies of the log there are to be, for whoever opens it: nothing where nothing was said. */
export const logReplicas = ({ SKYFLOW_NATS_REPLICAS: replicas }: CommonEnvironment): { replicas?: number } =>
  replicas === undefined ? {} : { replicas };

/** How NATS is reached, from the environment. */
export const natsAccess = (
  environment: CommonEnvironment,
): Pick<NatsOptions, 'url' | 'token' | 'keyFile' | 'caFile'> => ({
  url: environment.SKYFLOW_NATS_URL,
  token: environment.SKYFLOW_NATS_TOKEN,
  keyFile: environment.SKYFLOW_NATS_KEY_FILE,
  caFile: environment.SKYFLOW_NATS_CA_FILE,
});

class Lifecycle {
  private readonly controller = new AbortController();
  private readonly closers: { what: string; close: () => Promise<void> | void }[] = [];
  private ending: Promise<void> | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly stopWithinMs: number,
  ) {}

  get stopping(): AbortSignal {
    return this.controller.signal;
  }

  onStop(what: string, close: () => Promise<void> | void): void {
    this.closers.push({ what, close });
  }

  listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop(signal));
    process.on('uncaughtException', (error) => this.die(error, 'uncaught exception'));
    process.on('unhandledRejection', (error) => this.die(error, 'unhandled rejection'));
    if (process.env.SKYFLOW_EXIT_WITH_PARENT === 'stdin') {
      process.stdin.on('end', () => void this.stop('the process that started this one is gone'));
      process.stdin.on('error', () => void this.stop('the process that started this one is gone'));
      process.stdin.resume();
    }
  }

  stop(reason: string, exitCode = 0): Promise<void> {
    this.ending ??= this.end(reason, exitCode);
    return this.ending;
  }

  private async end(reason: string, exitCode: number): Promise<void> {
    this.logger.info({ reason }, 'stopping');
    const deadline = setTimeout(() => {
      this.logger.error({ deadlineMs: this.stopWithinMs }, 'did not stop in time; ending');
      process.exit(exitCode === 0 ? 1 : exitCode);
    }, this.stopWithinMs);
    this.controller.abort(new Error(reason));
    for (const { what, close } of this.closers.reverse()) {
      try {
        await close();
      } catch (error) {
        this.logger.warn({ err: error, what }, 'could not close');
      }
    }
    clearTimeout(deadline);
    process.exit(exitCode);
  }

  private die(error: unknown, what: string): void {
    this.logger.fatal({ err: error }, what);
    process.exit(1);
  }
}
