/**
 * Program: `node dist/main.js --config FILE`. Starts the clusters, writes the kubeconfig, logs one line `ready`, and runs
 * until SIGTERM. Ports and tokens of an earlier run are kept as long as the kubeconfig is there.
 */
import { runProcess } from '@skyflow/service';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedClusters } from './clusters.js';
import { readAccess, writeKubeconfig } from './config/kubeconfig.js';
import { ConfigError, type ProgramConfig, readProgramConfig } from './config/program-config.js';
import { ControlServer } from './control/control-server.js';
import { loadIdentity } from './tls/identity-file.js';

const EXIT_USAGE = 2;

await runProcess({ name: 'embedded-cluster', settings: {}, args: [] }, async (context) => {
  const { logger } = context;
  const onStop: typeof context.onStop = (what, close) => context.onStop(what, close);
  const config = configOrExit();
  const earlier = readAccess(config.kubeconfig);
  const clusters = await startEmbeddedClusters({
    clusters: config.clusters.map((cluster) => {
      const before = earlier.get(cluster.name);
      const token = cluster.token ?? before?.token;
      return {
        ...cluster,
        ...(before === undefined ? {} : { preferredPort: before.port }),
        ...(token === undefined ? {} : { token }),
      };
    }),
    identity: loadIdentity(join(dirname(config.kubeconfig), 'embedded-identity.json')),
    directory: config.directory ?? join(dirname(config.kubeconfig), 'embedded-pods'),
    ...(config.podOctet === undefined ? {} : { podOctet: config.podOctet }),
    onError: (error, where) => logger.error({ err: error, ...where }, 'unexpected error'),
  });
  onStop('clusters', () => clusters.stop());
  const access = clusters.access();
  writeKubeconfig(config.kubeconfig, access);
  const controlPort = await startControl(config, clusters, onStop);
  logger.info(
    { kubeconfig: config.kubeconfig, controlPort, clusters: access.map(({ name, url }) => ({ name, url })) },
    'ready',
  );
});

async function startControl(
  { controlPort }: ProgramConfig,
  clusters: Awaited<ReturnType<typeof startEmbeddedClusters>>,
  onStop: (what: string, close: () => Promise<void>) => void,
): Promise<number | undefined> {
  if (controlPort === undefined) return undefined;
  const control = new ControlServer(clusters);
  const port = await control.listen(controlPort);
  onStop('control', () => control.close());
  return port;
}

function configOrExit(): ProgramConfig {
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' } } });
    if (values.config === undefined) throw new ConfigError('usage: node dist/main.js --config FILE');
    return readProgramConfig(values.config);
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof TypeError)) throw error;
    process.stderr.write(`embedded-cluster: ${error.message}\n`);
    process.exit(EXIT_USAGE);
  }
}
