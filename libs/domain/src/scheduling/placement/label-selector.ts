/** Label selectors over workloads and clusters. */
import type { ClusterSelector } from '@skyflow/contracts';
import { meets } from './requirements.js';

type LabelSelector = Pick<ClusterSelector, 'matchLabels' | 'matchExpressions'>;

/** All of it must hold; an empty selector matches everything. */
export function matchesLabels(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => meets(requirement, labels[requirement.key]))
  );
}
