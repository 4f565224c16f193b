/** Filters on clusters as a whole, in the order in which they are asked. */
import { Reason } from '../reasons.js';
import type { Shape } from '../shape.js';
import type { ClusterRecord } from '../state.js';
import type { ClusterFilter } from './plugin.js';
import { clusterTaints, ruleFilters } from './rule-filters.js';

/** `placement.clusters` of the workload. */
export const placementClusters: ClusterFilter = {
  name: 'PlacementClusters',
  refuse: ({ clusters }, { record }) =>
    clusters === undefined || clusters.includes(record.name)
      ? undefined
      : { reason: Reason.NOT_IN_PLACEMENT, message: `placement.clusters allows only ${clusters.join(', ')}` },
};

/** `placement.clusterSelector` of the workload against the labels of the Cluster. */
export const clusterSelector: ClusterFilter = {
  name: 'ClusterSelector',
  refuse: ({ clusterLabels = {} }, { record: { labels } }) => {
    const missing = Object.entries(clusterLabels).find(([key, value]) => labels[key] !== value);
    if (missing === undefined) return undefined;
    const [key, value] = missing;
    const has = labels[key] === undefined ? 'has no such label' : `has ${key}=${labels[key]}`;
    return {
      reason: Reason.LABELS_DO_NOT_MATCH,
      message: `placement.clusterSelector asks for ${key}=${value}, the cluster ${has}`,
    };
  },
};

/** New work goes only to clusters that are READY, not cordoned, and stay. */
export const clusterReady: ClusterFilter = {
  name: 'ClusterReady',
  refuse: (_shape, { record }) => {
    if (record.deleting) return { reason: Reason.CLUSTER_DELETING, message: 'the cluster is being deleted' };
    const absence = whyNotThere(record);
    if (absence !== undefined) return { reason: Reason.CLUSTER_NOT_READY, message: absence };
    const { state, message } = record.health;
    if (state === 'READY') {
      return record.unschedulable
        ? { reason: Reason.CLUSTER_UNSCHEDULABLE, message: 'the cluster is cordoned (spec.unschedulable)' }
        : undefined;
    }
    return { reason: Reason.CLUSTER_NOT_READY, message: `the cluster is ${state}: ${message}` };
  },
};

/** Of a cluster that SkyFlow builds. Undefined: it is there. */
function whyNotThere({ built }: ClusterRecord): string | undefined {
  switch (built?.phase) {
    case 'PROVISIONING':
      return `the cluster is being built: ${String(built.progress)} %`;
    case 'STOPPING':
      return 'the cluster is being stopped, as nothing has run on it for long';
    case 'STOPPED':
      return 'the cluster is stopped; it is built when work waits that it would admit';
    default:
      return undefined;
  }
}

const rules: readonly ClusterFilter[] = ruleFilters.map((filter) => ({
  name: filter.name,
  refuse: (shape, { record }) => (shape.rules === undefined ? undefined : filter.refuse(shape, record)),
}));

const taints: ClusterFilter = {
  name: clusterTaints.name,
  refuse: (shape, { record }) => clusterTaints.refuse(shape, record),
};

export const clusterFilters: readonly ClusterFilter[] = [
  placementClusters,
  clusterSelector,
  ...rules,
  taints,
  clusterReady,
];

/** Whether the workload's own rules allow the cluster, whatever its state and taints. */
export const allowsCluster = (shape: Shape, cluster: ClusterRecord): boolean =>
  (shape.clusters === undefined || shape.clusters.includes(cluster.name)) &&
  Object.entries(shape.clusterLabels ?? {}).every(([key, value]) => cluster.labels[key] === value) &&
  (shape.rules === undefined || ruleFilters.every((filter) => filter.refuse(shape, cluster) === undefined));
