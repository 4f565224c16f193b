/** What a workload says about waiting: its queue, its gang, whether it would rather wait than pay. */

/** Where workloads wait that name no queue. It needs no object; one of this name gives it a weight or a quota. */
export const DEFAULT_QUEUE = 'default';

/** Fields of a workload's spec that are for SkyFlow's scheduler and that no cluster gets to see. */
export const SCHEDULER_FIELDS = ['placement', 'queue', 'gang', 'waiting', 'expectedRunSeconds'] as const;

/** A workload's own place in its queue. */
export interface WorkloadQueueStatus {
  name: string;
  priority?: number;
  /** 1: the first of those that wait. Absent: nothing of it waits. */
  place?: number;
  /** How many wait in this queue. */
  of?: number;
}

/** Replicas that make sense only together. */
export interface Gang {
  /** Workloads of one namespace with the same name are one gang. Absent: this workload alone, with all its replicas. */
  name?: string;
  /** How many workloads the gang has; none of them is placed before all are there. Default: 1. */
  size?: number;
  /** Cluster: all of it on one cluster. Fleet (the default): over several if need be. */
  within?: 'Cluster' | 'Fleet';
}

/**
 * How long a workload would rather wait for a cluster without a price than pay for one that has one (Starburst, USENIX ATC '24).
 * Constant: `seconds`. RunTime: `factor` times the expected run time. Resource: `seconds` for each unit of `resource` that it asks
 * for. Compute: `factor` times the expected run time for each unit.
 */
export interface WaitingPolicy {
  policy: 'Constant' | 'RunTime' | 'Resource' | 'Compute';
  seconds?: number;
  factor?: number;
  /** Counted by Resource and Compute. Default: cpu, in cores. */
  resource?: string;
  /** Never longer than this. */
  maxSeconds?: number;
}
