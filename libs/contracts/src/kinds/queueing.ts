/** Queues and priorities, as users write them. */
import type { ApiObject } from './kinds.js';

/** Quota of one resource, as quantities. */
export interface ResourceQuota {
  resource: string;
  /** What the queue is sure of. */
  nominal: string | number;
  /** Most that it may use beyond `nominal` while others of its tree leave theirs unused. Absent: all they lend. */
  borrowingLimit?: string | number;
  /** Most of its own unused quota that others may use. Absent: all of it. */
  lendingLimit?: string | number;
}

export interface QueuePreemption {
  /** Whether its workloads may displace those of lower priority in the same queue. Default: LowerPriority. */
  withinQueue?: 'LowerPriority' | 'Never';
  /**
   * Whether its workloads may displace those of other queues that use more than they are sure of. LowerPriority (the default): only
   * those of lower priority. Any: whatever their priority, as long as this queue stays within its own nominal quota.
   */
  reclaim?: 'Never' | 'LowerPriority' | 'Any';
}

export interface QueueSpec {
  /** Share of this queue among its siblings, relative to theirs. Default: 1. */
  weight?: number;
  /** The queue that it belongs to: siblings lend each other what they do not use, and the parent's own quota is for all of them. */
  parent?: string;
  quotas?: ResourceQuota[];
  preemption?: QueuePreemption;
}

export interface QueueStatus {
  /** What its workloads, and those of the queues below it, hold. Base units. */
  used: Record<string, number>;
  /** Of it, what is beyond the nominal quota. */
  borrowed: Record<string, number>;
  /** Workloads that have all their replicas placed and have not ended. */
  admitted: number;
  /** Workloads with replicas that wait. */
  waiting: number;
  /** Since when the oldest of them waits. */
  oldestWaitingSince?: string;
}

export type Queue = ApiObject<QueueSpec, QueueStatus> & { spec: QueueSpec };

/** scheduling.k8s.io/v1 PriorityClass. */
export interface PriorityClass extends ApiObject {
  value: number;
  globalDefault?: boolean;
  preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
  description?: string;
}

/** Classes that every Kubernetes cluster has, and their values. */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};
/** Values above this are for system classes. */
export const HIGHEST_USER_PRIORITY = 1_000_000_000;
