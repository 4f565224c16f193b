/** Whether a cluster is in a set or matches a selector, and if not, what it lacks, in words. */
import type { ClusterSelector, ClusterSet } from '@skyflow/contracts';
import { Reason } from '../reasons.js';
import { meets, meetsVersion, requirementText } from './requirements.js';
import type { RuledCluster } from './topology.js';

export interface Lack {
  reason: Reason;
  message: string;
}

/** What of a set does not hold; undefined: the cluster is in it. `where` begins the message: `placement`, `policy eu`. */
export function lackOfSet(set: ClusterSet, cluster: RuledCluster, where: string): Lack | undefined {
  if (set.excludeClusters?.includes(cluster.name) === true) {
    return { reason: Reason.EXCLUDED, message: `${where}.excludeClusters names it` };
  }
  if (set.clusters !== undefined && !set.clusters.includes(cluster.name)) {
    return { reason: Reason.NOT_IN_PLACEMENT, message: `${where}.clusters allows only ${set.clusters.join(', ')}` };
  }
  return set.clusterSelector === undefined
    ? undefined
    : lackOfSelector(set.clusterSelector, cluster, `${where}.clusterSelector`);
}

/** The first requirement that does not hold. */
export function lackOfSelector(selector: ClusterSelector, cluster: RuledCluster, where: string): Lack | undefined {
  const { matchLabels = {}, matchExpressions = [], matchFields = [] } = selector;
  for (const [key, value] of Object.entries(matchLabels)) {
    if (cluster.labels[key] === value) continue;
    return {
      reason: Reason.LABELS_DO_NOT_MATCH,
      message: `${where} asks for ${key}=${value}, ${labelText(cluster, key)}`,
    };
  }
  for (const requirement of matchExpressions) {
    if (meets(requirement, cluster.labels[requirement.key])) continue;
    const message = `${where} asks for ${requirementText(requirement)}, ${labelText(cluster, requirement.key)}`;
    return { reason: Reason.LABELS_DO_NOT_MATCH, message };
  }
  for (const requirement of matchFields) {
    const value = fieldOf(cluster, requirement.key);
    if (requirement.key === 'kubernetesVersion' ? meetsVersion(requirement, value) : meets(requirement, value))
      continue;
    const has = value === undefined ? `its ${requirement.key} is not known` : `its ${requirement.key} is ${value}`;
    return { reason: Reason.FIELDS_DO_NOT_MATCH, message: `${where} asks for ${requirementText(requirement)}, ${has}` };
  }
  return undefined;
}

export const isInSet = (set: ClusterSet, cluster: RuledCluster): boolean => lackOfSet(set, cluster, '') === undefined;

export const matchesCluster = (selector: ClusterSelector, cluster: RuledCluster): boolean =>
  lackOfSelector(selector, cluster, '') === undefined;

const fieldOf = ({ facts }: RuledCluster, key: string): string | undefined =>
  key === 'provider' || key === 'region' || key === 'zone' || key === 'kubernetesVersion' ? facts[key] : undefined;

const labelText = ({ labels }: RuledCluster, key: string): string =>
  labels[key] === undefined ? 'the cluster has no such label' : `the cluster has ${key}=${labels[key]}`;
