/**
 * Affinity and anti-affinity between workloads. Near is: in the same group of clusters by the key of the term. A workload is not held
 * against itself. Anti-affinity holds both ways: also what came later keeps away from what would not have it near. As in Kubernetes,
 * the first of a group that wants to be near its like may go anywhere.
 */
import type { WorkloadAffinityTerm } from '@skyflow/contracts';
import type { ClusterRecord } from '../state.js';
import { Reason } from '../reasons.js';
import { requirementText } from './requirements.js';
import { groupOf, topologyText } from './topology.js';
import { type PlacedWorkload, type TermRecord, type WorkloadTerms, isMeant, recordOf } from './workload-terms.js';

export interface NearOthers {
  /** Why a cluster is refused because of other workloads. */
  refuse(cluster: ClusterRecord): { reason: Reason; message: string } | undefined;
  /** -1 to 1: how much of what is preferred holds there. */
  liking(cluster: ClusterRecord): number;
}

/** @param workload as it is placed now. */
export function nearOthers(
  index: WorkloadTerms,
  workload: PlacedWorkload,
  clusters: ReadonlyMap<string, ClusterRecord>,
): NearOthers {
  const { affinity, antiAffinity } = workload.rules ?? NO_TERMS;
  const groups = (
    term: WorkloadAffinityTerm,
    record: TermRecord | undefined,
    kind: 'meant' | 'keepers',
    own: boolean,
  ) => {
    const found = new Set<string>();
    for (const [name, count] of record?.[kind] ?? []) {
      if (count - (own && workload.clusters.includes(name) ? 1 : 0) <= 0) continue;
      const cluster = clusters.get(name);
      const group = cluster && groupOf(cluster, term.topologyKey);
      if (group !== undefined) found.add(group);
    }
    return found;
  };
  const others = (term: WorkloadAffinityTerm): Set<string> =>
    groups(term, recordOf(index, term), 'meant', isMeant(term, workload));
  const wanted = affinity.required
    .map((term) => ({ term, where: others(term) }))
    .filter(({ term, where }) => where.size > 0 || !isMeant(term, workload));
  const unwanted = antiAffinity.required.map((term) => ({ term, where: others(term) }));
  const unwelcome = [...index.terms.values()]
    .filter(({ term, keepers }) => keepers.size > 0 && isMeant(term, workload))
    .map((record) => ({
      term: record.term,
      where: groups(record.term, record, 'keepers', keeps(workload, record.term)),
    }));
  const likes = [
    ...affinity.preferred.map(({ weight, term }) => ({ weight, term, where: others(term) })),
    ...antiAffinity.preferred.map(({ weight, term }) => ({ weight: -weight, term, where: others(term) })),
  ];
  const total = likes.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  const isIn = (
    cluster: ClusterRecord,
    { term, where }: { term: WorkloadAffinityTerm; where: Set<string> },
  ): boolean => {
    const group = groupOf(cluster, term.topologyKey);
    return group !== undefined && where.has(group);
  };
  return {
    refuse(cluster) {
      const far = wanted.find((each) => !isIn(cluster, each));
      if (far !== undefined) {
        const message = `no workload with ${termText(far.term)} is in its ${topologyText(far.term.topologyKey)}`;
        return { reason: Reason.WORKLOAD_AFFINITY, message };
      }
      const near = unwanted.find((each) => isIn(cluster, each));
      if (near !== undefined) {
        const message = `a workload with ${termText(near.term)} is in its ${topologyText(near.term.topologyKey)}`;
        return { reason: Reason.WORKLOAD_ANTI_AFFINITY, message };
      }
      const kept = unwelcome.find((each) => isIn(cluster, each));
      if (kept === undefined) return undefined;
      const message = `a workload in its ${topologyText(kept.term.topologyKey)} keeps workloads with ${termText(kept.term)} away`;
      return { reason: Reason.WORKLOAD_ANTI_AFFINITY, message };
    },
    liking: (cluster) =>
      total === 0 ? 0 : likes.reduce((sum, each) => sum + (isIn(cluster, each) ? each.weight : 0), 0) / total,
  };
}

const NO_TERMS = { affinity: { required: [], preferred: [] }, antiAffinity: { required: [], preferred: [] } } as const;

const keeps = ({ rules }: PlacedWorkload, term: WorkloadAffinityTerm): boolean =>
  rules?.antiAffinity.required.some((own) => JSON.stringify(own) === JSON.stringify(term)) === true;

function termText({ labelSelector: { matchLabels = {}, matchExpressions = [] } }: WorkloadAffinityTerm): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...labels, ...matchExpressions.map(requirementText)].join(' and ');
}
