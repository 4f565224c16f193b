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
// What a kubelet is made of whose containers are processes: tools/kube-testbed runs one against a real API.
export { ProcessRuntime, type PodHost, type PodReader, type PodWriter } from './process/process-runtime.js';
export { Guardian } from './process/guardian.js';
export { PodAddressPool } from './process/pod-addresses.js';
export { DelayQueue } from './engine/delay-queue.js';
export { preparedExec } from './process/exec-process.js';
export { logRequest, streamText } from './api/connect-handlers.js';
export { portForwardSession, remoteStreams } from './api/upgrades.js';
export { PortForwards } from './streaming/port-forwards.js';
export { runRemote } from './streaming/run-remote.js';
