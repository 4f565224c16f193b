/**
 * Which objects that the pods of a share refer to are not on the cluster. Each is asked for by name, so that reading them needs no
 * more than `get`; what is there is not asked for again for a while.
 */
import { outsideReferences, referenceText, type DesiredWork, type PodReference } from '@skyflow/domain';
import { KubeApiError, resources, type KubeResource } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';

const RESOURCES: Readonly<Record<PodReference['kind'], KubeResource>> = {
  ConfigMap: resources.configMaps,
  Secret: resources.secrets,
  ServiceAccount: { group: '', version: 'v1', plural: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true },
  PersistentVolumeClaim: {
    group: '',
    version: 'v1',
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    namespaced: true,
  },
  PriorityClass: {
    group: 'scheduling.k8s.io',
    version: 'v1',
    plural: 'priorityclasses',
    kind: 'PriorityClass',
    namespaced: false,
  },
  RuntimeClass: {
    group: 'node.k8s.io',
    version: 'v1',
    plural: 'runtimeclasses',
    kind: 'RuntimeClass',
    namespaced: false,
  },
};

/** Many workloads name the same ServiceAccount. */
const KNOWN_MS = 60_000;

export class MissingReferences {
  /** By workload uid. */
  private readonly missing = new Map<string, readonly string[]>();
  /** When each object was last seen, ms of the monotonic clock. */
  private readonly seenAt = new Map<string, number>();

  constructor(
    private readonly session: ClusterSession,
    private readonly onChange: (uid: string) => void,
  ) {}

  /** Texts such as `Secret db`. */
  of(uid: string): readonly string[] {
    return this.missing.get(uid) ?? [];
  }

  forget(uid: string): void {
    this.missing.delete(uid);
  }

  /** Looks anew; true when something is missing. @throws KubeApiError, KubeUnreachableError */
  async look(work: DesiredWork, signal: AbortSignal): Promise<boolean> {
    const found: string[] = [];
    for (const reference of outsideReferences(work)) {
      if (!(await this.isThere(reference, work.ref.namespace, signal))) found.push(referenceText(reference));
    }
    const { uid } = work.ref;
    const before = this.of(uid).join();
    if (found.length === 0) this.missing.delete(uid);
    else this.missing.set(uid, found);
    if (before !== found.join()) this.onChange(uid);
    return found.length > 0;
  }

  private async isThere(
    { kind, name }: PodReference,
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const resource = RESOURCES[kind];
    const key = resource.namespaced && namespace !== undefined ? { namespace, name } : { name };
    const id = `${kind} ${resource.namespaced ? (namespace ?? '') : ''}/${name}`;
    if (performance.now() - (this.seenAt.get(id) ?? Number.NEGATIVE_INFINITY) < KNOWN_MS) return true;
    try {
      if ((await this.session.client.find(resource, key, { signal })) === undefined) return false;
    } catch (error) {
      // Not to be seen is not missing; the pods will tell.
      if (!(error instanceof KubeApiError && error.code === 403)) throw error;
    }
    this.seenAt.set(id, performance.now());
    return true;
  }
}
