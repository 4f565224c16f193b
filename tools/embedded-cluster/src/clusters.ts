/**
 * Many embedded clusters in one process, as a library: tests and benchmarks start them here, main.ts is a thin program on
 * top.
 */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type ClusterOptions, type ClusterSettings, clusterSettingsSchema } from './config/cluster-settings.js';
import { type ClusterAccess, kubeconfigText } from './config/kubeconfig.js';
import { type Faults, faultsSchema } from './control/faults.js';
import { DelayQueue } from './engine/delay-queue.js';
import { type ClusterEnvironment, EmbeddedCluster } from './engine/embedded-cluster.js';
import { Guardian } from './process/guardian.js';
import { PodAddressPool } from './process/pod-addresses.js';
import { selfSigned, type ServerIdentity } from './tls/self-signed.js';
import { TlsListener } from './tls/tls-listener.js';

/** Above the octets of pods. */
const FIRST_SERVICE_OCTET = 216;
const SERVICE_OCTETS = 39;

export interface EmbeddedClustersOptions {
  clusters: readonly ClusterOptions[];
  /** False: no ports, only the in-process client (scale tests). Default true. */
  listen?: boolean;
  /** Where pods of the process runtime have their directories. Default: a temporary directory, removed at stop. */
  directory?: string;
  /** Second octet of pod addresses 127.x.y.z. Default: from the process id. */
  podOctet?: number;
  /** Certificate and key of the API servers. Default: made now. */
  identity?: ServerIdentity;
  /** Unexpected errors inside. Default: they end the process, as nothing should fail unseen in a test. */
  onError?: ClusterEnvironment['onError'];
}

export interface EmbeddedClusters {
  readonly clusters: readonly EmbeddedCluster[];
  /** @throws Error when there is none of that name. */
  cluster(name: string): EmbeddedCluster;
  /** How each cluster that listens is reached. */
  access(): ClusterAccess[];
  /** One context per cluster that listens. */
  kubeconfig(): string;
  /** Replaces the faults of one cluster; `{}` clears them. @throws ZodError, StatusError */
  setFaults(cluster: string, faults: Faults): Promise<void>;
  /** Everything ends: ports, pods, timers. */
  stop(): Promise<void>;
}

/** @throws ZodError for settings that are none; Error when a port is taken. Nothing is left running then. */
export async function startEmbeddedClusters(options: EmbeddedClustersOptions): Promise<EmbeddedClusters> {
  const settings = options.clusters.map((cluster) => clusterSettingsSchema.parse(cluster));
  requireDistinctNames(settings);
  const host = new ProcessHost(options, settings);
  const clusters: EmbeddedCluster[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    await host.stop();
  };
  try {
    for (const each of settings) {
      const cluster = new EmbeddedCluster(each, each.token ?? randomBytes(24).toString('hex'), host.environment);
      clusters.push(cluster);
      await cluster.start(options.listen ?? true);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const find = (name: string): EmbeddedCluster => {
    const cluster = byName.get(name);
    if (cluster !== undefined) return cluster;
    throw new Error(`there is no embedded cluster "${name}"; there are: ${[...byName.keys()].join(', ')}`);
  };
  return {
    clusters,
    cluster: find,
    access: () => accessOf(clusters, host.certificate),
    kubeconfig: () => kubeconfigText(accessOf(clusters, host.certificate)),
    setFaults: (name, faults) => find(name).setFaults(faultsSchema.parse(faults)),
    stop,
  };
}

/** How each cluster that listens is reached. */
const accessOf = (clusters: readonly EmbeddedCluster[], certificate: string): ClusterAccess[] =>
  clusters.flatMap(({ name, url, token }) => (url === undefined ? [] : [{ name, url, token, certificate }]));

/** In turn, from a place that differs between processes, so that several SkyFlows on one machine seldom meet. */
function serviceOctets(seed: number): () => number {
  let at = seed;
  return () => FIRST_SERVICE_OCTET + (at++ % SERVICE_OCTETS);
}

function requireDistinctNames(settings: readonly ClusterSettings[]): void {
  const seen = new Set<string>();
  for (const { name } of settings) {
    if (seen.has(name)) throw new Error(`clusters: the name "${name}" is there twice; give each cluster its own`);
    seen.add(name);
  }
}

/** What the clusters share, and its end. */
class ProcessHost {
  readonly environment: ClusterEnvironment;
  readonly #tls: TlsListener | undefined;
  readonly #guardian: Guardian | undefined;
  readonly #temporary: string | undefined;
  readonly #delays = new DelayQueue();

  constructor(options: EmbeddedClustersOptions, settings: readonly ClusterSettings[]) {
    const onError =
      options.onError ??
      ((error: unknown, { cluster, what }: { cluster: string; what: string }): never => {
        throw new Error(`embedded cluster ${cluster}: ${what} failed`, { cause: error });
      });
    if (options.listen !== false) {
      this.#tls = new TlsListener(options.identity ?? selfSigned('skyflow-embedded-clusters', Date.now()));
    }
    const common = { delays: this.#delays, onError, ...(this.#tls === undefined ? {} : { tls: this.#tls }) };
    if (!settings.some(({ runtime }) => runtime === 'process')) {
      this.environment = common;
      return;
    }
    this.#guardian = new Guardian(`${process.pid}-${randomBytes(6).toString('hex')}`);
    if (options.directory === undefined) this.#temporary = mkdtempSync(join(tmpdir(), 'skyflow-pods-'));
    this.environment = {
      ...common,
      processes: {
        guardian: this.#guardian,
        addresses: new PodAddressPool(options.podOctet ?? 16 + (process.pid % 200)),
        directory: options.directory ?? this.#temporary ?? '',
        nextServiceOctet: serviceOctets(process.pid),
      },
    };
  }

  /** '' when nothing listens. */
  get certificate(): string {
    return this.#tls?.certificate ?? '';
  }

  async stop(): Promise<void> {
    this.#tls?.close();
    this.#delays.clear();
    await this.#guardian?.stop();
    if (this.#temporary !== undefined) await rm(this.#temporary, { recursive: true, force: true });
  }
}
