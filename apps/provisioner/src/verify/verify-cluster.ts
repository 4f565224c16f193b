/** The proof that a cluster works: its API answers with the right authority, and its nodes are ready. */
import { setTimeout as pause } from 'node:timers/promises';
import { KubeClient, type KubeObject, connectionOf, parseKubeConfig, resources } from '@skyflow/kube-client';
import { ProvisionError, failureOf } from '../provision-error.js';

export interface VerifyOptions {
  kubeconfig: string;
  /** Nodes that must be ready. */
  nodes: number;
  withinMs: number;
  signal: AbortSignal;
}

const AGAIN_MS = 1_000;

/** @throws ProvisionError of class healthcheck with what was seen last. */
export async function verifyCluster(options: VerifyOptions): Promise<{ kubernetesVersion: string; nodes: number }> {
  const { withinMs, signal } = options;
  const deadline = performance.now() + withinMs;
  return withClient(options.kubeconfig, async (client) => {
    for (;;) {
      try {
        return await look(client, options.nodes, signal);
      } catch (error) {
        if (performance.now() > deadline || signal.aborted) {
          const { message } = failureOf(error);
          throw new ProvisionError('healthcheck', message, 'look at kubelet and the network plugin on the hosts', {
            cause: error,
          });
        }
      }
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  });
}

/** Talks to the API of a cluster, and lets go of it. @throws ProvisionError for a kubeconfig that cannot be used. */
export async function withClient<R>(kubeconfig: string, use: (client: KubeClient) => Promise<R>): Promise<R> {
  const client = await clientOf(kubeconfig);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function look(
  client: KubeClient,
  wanted: number,
  signal: AbortSignal,
): Promise<{ kubernetesVersion: string; nodes: number }> {
  await client.ready({ signal });
  const { gitVersion } = await client.version({ signal });
  const { items } = await client.list<KubeObject>(resources.nodes, { signal });
  const ready = items.filter(isReady);
  if (ready.length < wanted) {
    const waiting = items.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name);
    const which = waiting.length === 0 ? '' : `; not ready: ${waiting.join(', ')}`;
    throw new Error(`${String(ready.length)} of ${String(wanted)} nodes are ready${which}`);
  }
  return { kubernetesVersion: gitVersion, nodes: ready.length };
}

const isReady = (node: KubeObject): boolean =>
  (node['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  ) === true;

async function clientOf(kubeconfig: string): Promise<KubeClient> {
  try {
    const context = (await parseKubeConfig(kubeconfig, 'kubeconfig')).context();
    return new KubeClient(await connectionOf(context), { userAgent: 'skyflow-provisioner' });
  } catch (error) {
    throw new ProvisionError(
      'unknown',
      `the kubeconfig cannot be used: ${(error as Error).message}`,
      'delete the cluster',
      {
        cause: error,
      },
    );
  }
}

/** Address of the API, and the authority that it is known by. */
export async function factsOf(kubeconfig: string): Promise<{ endpoint: string; authority: string }> {
  const { cluster } = (await parseKubeConfig(kubeconfig, 'kubeconfig')).context();
  const data = cluster['certificate-authority-data'] ?? '';
  return { endpoint: cluster.server, authority: Buffer.from(data, 'base64').toString('utf8') };
}
