/** The gateway as a service: opens the log, serves at once (503 until the log is folded), stops in order. */
import {
  announcePresence,
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
import { Gatekeeper } from './access/gatekeeper.js';
import { KubernetesApi } from './api/kubernetes-api.js';
import { OpenApiDocument } from './docs/openapi-document.js';
import type { GatewayOptions } from './gateway-options.js';
import { GatewayModule } from './gateway.module.js';
import { proofsOf } from './access/proofs.js';
import { Heartbeats } from './health/heartbeats.js';
import { Keyring } from './secrets/keyring.js';
import { type RunningHttpServer, startHttpServer } from './http/http-server.js';
import { ServedCertificate, certificateMetrics } from './http/served-certificate.js';
import { readTlsFiles } from './http/tls-files.js';
import { readTokens } from './http/tokens.js';
import { FoldedLog } from './store/folded-log.js';
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
  const warn = (line: string): void => logger.warn(line);
  const server: RunningHttpServer = await startHttpServer({
    module: GatewayModule.with({
      ...{ log, heartbeats, nats, instance, tokens, logger, metrics, health, onError, warn, replicas: 1 },
      ...logReplicas(environment),
      ...(directory === undefined
        ? {}
        : { snapshots: new FileSnapshotStore(directory, { warn, older: OLDER_SNAPSHOTS }) }),
      ...(keys === undefined ? {} : { keyring: Keyring.read(keys) }),
      writer: `${context.name}/${instance}`,
      proofs: proofsOf(settings, warn),
      ...(perSecond > 0 ? { rateLimit: { perSecond, burst: perSecond * 5 } } : {}),
      streamLimits: {
        perUser: settings.SKYFLOW_STREAMS_PER_USER ?? STREAM_LIMITS.perUser,
        inAll: settings.SKYFLOW_STREAMS ?? STREAM_LIMITS.inAll,
      },
      ...(oidc === undefined ? {} : { oidc }),
      settleMs: settings.SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS * 1000,
      agents: {
        nats: agentNats(
          settings.SKYFLOW_AGENT_NATS_URL ?? environment.SKYFLOW_NATS_URL,
          environment.SKYFLOW_NATS_CA_FILE,
        ),
        renewMs: settings.SKYFLOW_AGENT_RENEW_SECONDS * 1000,
      },
      fail: (reason, error) => {
        logger.fatal({ err: error }, 'cannot fold the log any further');
        context.stop(reason, 1);
      },
      stopping: context.stopping,
    }),
    host: settings.SKYFLOW_HTTP_HOST,
    port: settings.SKYFLOW_HTTP_PORT,
    ...(https === undefined ? {} : { https }),
    logger: nestLogger(logger),
    onError,
    front: (application) => {
      const fold = application.get(FoldedLog);
      return {
        api: application.get(KubernetesApi).server,
        gatekeeper: application.get(Gatekeeper),
        strict: settings.SKYFLOW_TLS_ONLY === 'true',
        staleness: () => fold.model.staleness,
        starting: () => fold.starting,
      };
    },
  });
  const fold = server.application.get(FoldedLog);
  server.application.get(OpenApiDocument).describe(server.application);
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
  context.onStop('http', () => server.close(DRAIN_MS));
  logger.info({ host: settings.SKYFLOW_HTTP_HOST, port: server.port, httpsPort: server.httpsPort }, 'listening');
  await fold.start();
  announcePresence(context, () => ({ active: true, foldedSeq: fold.projection.seq }));
  return server.port;
}

const agentNats = (url: string, caFile: string | undefined): AgentNats =>
  caFile === undefined ? { url } : { url, certificateAuthority: readFileSync(caFile, 'utf8') };

/** Undefined: no issuer is set. */
function oidcClient(settings: ServiceContext<typeof gatewaySettings>['settings']): GatewayOptions['oidc'] {
  const {
    SKYFLOW_OIDC_ISSUER: issuer,
    SKYFLOW_OIDC_CLIENT_ID: clientId,
    SKYFLOW_OIDC_CLIENT_SECRET: clientSecret,
  } = settings;
  if (issuer === undefined || clientId === undefined) return undefined;
  return { issuer, clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
}
