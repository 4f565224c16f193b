/**
 * Plugin points of the pipeline, kube-scheduler's one level up. Plugins are pure functions over the table; a filter that
 * refuses says why, with the numbers.
 */
import type { Reason } from '../reasons.js';
import type { RoundCluster } from '../round-table.js';
import type { NodeMask } from '../room.js';
import type { Shape } from '../shape.js';

export interface Refusal {
  reason: Reason;
  message: string;
}

/** Judges a cluster by what does not change in a round; asked once per shape and round. */
export interface ClusterFilter {
  name: string;
  refuse(shape: Shape, cluster: RoundCluster): Refusal | undefined;
}

/** Judges how many replicas fit; asked again after every reservation. */
export interface RoomFilter {
  name: string;
  fits(shape: Shape, cluster: RoundCluster, mask: NodeMask): number;
  /** Why not one replica fits. */
  explain(shape: Shape, cluster: RoundCluster, mask: NodeMask): Refusal;
}

/** Prefers clusters: 0 (worst) to 100 for the next replica, when `before` replicas of the workload were placed there in this decision. */
export interface Score {
  name: string;
  score(shape: Shape, cluster: RoundCluster, before: number): number;
}
