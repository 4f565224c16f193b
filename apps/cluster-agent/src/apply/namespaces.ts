/** Native namespaces: made when work needs them, deleted when SkyFlow's is gone, if we made them and nothing foreign lives there. */
import { LABEL_MANAGED_BY, MANAGED_BY } from '@skyflow/contracts';
import { isManaged } from '@skyflow/domain';
import { KubeApiError, resources, type KubeObject, type KubeResource } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';

/** @throws KubeApiError when the namespace cannot be made. */
export async function ensureNamespace(session: ClusterSession, name: string, signal: AbortSignal): Promise<void> {
  const known = session.namespaces.store.get(name);
  if (known !== undefined) {
    const { phase } = (known['status'] ?? {}) as { phase?: string };
    if (known.metadata.deletionTimestamp === undefined && phase !== 'Terminating') return;
    throw new KubeApiError(409, {
      code: 409,
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being deleted on the cluster; the workload follows when it is gone`,
    });
  }
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [LABEL_MANAGED_BY]: MANAGED_BY } },
  };
  try {
    await session.client.create(resources.namespaces, namespace, { signal });
  } catch (error) {
    if (!(error instanceof KubeApiError && error.reason === 'AlreadyExists')) throw error;
  }
}

export type NamespaceRemoval =
  | { type: 'gone' }
  | { type: 'deleted' }
  /** Not ours: stays. */
  | { type: 'foreign'; message: string }
  /** Ours, and still in use by others: stays as long as it is. */
  | { type: 'kept'; message: string };

/** Deletes the namespace if it may. @throws KubeApiError, KubeUnreachableError */
export async function removeNamespace(
  session: ClusterSession,
  name: string,
  signal: AbortSignal,
): Promise<NamespaceRemoval> {
  const { client } = session;
  const live = await client.find<KubeObject>(resources.namespaces, { name }, { signal });
  if (live === undefined) return { type: 'gone' };
  if (!isManaged(live)) return { type: 'foreign', message: 'SkyFlow did not make it' };
  if (live.metadata.deletionTimestamp !== undefined) return { type: 'deleted' };
  for await (const resource of namespacedResources(session, signal)) {
    const message = await reasonToKeep(session, resource, name, signal);
    if (message !== undefined) return { type: 'kept', message };
  }
  const { uid } = live.metadata;
  await client.delete(
    resources.namespaces,
    { name },
    { signal, ...(uid === undefined ? {} : { preconditions: { uid } }) },
  );
  return { type: 'deleted' };
}

/** What every namespace has, and what only mirrors other objects. */
const IGNORED = new Set(['Event', 'Endpoints', 'EndpointSlice', 'ControllerRevision', 'PodMetrics', 'Lease']);
const EVERYWHERE = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);

async function reasonToKeep(
  session: ClusterSession,
  resource: KubeResource,
  namespace: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const foreign = await firstForeign(session, resource, namespace, signal);
    return foreign === undefined ? undefined : `it holds ${resource.kind} ${foreign}, which SkyFlow did not make`;
  } catch (error) {
    if (!(error instanceof KubeApiError && error.code === 403)) throw error;
    const { group, plural } = resource;
    return `the agent may not see whether it holds ${plural}${group === '' ? '' : `.${group}`}; let it list them`;
  }
}

async function firstForeign(
  session: ClusterSession,
  resource: KubeResource,
  namespace: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for await (const page of session.client.pages<KubeObject>(resource, { namespace, limit: 100, signal })) {
    for (const { metadata } of page.items) {
      const isOurs = isManaged({ metadata });
      const isPart = (metadata.ownerReferences ?? []).length > 0;
      if (!isOurs && !isPart && !EVERYWHERE.has(`${resource.kind} ${metadata.name}`)) return metadata.name;
    }
  }
  return undefined;
}

interface ResourceListBody {
  groupVersion: string;
  resources: { name: string; kind: string; namespaced: boolean; verbs?: string[] }[];
}

async function* namespacedResources(
  session: ClusterSession,
  signal: AbortSignal,
): AsyncGenerator<KubeResource, void, undefined> {
  const { client } = session;
  const { groups } = await client.request<{ groups: { preferredVersion: { groupVersion: string } }[] }>('/apis', {
    signal,
  });
  for (const path of ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]) {
    const list = await client.request<ResourceListBody>(path, { signal });
    const [version = 'v1', group = ''] = list.groupVersion.split('/').reverse();
    for (const { name, kind, namespaced, verbs } of list.resources) {
      const isListed = namespaced && !name.includes('/') && verbs?.includes('list') === true;
      if (isListed && !IGNORED.has(kind)) yield { group, version, plural: name, kind, namespaced };
    }
  }
}
