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

/**
 * Undefined for a Cluster that names no context: its agent runs elsewhere, in the cluster itself; and for one that is to be built and is
 * not there yet.
 * @param builtAt kubeconfig of a cluster that SkyFlow built, by uid.
 */
export function knownCluster(
  cluster: KubeObject,
  builtAt: (uid: string) => string | undefined = () => undefined,
): KnownCluster | undefined {
  const { context, kubeconfig, provision } = specOf(cluster);
  const { name, uid } = cluster.metadata;
  if (provision !== undefined && uid !== undefined) {
    const path = builtAt(uid);
    // No context: the current one of its kubeconfig.
    return path === undefined ? undefined : { name, uid, context: '', kubeconfig: path };
  }
  if (context === undefined || context === '' || uid === undefined) return undefined;
  return { name, uid, context, ...(kubeconfig === undefined || kubeconfig === '' ? {} : { kubeconfig }) };
}
