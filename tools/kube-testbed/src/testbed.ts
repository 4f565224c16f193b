/**
 * N real Kubernetes clusters on loopback with one kubeconfig. `stop` leaves no process, port or file behind; a caller that is
 * killed leaves no process either (see component.ts), only the files in its directory.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DelayQueue, Guardian, PodAddressPool, selfSigned, type PodHost } from '@skyflow/embedded-cluster';
import { resources, type KubeClient } from '@skyflow/kube-client';
import { testbedBinary, type BinaryOptions } from './binary/testbed-binary.js';
import { ControlPlane } from './control-plane/control-plane.js';
import { writeKubeconfig } from './control-plane/cluster-files.js';
import { until } from './control-plane/poll.js';
import { HollowKubelet } from './kubelet/hollow-kubelet.js';
import type { Runtime } from './runtimes.js';

export interface TestbedOptions extends BinaryOptions {
  /** Names of clusters and of their contexts. */
  clusters: readonly string[];
  /** Made if missing; holds the kubeconfig and a folder per cluster. */
  directory: string;
  /** Hollow nodes of each cluster. Default 1. */
  nodes?: number;
  /** Of each node. Default 2. */
  cpu?: string;
  /** Of each node. Default 8Gi. */
  memory?: string;
  /** `process`: pods run their commands on this machine, as those of embedded clusters do. Default `virtual`: nothing runs. */
  runtime?: Runtime;
  /** See ControlPlaneOptions. */
  clientAuthorities?: string;
  /** See ControlPlaneOptions. Default: a component that ends stays away. */
  restartAfterMs?: number;
  /** Told of what a hollow kubelet failed at and tries again. */
  onError?: (error: unknown) => void;
}

/** A cluster of the testbed, with the hooks of fault tests. */
export interface TestbedCluster {
  name: string;
  plane: ControlPlane;
  kubelets: readonly HollowKubelet[];
}

export interface Testbed {
  /** Path (0600); a context per cluster, named like it. */
  kubeconfig: string;
  /** Of Kubernetes, for instance `v1.36.3`. */
  version: string;
  clusters: readonly TestbedCluster[];
  /** Writes the kubeconfig anew, for clusters that have another authority than when it was written. */
  writeKubeconfig(): void;
  stop(): Promise<void>;
}

const PODS_PER_NODE = 110;
const NODES_READY_MS = 120_000;
/** Of pod addresses on loopback: several testbeds on one machine seldom meet. */
const FIRST_OCTET = 16;
const OCTETS = 200;

/** @throws TestbedUnavailableError, TestbedStartError */
export async function startTestbed(options: TestbedOptions): Promise<Testbed> {
  const { directory } = options;
  const binary = await testbedBinary(options);
  const host = options.runtime === 'process' ? processHost() : undefined;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const started = await Promise.allSettled(
    options.clusters.map((name) => startCluster(name, binary.path, binary.version, options, host)),
  );
  const clusters = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const kubeconfig = join(directory, 'kubeconfig');
  const stop = async (): Promise<void> => {
    await Promise.all(clusters.map(stopCluster));
    await host?.guardian.stop();
    host?.delays.clear();
    await rm(kubeconfig, { force: true });
  };
  const failed = started.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const write = (): void => {
    writeKubeconfig(
      kubeconfig,
      clusters.map(({ plane }) => plane.access),
    );
  };
  write();
  return { kubeconfig, version: binary.version, clusters, writeKubeconfig: write, stop };
}

async function startCluster(
  name: string,
  binary: string,
  version: string,
  options: TestbedOptions,
  host: PodHost | undefined,
): Promise<TestbedCluster> {
  const nodes = Array.from({ length: options.nodes ?? 1 }, (_, at) => `${name}-node-${at}`);
  const directory = join(options.directory, name);
  const { restartAfterMs, clientAuthorities } = options;
  const plane = await ControlPlane.start({
    name,
    binary,
    directory,
    nodes,
    ...(clientAuthorities === undefined ? {} : { clientAuthorities }),
    ...(restartAfterMs === undefined ? {} : { restartAfterMs }),
  });
  const kubelets = nodes.map(
    (node, at) =>
      new HollowKubelet({
        client: plane.nodeClient(node),
        node: {
          name: node,
          at,
          cpu: options.cpu ?? '2',
          memory: options.memory ?? '8Gi',
          pods: PODS_PER_NODE,
          version,
        },
        ...(options.onError === undefined ? {} : { onError: options.onError }),
        ...(host === undefined
          ? {}
          : {
              processes: {
                host,
                directory: join(options.directory, `${name}-pods`),
                identity: selfSigned(node, Date.now()),
                clientCertificate: plane.kubeletClientCertificate,
              },
            }),
      }),
  );
  const cluster = { name, plane, kubelets };
  const client = plane.adminClient();
  try {
    await Promise.all(kubelets.map((kubelet) => kubelet.start()));
    await until(`the nodes of ${name}`, NODES_READY_MS, () => assertSchedulable(client, nodes.length));
  } catch (error) {
    await stopCluster(cluster);
    throw error;
  } finally {
    client.close();
  }
  return cluster;
}

/** One for all nodes of this process: pods have addresses of their own on its loopback. */
function processHost(): PodHost {
  return {
    delays: new DelayQueue(),
    guardian: new Guardian(`${process.pid}-${randomUUID()}`),
    addresses: new PodAddressPool(FIRST_OCTET + (process.pid % OCTETS)),
  };
}

/** Ready, and the controller manager has taken away the taint with which nodes begin. */
async function assertSchedulable(client: KubeClient, count: number): Promise<void> {
  const { items } = await client.list(resources.nodes);
  const free = items.filter(({ spec }) => ((spec as { taints?: unknown[] }).taints ?? []).length === 0);
  if (free.length !== count) throw new Error(`${free.length} of ${count} nodes take pods`);
}

async function stopCluster({ plane, kubelets }: TestbedCluster): Promise<void> {
  await Promise.all(kubelets.map((kubelet) => kubelet.stop()));
  await plane.stop();
}
