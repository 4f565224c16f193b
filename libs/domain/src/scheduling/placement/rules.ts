/** What applies to a workload, of everything that it and its policies say: see the contract (kinds/placement.ts) for who wins. */
import type {
  ClusterGroup,
  ClusterSelector,
  ClusterSet,
  ClusterToleration,
  PlacementTerms,
  PreferredClusters,
  ReplicaDivision,
  SpreadConstraint,
  WorkloadAffinity,
  WorkloadAffinityTerm,
} from '@skyflow/contracts';
import type { AppliedPolicy } from './policies.js';

/** Whose words: `placement` of the workload, or `policy NAME`. */
export interface From {
  from: string;
}

export interface PlacementRules {
  /** Named by the workload and not there. */
  missingPolicy: string | undefined;
  /** All must allow a cluster. */
  sets: readonly (From & ClusterSet)[];
  /** Of each, one selector must match. */
  required: readonly (From & { terms: readonly ClusterSelector[] })[];
  /** Add to the score. */
  preferred: readonly PreferredClusters[];
  tolerations: readonly ClusterToleration[];
  /** All must hold. */
  spread: readonly (From & SpreadConstraint & { index: number })[];
  groups: readonly ClusterGroup[];
  overflow: boolean;
  division: ReplicaDivision;
  allOrNothing: boolean;
  affinity: WorkloadTerms;
  antiAffinity: WorkloadTerms;
}

interface WorkloadTerms {
  required: readonly WorkloadAffinityTerm[];
  preferred: readonly { weight: number; term: WorkloadAffinityTerm }[];
}

const SPREAD: ReplicaDivision = { type: 'Spread' };

/**
 * @param inline what the workload itself says, but for `clusters` and `matchLabels`, which the shape has.
 * @returns undefined if nothing is said.
 */
export function rulesOf(
  inline: PlacementTerms | undefined,
  policies: readonly AppliedPolicy[] | undefined,
): PlacementRules | undefined {
  if (inline === undefined && policies === undefined) return undefined;
  const all: (From & { terms: PlacementTerms })[] = [
    ...(inline === undefined ? [] : [{ from: 'placement', terms: inline }]),
    ...(policies ?? []).map(({ name, terms }) => ({ from: `policy ${name}`, terms })),
  ];
  /** Says what can be said only once. */
  const first = <T>(said: (terms: PlacementTerms) => T | undefined): T | undefined => {
    for (const { terms } of all) {
      const value = said(terms);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const grouping = first((terms) => (terms.groups === undefined ? undefined : terms));
  return {
    missingPolicy: policies?.find(({ missing }) => missing)?.name,
    sets: all.flatMap(({ from, terms: { clusters, excludeClusters, clusterSelector } }) =>
      clusters === undefined && excludeClusters === undefined && clusterSelector === undefined
        ? []
        : [
            {
              from,
              ...(clusters !== undefined && { clusters }),
              ...(excludeClusters !== undefined && { excludeClusters }),
              ...(clusterSelector !== undefined && { clusterSelector }),
            },
          ],
    ),
    required: all.flatMap(({ from, terms: { clusterAffinity } }) =>
      clusterAffinity?.required === undefined ? [] : [{ from, terms: clusterAffinity.required }],
    ),
    preferred: all.flatMap(({ terms }) => terms.clusterAffinity?.preferred ?? []),
    tolerations: all.flatMap(({ terms }) => terms.tolerations ?? []),
    spread: all.flatMap(({ from, terms }) =>
      (terms.spreadConstraints ?? []).map((constraint, index) => ({ from, index, ...constraint })),
    ),
    groups: grouping?.groups ?? [],
    overflow: grouping?.overflow === true,
    division: first(({ division }) => division) ?? SPREAD,
    allOrNothing: first(({ allOrNothing }) => allOrNothing) === true,
    affinity: workloadTerms(all.map(({ terms }) => terms.workloadAffinity)),
    antiAffinity: workloadTerms(all.map(({ terms }) => terms.workloadAntiAffinity)),
  };
}

const workloadTerms = (said: readonly (WorkloadAffinity | undefined)[]): WorkloadTerms => ({
  required: said.flatMap((affinity) => affinity?.required ?? []),
  preferred: said.flatMap((affinity) => affinity?.preferred ?? []),
});

/** Whether where replicas go follows from more than each cluster for itself: then how many there are matters, and where they are. */
export const isDividing = ({ spread, groups, division, allOrNothing }: PlacementRules): boolean =>
  spread.length > 0 || groups.length > 0 || division.type !== 'Spread' || allOrNothing;

/** Whether other workloads matter to it. */
export const hasWorkloadTerms = ({ affinity, antiAffinity }: PlacementRules): boolean =>
  affinity.required.length + affinity.preferred.length + antiAffinity.required.length + antiAffinity.preferred.length >
  0;
