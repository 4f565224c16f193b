/**
 * The agent supervisor: contexts become Clusters, Clusters get agents. Level-triggered: whatever happened, it looks at the
 * contexts, the Clusters and the agents there are, and takes the next step. While the gateway is away nothing is started
 * newly and nothing is stopped.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Backoff, fixedCredentials, KubeClient, Reflector, type KubeObject } from '@skyflow/kube-client';
import { type ProcessContext, timeRequests } from '@skyflow/service';
import type { KubeconfigSource, supervisorSettings } from '../settings.js';
import { fileStore } from '../credentials/credential-store.js';
import { isGood } from '../credentials/enrolment-client.js';
import { AgentFleet, type FleetEnrolment } from './agent-fleet.js';
import { BuiltClusters } from './built-clusters.js';
import { CLUSTERS, keepCluster, knownCluster } from './clusters.js';
import { contextKey } from './context-names.js';
import { ContextWatcher } from './context-watcher.js';
import { Registrar } from './registrar.js';
import { SupervisorMemory } from './supervisor-memory.js';

/** An agent on the same machine takes it within a second. */
const JOIN_SECONDS = 600;
const RETRY = { baseMs: 500, capMs: 10_000 };

export async function runSupervisor(context: ProcessContext<typeof supervisorSettings>): Promise<void> {
  const { settings, logger, health, stopping: signal, environment } = context;
  const home = join(settings.SKYFLOW_HOME, 'agents');
  const sources = settings.SKYFLOW_KUBECONFIGS ?? defaultKubeconfigs();
  const memory = await SupervisorMemory.load(join(home, 'supervisor.json'), logger);
  let wake: () => void = () => undefined;
  let isDirty = true;
  const look = (): void => {
    isDirty = true;
    wake();
  };

  const built = new BuiltClusters(join(settings.SKYFLOW_HOME, 'provisioned'), look);
  const watcher = new ContextWatcher({ sources, onChange: look, logger });
  const client = new KubeClient(
    {
      server: new URL(settings.SKYFLOW_API_URL),
      skipTlsVerify: false,
      credentials: fixedCredentials({ authorization: `Bearer ${settings.SKYFLOW_TOKEN}` }),
    },
    { userAgent: 'skyflow-agent-supervisor', time: timeRequests(context.metrics, 'gateway') },
  );
  const clusters = new Reflector<KubeObject>({
    client,
    resource: CLUSTERS,
    keep: keepCluster,
    onChange: look,
    onHealth: (error) => {
      if (error === undefined) logger.info('the gateway answers');
      else logger.warn({ detail: error.message }, 'the gateway does not answer; agents run on');
    },
  });
  const enrols = settings.SKYFLOW_AGENTS_ENROL === 'true';
  const fleet = new AgentFleet({
    home,
    sources,
    contexts: () => watcher.contexts,
    environment: {
      SKYFLOW_NATS_URL: environment.SKYFLOW_NATS_URL,
      ...(environment.SKYFLOW_NATS_TOKEN === undefined ? {} : { SKYFLOW_NATS_TOKEN: environment.SKYFLOW_NATS_TOKEN }),
      ...(enrols ? { SKYFLOW_API_URL: settings.SKYFLOW_API_URL } : {}),
      SKYFLOW_LOG_LEVEL: environment.SKYFLOW_LOG_LEVEL,
    },
    ...(enrols ? { enrolment: fleetEnrolment(client, settings.SKYFLOW_API_URL, signal) } : {}),
    logger,
  });
  const registrar = new Registrar({ client, memory, logger });

  health.check('gateway', () => clusters.error?.message ?? (clusters.hasSynced ? undefined : 'not read yet'));
  health.tell('contexts', () => watcher.contexts);
  health.tell('kubeconfigErrors', () => watcher.errors);
  health.tell('agents', () => fleet.states);

  const step = async (): Promise<boolean> => {
    const paths = new Set(watcher.readPaths);
    const present = new Set(watcher.contexts.map(contextKey));
    await memory.forget((key) => paths.has(key.split('\n', 1)[0] ?? '') && !present.has(key));
    if (!clusters.hasSynced) {
      fleet.update(memory.clusters);
      return true;
    }
    const existing = [...clusters.store.values()];
    const known = existing
      .map((cluster) => knownCluster(cluster, (uid) => built.kubeconfigOf(uid)))
      .filter((cluster) => cluster !== undefined);
    known.sort((a, b) => (a.name < b.name ? -1 : 1));
    await memory.setClusters(known);
    fleet.update(known);
    return registrar.register(watcher.contexts, existing, signal);
  };

  // An empty list is no change, and yet what was waited for.
  clusters.whenSynced(signal).then(look, () => undefined);
  await Promise.all([watcher.read(), built.read()]);
  const following = Promise.all([clusters.run(signal), watcher.run(signal), built.run(signal), loop()]);
  // Agents are stopped first, by the one who started them: a process that ends at once would leave them behind for a moment.
  following.catch((error: unknown) => {
    if (signal.aborted) return;
    logger.fatal({ err: error }, 'the supervisor cannot go on');
    context.stop('the supervisor cannot go on', 1);
  });
  context.onStop('supervisor', async () => {
    wake();
    await following;
    client.close();
  });
  context.onStop('agents', () => fleet.stop());

  async function loop(): Promise<void> {
    const backoff = new Backoff(RETRY);
    for (;;) {
      if (!isDirty && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      if (signal.aborted) return;
      isDirty = false;
      const judge = (isComplete: boolean) => (isComplete ? 'done' : { error: 'incomplete' });
      if (await context.metrics.operation('reconcile', step, { signal, judge })) backoff.reset();
      else {
        await backoff.pause(signal);
        isDirty = true;
      }
    }
  }
}

/** Agents of this machine whose credentials were revoked get others when the supervisor starts: it may enrol them. */
const fleetEnrolment = (client: KubeClient, api: string, signal: AbortSignal): FleetEnrolment => ({
  async isEnrolled(directory) {
    const credentials = await fileStore(directory).load();
    return credentials !== undefined && isGood(api, credentials.token, signal);
  },
  async joinToken(cluster) {
    const body = { cluster, expiresInSeconds: JOIN_SECONDS };
    return (await client.request<{ joinToken: string }>('/auth/joins', { method: 'POST', body })).joinToken;
  },
});

/** As kubectl finds them. */
function defaultKubeconfigs(): KubeconfigSource[] {
  const paths = (process.env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  return (paths.length > 0 ? paths : [join(homedir(), '.kube', 'config')]).map((path) => ({ path }));
}
