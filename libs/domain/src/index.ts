export { InvalidQuantityError, parseBytes, parseCpu, parseQuantity, quantityProblem } from './resources/quantity.js';
export { formatBytes, formatCpu, humanAmount, humanBytes } from './resources/format.js';
export {
  type QuantityMap,
  addResources,
  maxResources,
  parseAmount,
  parseResourceList,
  scaleResources,
  subtractResources,
} from './resources/resource-list.js';
export { type ContainerResources, type PodResources, podRequests } from './resources/pod-requests.js';
export { type FlagProblem, type FromFlags, type KeyValue, type WorkloadFlags } from './workloads/flags.js';
export { type Manifest, deploymentFromFlags, jobFromFlags } from './workloads/workload-from-flags.js';
export { type ClusterFlags, clusterFromFlags, clusterNameOf } from './workloads/cluster-from-flags.js';
export {
  type DesiredState,
  type DesiredWork,
  type WithdrawnWork,
  desiredNamespaces,
  desiredWork,
  evolveDesired,
  initialDesired,
  removableNamespaces,
  withdrawnWork,
  workloadOf,
} from './work/desired.js';
