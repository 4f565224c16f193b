/** Kubernetes clusters in memory, for workstations, tests and scale: many in one process. */
export { startEmbeddedClusters, type EmbeddedClusters, type EmbeddedClustersOptions } from './clusters.js';
export type { EmbeddedCluster } from './engine/embedded-cluster.js';
export type { ClusterOptions, ClusterSettings, NodeSettings } from './config/cluster-settings.js';
export { loadIdentity } from './tls/identity-file.js';
export { selfSigned, type ServerIdentity } from './tls/self-signed.js';
export type { Faults } from './control/faults.js';
export { virtualStep, type VirtualSettings, type VirtualStep } from './kubelet/virtual-step.js';
export { VIRTUAL_DEFAULTS } from './kubelet/virtual-behaviour.js';
export type { Pod } from './model/pod.js';
