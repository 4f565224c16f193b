/** One agent process: the two sides joined, started and stopped. */
import { setTimeout as delay } from 'node:timers/promises';
import { natsAccess, type Logger, type ProcessContext } from '@skyflow/service';
import type { z } from 'zod';
import { AgentCredentials } from '../credentials/agent-credentials.js';
import { fileStore, secretStore } from '../credentials/credential-store.js';
import { DesiredSource } from '../desired/desired-source.js';
import { loadDeliveryKey } from '../secrets/delivery-key-file.js';
import { Unsealer } from '../secrets/unsealer.js';
import { CONFIG_CHANGED_EXIT, type agentSettings } from '../settings.js';
import { agentMetrics } from './agent-metrics.js';
import { ClusterSide } from './cluster-side.js';
import { ControlSide } from './control-side.js';

/**
 * The log says within so long what there is to do, or is away. What the last process had written down may lack what that said last: of a cluster
 * that has lost its objects since, a Job that had ended would run again.
 */
const LOG_FIRST_MS = 3_000;
/** A log that is away is not waited for at stop. */
const LAST_WORD_MS = 1_000;

export async function runAgent(context: ProcessContext<typeof agentSettings>): Promise<void> {
  const { settings, environment, health, instance } = context;
  const { SKYFLOW_CLUSTER: cluster, SKYFLOW_CLUSTER_UID: clusterUid } = settings;
  const logger = context.logger.child({ cluster });
  const signal = context.stopping;

  const directory = settings.SKYFLOW_STATE_DIR ?? environment.SKYFLOW_SNAPSHOT_DIR;
  const key = await loadDeliveryKey(directory, logger);
  const credentials = credentialsOf(settings, directory, logger, signal, (why) =>
    context.stop(why, CONFIG_CHANGED_EXIT),
  );
  const source = new DesiredSource({
    cluster,
    directory,
    logger,
    signal,
  });
  const clusterSide: ClusterSide = new ClusterSide({
    cluster,
    clusterUid,
    publish: (subject, text) => controlSide.publish(subject, text),
    kubeconfig: settings.SKYFLOW_KUBECONFIG,
    kubeContext: settings.SKYFLOW_KUBE_CONTEXT,
    gateway: {
      address: settings.SKYFLOW_GATEWAY_ADDRESS,
      port: settings.SKYFLOW_GATEWAY_PORT,
      publicPlace: settings.SKYFLOW_GATEWAY_PUBLIC,
    },
    nodeProbeSecret: settings.SKYFLOW_NODE_PROBE_SECRET,
    networks: { pods: settings.SKYFLOW_POD_CIDRS, services: settings.SKYFLOW_SERVICE_CIDRS },
    directory,
    source,
    unsealer: new Unsealer({ cluster, clusterUid, key, ask: (request) => controlSide.askForKey(request) }),
    sealingKey: key.publicKey,
    writer: () => controlSide.writer,
    onReachability: () => controlSide.beat(),
    onConfigChange: () => context.stop('the kubeconfig changed', CONFIG_CHANGED_EXIT),
    logger,
    metrics: context.metrics,
    signal,
  });
  const controlSide: ControlSide = new ControlSide({
    cluster,
    clusterUid,
    instance,
    nats: async () => {
      if (credentials === undefined) return { ...natsAccess(environment), isAgentOnly: false };
      const access = await credentials.open();
      return access && { ...access, isAgentOnly: true };
    },
    source,
    session: () => clusterSide.session,
    reachability: () => clusterSide.reachability,
    idleSince: () => clusterSide.idleSince,
    knownGoodAt: () => clusterSide.knownGoodAt,
    mesh: () => clusterSide.meshSide,
    onReady: () => clusterSide.writerChanged(),
    logger,
    metrics: context.metrics,
    signal,
  });

  health.check('control-plane', () => credentials?.trouble ?? controlSide.trouble);
  health.check('cluster', () => troubleOf(clusterSide));
  health.tell('workloads', () => source.state?.desired.work.size ?? 0);
  agentMetrics(context.metrics, {
    workloads: () => source.state?.desired.work.size ?? 0,
    workSeq: () => source.workSeq,
    isReachable: () => clusterSide.reachability?.reachable === true,
    traffic: () => clusterSide.meshSide?.traffic ?? [],
  });

  const working = clusterSide.run();
  context.onStop('cluster', () => working);
  context.onStop('control plane', () => controlSide.close());
  const tooLate = (): Promise<void> => delay(LAST_WORD_MS, undefined, { ref: false });
  context.onStop('last word', () => Promise.race([clusterSide.meshSide?.leave(), tooLate()]));
  controlSide.run().catch((error: unknown) => {
    if (signal.aborted) return;
    logger.fatal({ err: error }, 'the log cannot be used');
    context.stop('the log cannot be used', 1);
  });
  if (!(await source.isFolded(LOG_FIRST_MS))) await source.loadOffline();
}

function troubleOf({ reachability, session }: ClusterSide): string | undefined {
  if (reachability === undefined) return 'the API of the cluster has not answered yet';
  if (!reachability.reachable) return reachability.message;
  return session?.hasSynced === true ? undefined : 'reading the cluster';
}

/** Undefined: nothing to enrol with; NATS lets it in by the environment. */
function credentialsOf(
  settings: z.infer<z.ZodObject<typeof agentSettings>>,
  directory: string | undefined,
  logger: Logger,
  signal: AbortSignal,
  startAnew: (why: string) => void,
): AgentCredentials | undefined {
  const { SKYFLOW_API_URL: api, SKYFLOW_CREDENTIALS_SECRET: secret, SKYFLOW_JOIN_TOKEN_FILE: joinTokenFile } = settings;
  if (api === undefined) return undefined;
  if (directory === undefined) {
    throw new Error(
      'SKYFLOW_API_URL is set, but SKYFLOW_STATE_DIR is not: set it to a folder for the key of the agent',
    );
  }
  const [namespace = '', name = ''] = secret?.split('/') ?? [];
  const store = secret === undefined ? fileStore(directory) : secretStore(namespace, name);
  return new AgentCredentials({
    cluster: { name: settings.SKYFLOW_CLUSTER, uid: settings.SKYFLOW_CLUSTER_UID },
    api,
    directory,
    store,
    joinTokenFile,
    onRevoked: () => startAnew('what it is let in with was revoked'),
    onReplaced: () => startAnew('it has come in with another join token'),
    logger,
    signal,
  });
}
