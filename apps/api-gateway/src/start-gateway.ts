/** The gateway as a service: opens the log, serves at once (503 until the log is folded), stops in order. */
import {
  announcePresence,
  logMetrics,
  logReplicas,
  nestLogger,
  openPersistently,
  timeAppends,
  type ServiceContext,
} from '@skyflow/service';
import { FileSnapshotStore, JetStreamEventLog } from '@skyflow/event-log';
import { readFileSync } from 'node:fs';
import { STREAM_LIMITS } from './access/stream-gate.js';
import type { AgentNats } from './access/enrolment.js';
import { Gateway } from './gateway.js';
import type { GatewayParts } from './gateway-parts.js';
import { GatewayModule } from './gateway.module.js';
import { proofsOf } from './access/proofs.js';
import { historyMetrics } from './health/history-metrics.js';
import { agentMetrics, foldMetrics, requestMetrics } from './health/gateway-metrics.js';
import { LevelKeeper } from './features/level-keeper.js';
import { expectedAgents } from './features/expected-agents.js';
import { Heartbeats } from './health/heartbeats.js';
import { Keyring } from './secrets/keyring.js';
import { openApiDocument } from './docs/openapi-document.js';
import { type RunningHttpServer, startHttpServer } from './http/http-server.js';
import { ServedCertificate, certificateMetrics } from './http/served-certificate.js';
import { readTlsFiles } from './http/tls-files.js';
import { readTokens } from './http/tokens.js';
import type { gatewaySettings } from './settings.js';

/** Longest that requests under way are waited for at stop. */
const DRAIN_MS = 1_000;

/** Steps into the past for reads of what was (`?at=`): of ten million messages each is some 80,000, twice that at most. */
const OLDER_SNAPSHOTS = { most: 128, bytes: 2 * 1024 ** 3 };

