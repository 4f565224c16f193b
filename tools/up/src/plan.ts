/** What an instance is made of: a pure description of every process, its arguments and its environment. */
import { join } from 'node:path';
import { apiAddress } from './client-config.js';
import type { NatsService } from '@skyflow/domain';
import type { ServiceKeys } from '@skyflow/nats-server';
import type { Home } from './home.js';
import type { ProcessSpec } from './managed-process.js';
import type { UpOptions } from './options.js';
import type { Ports } from './ports.js';

export interface PlanInput {
  root: string;
  node: string;
  home: Home;
  ports: Ports;
  options: UpOptions;
  /** Of the admin. */
  token: string;
  keys: ServiceKeys;
  /** Of the installation (PEM). */
  authority: string;
}

/** The embedded clusters of the seed's walk-through: one node each, of which the system's pods leave 1.93 CPUs. */
export const embeddedClusters = ['mluo-cloud', 'mluo-onprem'].map((name) => ({
  name,
  runtime: 'process',
  nodes: [{ name: `${name}-node-0`, cpu: '2', memory: '8145592Ki' }],
}));

/** Configuration file of tools/embedded-cluster. */
export function embeddedConfig({ home, ports }: PlanInput): unknown {
  return { kubeconfig: home.kubeconfig, controlPort: ports.clusters, clusters: embeddedClusters };
}

/** Every process but nats-server, in the order in which they start. */
export function planProcesses(input: PlanInput): ProcessSpec[] {
  const { home, ports, options, root } = input;
  const common = {
    SKYFLOW_HOME: home.path,
    SKYFLOW_NATS_URL: `nats://127.0.0.1:${ports.nats}`,
    ...(options.tls ? { SKYFLOW_NATS_CA_FILE: home.authority } : {}),
  };
  const service = (
    name: string,
    program: string,
    healthPort: number,
    environment: Record<string, string> = {},
    key?: NatsService,
  ): ProcessSpec => ({
    name,
    command: input.node,
    args: [join(root, program)],
    environment: {
      ...common,
      SKYFLOW_HEALTH_PORT: String(healthPort),
      SKYFLOW_SNAPSHOT_DIR: join(home.snapshots, name),
      ...(key === undefined ? {} : { SKYFLOW_NATS_KEY_FILE: input.keys.file(key) }),
      ...environment,
    },
    logFile: join(home.logs, `${name}.log`),
    watchesParent: true,
  });
  const natsService = (name: NatsService, healthPort: number, environment: Record<string, string> = {}): ProcessSpec =>
    service(name, `apps/${name}/dist/main.js`, healthPort, environment, name);
  const embedded: ProcessSpec[] =
    options.kubeconfig === undefined
      ? [
          {
            ...service('embedded-clusters', 'tools/embedded-cluster/dist/main.js', 0),
            args: [
              join(root, 'tools/embedded-cluster/dist/main.js'),
              '--config',
              join(home.run, 'embedded-clusters.json'),
            ],
          },
        ]
      : [];
  const kubeconfigs = [
    options.kubeconfig === undefined
      ? { path: home.kubeconfig }
      : { path: options.kubeconfig, ...(options.contexts.length > 0 ? { contexts: options.contexts } : {}) },
  ];
  return [
    ...embedded,
    natsService('api-gateway', ports.gatewayHealth, {
      SKYFLOW_HTTP_PORT: String(ports.http),
      ...(options.tls ? { SKYFLOW_TLS_ONLY: 'true' } : { SKYFLOW_HTTPS_PORT: String(ports.https) }),
      SKYFLOW_TLS_CERT_FILE: home.gatewayCertificate,
      SKYFLOW_TLS_KEY_FILE: home.gatewayKey,
      SKYFLOW_TOKEN_FILE: home.token,
      SKYFLOW_TOKENS_FILE: home.tokens,
      SKYFLOW_SEALING_KEYS: home.sealingKeys,
    }),
    natsService('scheduler', ports.scheduler),
    natsService('mesh-controller', ports.mesh),
    natsService('provisioner', ports.provisioner, { SKYFLOW_SEALING_KEYS: home.sealingKeys }),
    service('agent-supervisor', 'apps/cluster-agent/dist/supervisor.js', ports.supervisor, {
      SKYFLOW_API_URL: apiAddress(ports.http, options.tls),
      ...(options.tls ? { NODE_EXTRA_CA_CERTS: home.authority } : {}),
      SKYFLOW_TOKEN: home.read(home.supervisorToken),
      SKYFLOW_AGENTS_ENROL: 'true',
      SKYFLOW_KUBECONFIGS: JSON.stringify(kubeconfigs),
    }),
  ];
}
