/**
 * How a handler of a pod's subresource finds the pod's cluster. Resource definitions are shared by all clusters of a process,
 * so a request is told apart by the store that it is about.
 */
import { notFound, type ResourceStore, StatusError } from '@skyflow/apimachinery';
import type { AttachWanted, LogRequest } from '../kubelet/pod-runtime.js';
import type { ContainerPlace } from '../process/container-place.js';
import type { RemoteProcess } from '../process/remote-process.js';
import type { Pod } from '../model/pod.js';

/** What a cluster offers to the handlers. */
export interface ConnectTarget {
  logs(request: LogRequest, signal: AbortSignal): AsyncIterable<string>;
  /** @throws StatusError when no command can be run there. */
  execTarget(namespace: string, pod: string, container: string): ContainerPlace;
  /** @throws StatusError when there is nothing to be attached to. */
  attachTarget(namespace: string, pod: string, container: string, wanted: AttachWanted): () => RemoteProcess;
  /** Where the pod's ports are. @throws StatusError when it has no address that answers. */
  podAddress(namespace: string, pod: string): string;
  pod(namespace: string, name: string): Pod | undefined;
  bind(pod: Pod, node: string): Promise<void>;
  evict(pod: Pod, options: { gracePeriodSeconds?: number; dryRun: boolean }): Promise<void>;
}

const targets = new WeakMap<ResourceStore, ConnectTarget>();

/** The pods of this store belong to this cluster. */
export function registerConnectTarget(store: ResourceStore, target: ConnectTarget): void {
  targets.set(store, target);
}

/** @throws StatusError 404, 500 */
export function podTarget(
  store: ResourceStore,
  key: { namespace?: string; name: string },
): { target: ConnectTarget; pod: Pod } {
  const target = targets.get(store);
  if (target === undefined) throw new StatusError(500, 'InternalError', 'this store belongs to no cluster');
  const pod = target.pod(key.namespace ?? '', key.name);
  if (pod === undefined) throw notFound({ kind: 'Pod', plural: 'pods', group: '' }, key.name);
  return { target, pod };
}
