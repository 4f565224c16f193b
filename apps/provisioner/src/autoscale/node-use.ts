/** The nodes of a cluster as its API tells them: what is on them, and what a new one would have to give. */
import type { ResourceList } from '@skyflow/contracts';
import {
  type PodResources,
  addResources,
  isFinishedPod,
  isOfEveryNode,
  isWork,
  parseResourceList,
  podRequests,
  subtractResources,
} from '@skyflow/domain';
import { type KubeClient, type KubeObject, type KubeResource, resources } from '@skyflow/kube-client';
import { withClient } from '../verify/verify-cluster.js';

export interface NodeUse {
  name: string;
  /** Nothing runs on it but what runs on every node. */
  isIdle: boolean;
  isWorker: boolean;
  /** What is left for work when nothing else is there; base units. */
  allocatable: ResourceList;
}

interface Pod extends KubeObject {
  spec?: PodResources & { nodeName?: string };
  status?: { phase?: string };
}

interface Node extends KubeObject {
  status?: { allocatable?: Record<string, string> };
}

const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/controlplane'];

export interface ClusterUse {
  nodes: NodeUse[];
  /** No pod but those that belong to every cluster: of system namespaces, and one per node. */
  isIdle: boolean;
}

/** @throws when the API does not answer. */
export const readUse = (kubeconfig: string, signal: AbortSignal): Promise<ClusterUse> =>
  withClient(kubeconfig, async (client) => {
    const nodes = await listAll<Node>(client, resources.nodes, signal);
    const pods = await listAll<Pod>(client, resources.pods, signal);
    return { nodes: nodes.map((node) => useOf(node, pods)), isIdle: !pods.some(isWork) };
  });

const PAGE = 500;

async function listAll<T extends KubeObject>(
  client: KubeClient,
  resource: KubeResource,
  signal: AbortSignal,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const page = await client.list<T>(resource, { limit: PAGE, signal, ...(token && { continue: token }) });
    all.push(...page.items);
    token = page.metadata.continue;
  } while (token !== undefined && token !== '');
  return all;
}

function useOf({ metadata, status }: Node, pods: readonly Pod[]): NodeUse {
  const there = pods.filter((pod) => pod.spec?.nodeName === metadata.name && !isFinishedPod(pod));
  const ofEveryNode = there.filter(isOfEveryNode);
  const taken = ofEveryNode.map(({ spec }) => podRequests(spec ?? { containers: [] })).reduce(addResources, {});
  return {
    name: metadata.name,
    isIdle: there.length === ofEveryNode.length,
    isWorker: !CONTROL_PLANE.some((label) => metadata.labels?.[label] !== undefined),
    allocatable: subtractResources(parseResourceList(status?.allocatable), taken),
  };
}

/** As little as the least of those that are there, workers if there are any: a machine that does not bring enough would be one for nothing. */
export function shapeOfNew(nodes: readonly NodeUse[]): ResourceList | undefined {
  const workers = nodes.filter(({ isWorker }) => isWorker);
  const [least] = [...(workers.length > 0 ? workers : nodes)].sort(
    (a, b) => (a.allocatable['cpu'] ?? 0) - (b.allocatable['cpu'] ?? 0),
  );
  if (least === undefined) return undefined;
  return Object.fromEntries(Object.entries(least.allocatable).filter(([, amount]) => amount > 0));
}

/** Whether anything new may come onto them. */
export const setUnschedulable = (
  kubeconfig: string,
  names: readonly string[],
  unschedulable: boolean,
  signal: AbortSignal,
): Promise<void> =>
  withClient(kubeconfig, async (client) => {
    for (const name of names) await client.patch(resources.nodes, { name }, { spec: { unschedulable } }, { signal });
  });
