/** Which table a kind has. */
import type { ResourceKind } from '../gateway/kinds.js';
import { CLUSTER, NAMESPACE, QUEUE, SERVICE, isWorkload } from '../gateway/kinds.js';
import { clusterView } from './cluster-view.js';
import { genericView, namespaceView } from './generic-view.js';
import { queueView } from './queue-view.js';
import type { ServerTable } from './generic-view.js';
import { serviceView } from './service-view.js';
import type { View, ViewOptions } from './view.js';
import { workloadView } from './workload-view.js';

/** Kinds whose table is made here of the objects; for the others the server is asked for one. */
export const hasOwnView = (kind: ResourceKind): boolean =>
  isWorkload(kind) || kind === CLUSTER || kind === NAMESPACE || kind === SERVICE || kind === QUEUE;

export function viewOf(kind: ResourceKind, columns: ServerTable['columnDefinitions'], options: ViewOptions): View {
  if (isWorkload(kind)) return workloadView(options);
  if (kind === CLUSTER) return clusterView(options);
  if (kind === SERVICE) return serviceView(options);
  if (kind === QUEUE) return queueView(options);
  if (kind === NAMESPACE) return namespaceView(options);
  return genericView(kind, columns, options);
}
