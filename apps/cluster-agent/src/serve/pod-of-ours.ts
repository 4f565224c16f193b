/** The pod and container that a request is about. A pod that SkyFlow did not make is none. */
import { AgentLinkError } from '@skyflow/agent-link';
import { isManaged } from '@skyflow/domain';
import { KubeUnreachableError, resources, type KubeObject } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';

export interface PodRequest {
  namespace: string;
  pod: string;
  container?: string | undefined;
}

interface PodSpec {
  containers?: { name: string }[];
  initContainers?: { name: string }[];
  ephemeralContainers?: { name: string }[];
}

/** Which cluster, and how it is reached now. */
export interface ServedCluster {
  cluster: string;
  session: () => ClusterSession | undefined;
  /** Why the API cannot be reached; undefined: it can. */
  unreachable: () => string | undefined;
}

/** @throws AgentLinkError 503 at once, where waiting for an answer would be in vain */
export function sessionOf({ cluster, session, unreachable }: ServedCluster): ClusterSession {
  const why = unreachable();
  const current = session();
  if (current !== undefined && why === undefined) return current;
  throw new AgentLinkError('503', `cluster ${cluster} cannot be reached: ${why ?? 'see its status'}`);
}

/**
 * A pod that the cache does not have may be new, so the API is asked.
 * @throws AgentLinkError 404 for a pod of others, 400 for a container that it does not have, with those that it has;
 * KubeApiError 404
 */
export async function assertOurs(session: ClusterSession, request: PodRequest, signal: AbortSignal): Promise<void> {
  const { namespace, pod: name, container } = request;
  const cached = session.pods.store.get(`${namespace}/${name}`);
  const pod = cached ?? (await session.client.get<KubeObject>(resources.pods, { namespace, name }, { signal }));
  if (!isManaged(pod)) throw new AgentLinkError('404', `pods "${name}" not found among those that SkyFlow made`);
  const names = containersOf(pod['spec'] as PodSpec | undefined);
  if (container === undefined || container === '' || names.includes(container)) return;
  const choices = names.join(', ');
  throw new AgentLinkError('400', `container ${container} is not in pod ${name}; choose one of: ${choices}`);
}

const containersOf = ({ containers = [], initContainers = [], ephemeralContainers = [] }: PodSpec = {}): string[] =>
  [...containers, ...initContainers, ...ephemeralContainers].map(({ name }) => name);

/** What the cluster's API refused keeps its words; that it cannot be reached is said with the cluster's name. */
export function asLinkError(cluster: string, error: unknown): unknown {
  if (!(error instanceof KubeUnreachableError)) return error;
  return new AgentLinkError('503', `cluster ${cluster} cannot be reached: ${error.message}`, { cause: error });
}
