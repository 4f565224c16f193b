/** The words that a status may say; one list for log, API and CLI. */

/**
 * Health of a member cluster.
 * INIT: registered, no agent has reported. READY: agent alive, its API answers. UNREACHABLE: agent alive, its API does not
 * answer. SUSPECT: heartbeats are late. LOST: heartbeats stayed away.
 */
export const clusterHealthStates = ['INIT', 'READY', 'UNREACHABLE', 'SUSPECT', 'LOST'] as const;
export type ClusterHealth = (typeof clusterHealthStates)[number];

/**
 * Why replicas have to leave a cluster. ClusterLost: it cannot be seen and its grace time is over. Drained: its `spec.drain` asks
 * for it. Tainted: a NoExecute taint that the workload does not tolerate (any longer). Unschedulable: its own scheduler finds no
 * node for them. Failback: a cluster that they had to leave is back. Rebalanced: asked for, to level the clusters.
 */
export const evictionCauses = ['ClusterLost', 'Drained', 'Tainted', 'Unschedulable', 'Failback', 'Rebalanced'] as const;
export type EvictionCause = (typeof evictionCauses)[number];

/** What a cluster does with its share of a workload. */
export const workPhases = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED'] as const;
export type WorkPhase = (typeof workPhases)[number];

/**
 * What the API says of a workload, or of its share on one cluster.
 * PENDING: not placed, or placed and not running yet. UNKNOWN: its cluster cannot be seen; the reason says since when.
 */
export const workloadPhases = ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'UNKNOWN', 'DELETING'] as const;
export type WorkloadPhase = (typeof workloadPhases)[number];
