/** A small Kubernetes client: kubeconfig, requests, a Reflector with its cache, a keyed work queue. */
export { Pacer, type PacerOptions } from './reconcile/pacer.js';
export { type KubeClientOptions } from './client/kube-client.js';
export {
  type KubeConfig,
  type KubeContext,
  type KubeConfigCluster,
  type KubeConfigUser,
  KubeConfigError,
  loadKubeConfig,
  parseKubeConfig,
  resolvePath,
} from './kubeconfig/kube-config.js';
export {
  type Authorization,
  type Credentials,
  credentialsOf,
  fixedCredentials,
  tokenFileCredentials,
} from './kubeconfig/credentials.js';
export { type KubeConnection, connectionOf, inClusterConnection } from './kubeconfig/connection.js';
export {
  type KubeObject,
  type KubeMetadata,
  type KubeList,
  type KubeKey,
  type KubeResource,
  type KubeWatchEvent,
  apiVersionOf,
  keyOf,
  resources,
} from './client/kube-object.js';
export { type UpgradeRequest, type Upgraded } from './client/transport.js';
export { type KubeStatus, KubeApiError, KubeUnreachableError, isApiError, isExpired } from './client/kube-errors.js';
export { type KubeRequest, type QueryValue } from './client/transport.js';
export {
  type ApplyOptions,
  type CallOptions,
  type DeleteOptions,
  type ListOptions,
  type LogOptions,
  type WatchOptions,
  DEFAULT_TIMEOUT_MS,
  KubeClient,
} from './client/kube-client.js';
export { type BackoffOptions, Backoff } from './reflector/backoff.js';
export { type Indexer, type StoreChange, ObjectStore } from './reflector/object-store.js';
export { keptMetadata, withoutManagedFields } from './reflector/kept-metadata.js';
export { type ReflectorOptions, Reflector } from './reflector/reflector.js';
export { type WorkQueueOptions, WorkQueue } from './reconcile/work-queue.js';
export { type ReconcileResult, type Reconciler, type ReconcilerRun, runReconciler } from './reconcile/reconciler.js';
