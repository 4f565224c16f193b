/** Kubernetes objects as this client sees them: typed only as far as every kind is alike. */

export interface KubeMetadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  finalizers?: string[];
}

export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: KubeMetadata;
  [field: string]: unknown;
}

/** One page of a list. */
export interface KubeList<T extends KubeObject = KubeObject> {
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** `ERROR` events never reach the caller: they are thrown as {@link KubeApiError}. */
export interface KubeWatchEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

/** Names an object within one resource. */
export interface KubeKey {
  namespace?: string;
  name: string;
}

/** A resource of the API, enough to make its URLs. */
export interface KubeResource {
  /** '' for the core group. */
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}

/** `default/web` or, for cluster-scoped objects, `web`: the key of stores and queues. */
export const keyOf = (metadata: { namespace?: string | undefined; name: string }): string =>
  metadata.namespace === undefined || metadata.namespace === ''
    ? metadata.name
    : `${metadata.namespace}/${metadata.name}`;

/** `v1` or `apps/v1`. */
export const apiVersionOf = (resource: KubeResource): string =>
  resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;

const resource = (group: string, kind: string, plural: string, namespaced = true): KubeResource => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced,
});

/** The resources that SkyFlow itself names; any other is found by discovery (`KubeClient.resourceOf`). */
export const resources = {
  namespaces: resource('', 'Namespace', 'namespaces', false),
  nodes: resource('', 'Node', 'nodes', false),
  pods: resource('', 'Pod', 'pods'),
  events: resource('', 'Event', 'events'),
  configMaps: resource('', 'ConfigMap', 'configmaps'),
  secrets: resource('', 'Secret', 'secrets'),
  services: resource('', 'Service', 'services'),
  serviceAccounts: resource('', 'ServiceAccount', 'serviceaccounts'),
  persistentVolumeClaims: resource('', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  deployments: resource('apps', 'Deployment', 'deployments'),
  jobs: resource('batch', 'Job', 'jobs'),
  priorityClasses: resource('scheduling.k8s.io', 'PriorityClass', 'priorityclasses', false),
  endpointSlices: resource('discovery.k8s.io', 'EndpointSlice', 'endpointslices'),
} as const satisfies Record<string, KubeResource>;
