/** Filters for what PlacementPolicies and the wider grammar of `placement` say about single clusters. Plain workloads have no rules. */
import { isInSet, lackOfSelector, lackOfSet } from '../placement/cluster-selection.js';
import { repellingTaint, taintText } from '../placement/taints.js';
import { type RuledCluster, groupOf, topologyText } from '../placement/topology.js';
import { Reason } from '../reasons.js';
import type { Shape } from '../shape.js';
import type { Refusal } from './plugin.js';

interface RuleFilter {
  name: string;
  refuse(shape: Pick<Shape, 'rules'>, cluster: RuledCluster): Refusal | undefined;
}

/** The workload names a policy that is not there: what it wants is not known. */
const placementPolicy: RuleFilter = {
  name: 'PlacementPolicy',
  refuse: ({ rules }) =>
    rules?.missingPolicy === undefined
      ? undefined
      : {
          reason: Reason.POLICY_NOT_FOUND,
          message: `placement.policy names ${rules.missingPolicy}, and there is no such PlacementPolicy in its namespace`,
        },
};

/** Names and selectors of every policy, and what the workload says beyond `clusters` and `matchLabels`. */
const placementSets: RuleFilter = {
  name: 'PlacementSets',
  refuse: ({ rules }, cluster) => {
    for (const set of rules?.sets ?? []) {
      const lack = lackOfSet(set, cluster, set.from);
      if (lack !== undefined) return lack;
    }
    return undefined;
  },
};

const clusterAffinity: RuleFilter = {
  name: 'ClusterAffinity',
  refuse: ({ rules }, cluster) => {
    for (const { from, terms } of rules?.required ?? []) {
      const lacks = terms.map((term, index) =>
        lackOfSelector(term, cluster, `${from}.clusterAffinity.required[${index}]`),
      );
      if (lacks.includes(undefined)) continue;
      return {
        reason: Reason.AFFINITY_DOES_NOT_MATCH,
        message: lacks.flatMap((lack) => lack?.message ?? []).join('; or '),
      };
    }
    return undefined;
  },
};

const clusterGroups: RuleFilter = {
  name: 'ClusterGroups',
  refuse: ({ rules }, cluster) => {
    const groups = rules?.groups ?? [];
    if (groups.length === 0 || groups.some((group) => isInSet(group, cluster))) return undefined;
    const names = groups.map(({ name }) => name).join(', ');
    return { reason: Reason.NOT_IN_PLACEMENT, message: `it is in none of the groups ${names}` };
  },
};

/** A cluster without a value of the key cannot be counted, so a hard constraint keeps replicas away from it. */
const topologyLabels: RuleFilter = {
  name: 'SpreadConstraints',
  refuse: ({ rules }, cluster) => {
    for (const { from, index, topologyKey, within, whenUnsatisfiable } of rules?.spread ?? []) {
      if (whenUnsatisfiable === 'ScheduleAnyway') continue;
      const key = [topologyKey, within].find((each) => each !== undefined && groupOf(cluster, each) === undefined);
      if (key === undefined) continue;
      return {
        reason: Reason.NO_TOPOLOGY,
        message: `${from}.spreadConstraints[${index}] spreads over ${topologyText(key)}, the cluster has none`,
      };
    }
    return undefined;
  },
};

export const ruleFilters: readonly RuleFilter[] = [
  placementPolicy,
  placementSets,
  clusterAffinity,
  clusterGroups,
  topologyLabels,
];

/** Taints of the cluster; of every workload, as one without rules tolerates none. */
export const clusterTaints: RuleFilter = {
  name: 'ClusterTaints',
  refuse: ({ rules }, { taints }) => {
    if (taints.length === 0) return undefined;
    const taint = repellingTaint(taints, rules?.tolerations ?? []);
    return taint === undefined
      ? undefined
      : {
          reason: Reason.TAINT_NOT_TOLERATED,
          message: `the cluster has the taint ${taintText(taint)}, and no toleration matches it`,
        };
  },
};
