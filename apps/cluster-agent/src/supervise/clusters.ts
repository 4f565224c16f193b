/** Cluster objects as the supervisor reads them from the gateway. */
import { GROUP, VERSION, type ClusterSpec } from '@skyflow/contracts';
import type { KubeObject, KubeResource } from '@skyflow/kube-client';
import type { KnownCluster } from './supervisor-memory.js';

export const CLUSTERS: KubeResource = {
  group: GROUP,
  version: VERSION,
  plural: 'clusters',
  kind: 'Cluster',
  namespaced: false,
};

export const specOf = (cluster: KubeObject): Partial<ClusterSpec> => cluster['spec'] ?? {};

/** What is kept of a Cluster: its status changes with every heartbeat and is of no use here. */
export const keepCluster = ({ metadata, spec }: KubeObject): KubeObject => ({ metadata, spec });

/** Undefined for a Cluster that names no context: its agent runs elsewhere, in the cluster itself. */
export function knownCluster(cluster: KubeObject): KnownCluster | undefined {
  const { context, kubeconfig } = specOf(cluster);
  const { name, uid } = cluster.metadata;
  if (context === undefined || context === '' || uid === undefined) return undefined;
  return { name, uid, context, ...(kubeconfig === undefined || kubeconfig === '' ? {} : { kubeconfig }) };
}
