/**
 * The connection to one cluster and the caches of what the agent must see there. One session lives as long as its kubeconfig
 * does; the API behind it may come and go.
 */
import { LABEL_MANAGED_BY, LABEL_WORKLOAD_UID, MANAGED_BY } from '@skyflow/contracts';
import {
  KubeClient,
  Reflector,
  resources,
  type KubeClientOptions,
  type KubeConnection,
  type KubeObject,
  type KubeResource,
  type StoreChange,
} from '@skyflow/kube-client';
import {
  keepDependency,
  keepNamespace,
  keepNode,
  keepPod,
  keepWorkload,
  type KeptNode,
  type KeptObject,
  type KeptPod,
} from './kept-objects.js';

/** Index of workloads and pods by the uid of the SkyFlow workload. */
const BY_WORKLOAD = 'workload';

export interface ClusterListeners {
  onWorkload(change: StoreChange<KeptObject>): void;
  onDependency(change: StoreChange<KeptObject>): void;
  onNamespace(change: StoreChange<KeptObject>): void;
  onPod(change: StoreChange<KeptPod>): void;
  onNode(change: StoreChange<KeptNode>): void;
}

const OURS = `${LABEL_MANAGED_BY}=${MANAGED_BY}`;

export class ClusterSession {
  readonly client: KubeClient;
  readonly deployments: Reflector<KeptObject>;
  readonly jobs: Reflector<KeptObject>;
  readonly configMaps: Reflector<KeptObject>;
  readonly secrets: Reflector<KeptObject>;
  readonly priorityClasses: Reflector<KeptObject>;
  readonly namespaces: Reflector<KeptObject>;
  readonly pods: Reflector<KeptPod>;
  readonly nodes: Reflector<KeptNode>;

  constructor(connection: KubeConnection, options: KubeClientOptions, listeners: ClusterListeners) {
    this.client = new KubeClient(connection, options);
    const { client } = this;
    // Others' workloads too: their names are taken.
    const workloads = (resource: KubeResource): Reflector<KeptObject> =>
      new Reflector<KeptObject>({
        client,
        resource,
        keep: keepWorkload,
        indexers: indexers(),
        onChange: (change) => listeners.onWorkload(change),
      });
    const dependencies = (resource: KubeResource): Reflector<KeptObject> =>
      new Reflector<KeptObject>({
        client,
        resource,
        labelSelector: OURS,
        keep: keepDependency,
        onChange: (change) => listeners.onDependency(change),
      });
    this.deployments = workloads(resources.deployments);
    this.jobs = workloads(resources.jobs);
    this.configMaps = dependencies(resources.configMaps);
    this.secrets = dependencies(resources.secrets);
    this.priorityClasses = dependencies(resources.priorityClasses);
    this.namespaces = new Reflector({
      client,
      resource: resources.namespaces,
      keep: keepNamespace,
      onChange: (change) => listeners.onNamespace(change),
    });
    this.pods = new Reflector<KeptPod>({
      client,
      resource: resources.pods,
      keep: keepPod,
      indexers: indexers(),
      onChange: (change) => listeners.onPod(change),
    });
    this.nodes = new Reflector({
      client,
      resource: resources.nodes,
      keep: keepNode,
      onChange: (change) => listeners.onNode(change),
    });
  }

  /** What must be complete before anything is decided. */
  get reflectors(): readonly {
    hasSynced: boolean;
    error: Error | undefined;
    run(signal: AbortSignal): Promise<void>;
    whenSynced(signal: AbortSignal): Promise<void>;
  }[] {
    const { deployments, jobs, configMaps, secrets, priorityClasses, namespaces, pods, nodes } = this;
    return [deployments, jobs, configMaps, secrets, priorityClasses, namespaces, pods, nodes];
  }

  /** Whether every cache holds a first complete list: only then does the absence of an object mean anything. */
  get hasSynced(): boolean {
    return this.reflectors.every((reflector) => reflector.hasSynced);
  }

  /** The error of a resource that cannot be watched at the moment. */
  get error(): Error | undefined {
    return this.reflectors.find((reflector) => reflector.error !== undefined)?.error;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.reflectors.map((reflector) => reflector.run(signal)));
    this.client.close();
  }

  /** Native workload objects made for a SkyFlow workload. */
  workloadsOf(uid: string): { resource: KubeResource; object: KeptObject }[] {
    return [
      ...[...this.deployments.store.by(BY_WORKLOAD, uid)].map((object) => ({
        resource: resources.deployments,
        object,
      })),
      ...[...this.jobs.store.by(BY_WORKLOAD, uid)].map((object) => ({ resource: resources.jobs, object })),
    ];
  }

  /** uids of the SkyFlow workloads that native objects were made for. */
  workloadUids(): Set<string> {
    const natives = [...this.deployments.store.values(), ...this.jobs.store.values()];
    return new Set(natives.flatMap(({ metadata }) => metadata.labels?.[LABEL_WORKLOAD_UID] ?? []));
  }

  podsOf(uid: string): KeptPod[] {
    return [...this.pods.store.by(BY_WORKLOAD, uid)];
  }

  /** Whether the absence of this kind of object in the cache means that the name is free. */
  knowsAll(kind: string): boolean {
    const cache = kind === 'Deployment' ? this.deployments : kind === 'Job' ? this.jobs : undefined;
    return cache !== undefined && cache.hasSynced && cache.error === undefined;
  }

  /** The cache of a kind, if it has one. */
  cacheOf(kind: string): Reflector<KeptObject> | undefined {
    switch (kind) {
      case 'Deployment':
        return this.deployments;
      case 'Job':
        return this.jobs;
      case 'ConfigMap':
        return this.configMaps;
      case 'Secret':
        return this.secrets;
      case 'PriorityClass':
        return this.priorityClasses;
      default:
        return undefined;
    }
  }
}

const indexers = (): Record<string, (object: KubeObject) => readonly string[]> => ({
  [BY_WORKLOAD]: ({ metadata }) => present(metadata.labels?.[LABEL_WORKLOAD_UID]),
});

const present = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