/** @returns the port that is listened on. */
export async function startGateway(context: ServiceContext<typeof gatewaySettings>): Promise<number> {
  const { settings, logger, health, nats, metrics, instance, environment } = context;
  const tokens = readTokens(settings);
  const https = readTlsFiles(settings);
  const perSecond = settings.SKYFLOW_REQUESTS_PER_SECOND;
  const oidc = oidcClient(settings);
  const log = await openPersistently(context, 'log', () =>
    JetStreamEventLog.open({ connection: nats, timeAppend: timeAppends(metrics), ...logReplicas(environment) }),
  );
  context.onStop('log', () => log.close());
  const heartbeats = new Heartbeats();
  heartbeats.listen(nats);
  const onError = (error: unknown, about: object): void => logger.error({ err: error, ...about }, 'request failed');
  const keys = settings.SKYFLOW_SEALING_KEYS;
  if (keys === undefined) logger.warn('SKYFLOW_SEALING_KEYS is not set: Secrets can be neither written nor read');
  const directory = environment.SKYFLOW_SNAPSHOT_DIR;
  const settleMs = settings.SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS * 1000;
  const warn = (line: string): void => logger.warn(line);
  const gateway: Gateway = new Gateway({
    log,
    ...(directory === undefined
      ? {}
      : { snapshots: new FileSnapshotStore(directory, { warn, older: OLDER_SNAPSHOTS }) }),
    heartbeats,
    nats,
    ...logReplicas(environment),
    ...(keys === undefined ? {} : { keyring: Keyring.read(keys) }),
    writer: `${context.name}/${instance}`,
    tokens,
    proofs: proofsOf(settings, warn),
    ...(perSecond > 0 ? { rateLimit: { perSecond, burst: perSecond * 5 } } : {}),
    streamLimits: {
      perUser: settings.SKYFLOW_STREAMS_PER_USER ?? STREAM_LIMITS.perUser,
      inAll: settings.SKYFLOW_STREAMS ?? STREAM_LIMITS.inAll,
    },
    audit: (refusal) => logger.warn({ audit: refusal }, 'refused'),
    level: () => level.report(),
    notReady: () => Object.entries(health.failures()).map(([part, why]) => `${part}: ${why}`)[0],
    onError,
    warn,
    agents: {
      nats: agentNats(
        settings.SKYFLOW_AGENT_NATS_URL ?? environment.SKYFLOW_NATS_URL,
        environment.SKYFLOW_NATS_CA_FILE,
      ),
      renewMs: settings.SKYFLOW_AGENT_RENEW_SECONDS * 1000,
    },
    observe: requestMetrics(metrics),
  });
  const level: LevelKeeper = new LevelKeeper({
    log,
    writer: `${context.name}/${instance}`,
    settleMs,
    heard: () => heartbeats.announced(settleMs),
    listeningSinceMs: () => heartbeats.heardSinceMs,
    expected: () => expectedAgents(gateway.model),
    onRaised: (raised) => logger.info({ featureLevel: raised }, 'the feature level was raised'),
    warn,
  });
  context.onStop('gateway', () => gateway.close());
  foldMetrics(metrics, gateway.model);
  logMetrics(metrics, gateway.projection);
  context.onStop(
    'history metrics',
    historyMetrics(metrics, () => log.age()),
  );
  agentMetrics(metrics, heartbeats, (subject) => gateway.projection.subjectHead(subject));
  health.check('fold', () =>
    gateway.projection.caughtUp ? undefined : `folding the log, at sequence ${String(gateway.projection.seq)}`,
  );
  gateway.projection.done.catch((error: unknown) => {
    logger.fatal({ err: error }, 'cannot fold the log any further');
    context.stop('fold ended', 1);
  });
  let started = false;
  let openApi: string | undefined;
  const describe = (): string =>
    (openApi ??= openApiDocument(server.application, gateway.definitions, gateway.schemas));
  const server: RunningHttpServer = await startHttpServer({
    module: GatewayModule.with({
      gateway,
      log,
      nats,
      heartbeats,
      level,
      metrics,
      health,
      instance,
      ...(oidc === undefined ? {} : { oidc }),
      openApi: describe,
      stopping: context.stopping,
    }),
    host: settings.SKYFLOW_HTTP_HOST,
    port: settings.SKYFLOW_HTTP_PORT,
    ...(https === undefined ? {} : { https }),
    logger: nestLogger(logger),
    api: gateway.api,
    gatekeeper: gateway.gatekeeper,
    strict: settings.SKYFLOW_TLS_ONLY === 'true',
    staleness: () => gateway.model.staleness,
    onError,
    starting: () => (started ? undefined : `folding the log, at sequence ${gateway.projection.seq}`),
  });
  const served =
    https &&
    new ServedCertificate({
      https,
      read: () => readTlsFiles(settings),
      serve: (renewed) => server.serveWith(renewed),
      logger,
    });
  certificateMetrics(metrics, served);
  if (served !== undefined) context.onStop('certificate', served.watch());
  context.onStop('http', async () => {
    gateway.api.close();
    await server.close(DRAIN_MS);
  });
  logger.info({ host: settings.SKYFLOW_HTTP_HOST, port: server.port, httpsPort: server.httpsPort }, 'listening');
  await gateway.start();
  started = true;
  await level.start();
  context.onStop('feature level', () => level.stop());
  announcePresence(context, () => ({ active: true, foldedSeq: gateway.projection.seq }));
  return server.port;
}

const agentNats = (url: string, caFile: string | undefined): AgentNats =>
  caFile === undefined ? { url } : { url, certificateAuthority: readFileSync(caFile, 'utf8') };

/** Undefined: no issuer is set. */
function oidcClient(settings: ServiceContext<typeof gatewaySettings>['settings']): GatewayParts['oidc'] {
  const {
    SKYFLOW_OIDC_ISSUER: issuer,
    SKYFLOW_OIDC_CLIENT_ID: clientId,
    SKYFLOW_OIDC_CLIENT_SECRET: clientSecret,
  } = settings;
  if (issuer === undefined || clientId === undefined) return undefined;
  return { issuer, clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
}
