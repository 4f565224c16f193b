/**
 * Score Preferences: what the workload prefers weighs twice as much as balance, so that it wins unless a preferred cluster is full;
 * a taint PreferNoSchedule that is not tolerated takes away as much.
 */
import type { RuledCluster } from '../placement/topology.js';
import { matchesCluster } from '../placement/cluster-selection.js';
import { dislikes } from '../placement/taints.js';
import type { Shape } from '../shape.js';

/** Balance is at most 100, and what is there already takes away at most 100. */
export const PREFERENCE = 200;

/** Added to the balance of a cluster, the same for every replica; 0 for plain workloads and clusters. */
export function preferenceFor({ rules }: Pick<Shape, 'rules'>, cluster: RuledCluster): number {
  const disliked = cluster.taints.length === 0 ? 0 : PREFERENCE * dislikes(cluster.taints, rules?.tolerations ?? []);
  if (rules === undefined) return 0 - disliked;
  const total = rules.preferred.reduce((sum, { weight }) => sum + weight, 0);
  const matching = rules.preferred.reduce(
    (sum, { weight, preference }) => sum + (matchesCluster(preference, cluster) ? weight : 0),
    0,
  );
  return (total === 0 ? 0 : (PREFERENCE * matching) / total) - disliked;
}
