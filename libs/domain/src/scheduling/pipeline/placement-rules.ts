/** The rules that may refuse a cluster, in the order in which they are asked: what shows a decision shows them in this order. */
import { clusterFilters } from './cluster-filters.js';
import { nodeFit } from './node-fit.js';

export const PLACEMENT_RULES: readonly string[] = [
  ...clusterFilters.map(({ name }) => name),
  nodeFit.name,
  // Of the workload as a whole, once the cluster itself is fine.
  'Evictions',
  'BatchShares',
  'WorkloadAffinity',
  'Queues',
  'ReplicaDivision',
];
