/** What is on a cluster, by asking for the metadata of every object of every kind that can be listed. Only reads. */
import {
  matters,
  namespacesInQuestion,
  planRemoval,
  type FoundKind,
  type FoundObject,
  type RemovalPlan,
} from '@skyflow/domain';
import { KubeApiError, resources, type KubeClient, type KubeObject, type KubeResource } from '@skyflow/kube-client';

const PAGE = 500;

/** @throws KubeApiError, KubeUnreachableError */
export async function takeInventory(client: KubeClient, signal: AbortSignal): Promise<RemovalPlan> {
  const objects: FoundObject[] = [];
  const unseen: FoundKind[] = [];
  for await (const object of all(client, resources.namespaces, signal)) objects.push(object);
  const inQuestion = namespacesInQuestion(objects);
  for await (const kind of listedKinds(client, unseen, signal)) {
    if (kind.group === '' && kind.kind === 'Namespace') continue;
    try {
      for await (const object of all(client, kind, signal)) if (matters(object, inQuestion)) objects.push(object);
    } catch (error) {
      // 404, 405: a kind that went, or that cannot be listed after all. 403, 503: nobody can say.
      if (!(error instanceof KubeApiError)) throw error;
      if (error.code !== 404 && error.code !== 405) unseen.push(kind);
    }
  }
  return planRemoval(objects, unseen);
}

async function* all(client: KubeClient, kind: KubeResource, signal: AbortSignal): AsyncGenerator<FoundObject> {
  for await (const { items } of client.pages<KubeObject>(kind, { limit: PAGE, metadataOnly: true, signal })) {
    for (const { metadata } of items) yield { kind, metadata };
  }
}

interface ResourceList {
  groupVersion: string;
  resources: { name: string; kind: string; namespaced: boolean; verbs?: string[] }[];
}

/** By discovery; groups whose server does not answer (an aggregated API that is down) are unseen. */
async function* listedKinds(
  client: KubeClient,
  unseen: FoundKind[],
  signal: AbortSignal,
): AsyncGenerator<KubeResource> {
  const { groups } = await client.request<{ groups: { preferredVersion: { groupVersion: string } }[] }>('/apis', {
    signal,
  });
  for (const path of ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]) {
    const [version = 'v1', group = ''] = path
      .replace(/^\/apis?\//, '')
      .split('/')
      .reverse();
    try {
      const list = await client.request<ResourceList>(path, { signal });
      for (const { name, kind, namespaced, verbs } of list.resources) {
        if (!name.includes('/') && verbs?.includes('list') === true) {
          yield { group, version, plural: name, kind, namespaced };
        }
      }
    } catch (error) {
      if (!(error instanceof KubeApiError)) throw error;
      unseen.push({ group, version, plural: '*', kind: '*', namespaced: true });
    }
  }
}
