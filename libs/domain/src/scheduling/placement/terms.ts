/**
 * Placement as the log has it, read leniently: gateways validate what they store, but a fold must not throw on a log that another
 * version wrote. What is not of the expected form counts as absent. The result is plain data in a fixed order.
 */
import {
  type ClusterGroup,
  type ClusterSelector,
  type ClusterSet,
  type ClusterToleration,
  type ClusterWeight,
  type PlacementTerms,
  type PreferredClusters,
  type ReplicaDivision,
  type SpreadConstraint,
  type WorkloadAffinity,
  type WorkloadAffinityTerm,
  divisionTypes,
  taintEffects,
} from '@skyflow/contracts';
import { moveTermsIn } from '../moving/moving-rules.js';
import { isRecord, recordsIn } from '../pod-spec.js';
import { keyed, oneOf, requirementsIn, text, texts, compact, labelsIn, whole } from './read-fields.js';

type Fields = Record<string, unknown>;

/** @param namespace that `namespaces` of workload affinity defaults to. */
export function readTerms(value: unknown, namespace: string): PlacementTerms {
  if (!isRecord(value)) return {};
  const moves = moveTermsIn(value) ?? {};
  return (
    compact<PlacementTerms>({
      ...setFields(value),
      tolerations: filled(recordsIn(value.tolerations).map(toleration)),
      clusterAffinity: clusterAffinity(value.clusterAffinity),
      groups: filled(keyed(value.groups, 'name').map(group)),
      overflow: value.overflow === true ? true : undefined,
      spreadConstraints: filled(keyed(value.spreadConstraints, 'topologyKey').map(spreadConstraint)),
      division: division(value.division),
      workloadAffinity: workloadAffinity(value.workloadAffinity, namespace),
      workloadAntiAffinity: workloadAffinity(value.workloadAntiAffinity, namespace),
      allOrNothing: value.allOrNothing === true ? true : undefined,
      failover: moves.failover,
      failback: moves.failback,
      rebalance: moves.rebalance,
      rollout: moves.rollout,
    }) ?? {}
  );
}

export function readSelector(value: unknown): ClusterSelector | undefined {
  if (!isRecord(value)) return undefined;
  return compact<ClusterSelector>({
    matchLabels: labelsIn(value.matchLabels),
    matchExpressions: requirementsIn(value.matchExpressions),
    matchFields: requirementsIn(value.matchFields),
  });
}

const filled = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

const setFields = (value: Fields): { [K in keyof ClusterSet]-?: ClusterSet[K] | undefined } => ({
  clusters: texts(value.clusters),
  excludeClusters: texts(value.excludeClusters),
  clusterSelector: readSelector(value.clusterSelector),
});

function toleration(value: Fields): ClusterToleration {
  return (
    compact<ClusterToleration>({
      key: text(value.key),
      operator: oneOf(value.operator, ['Equal', 'Exists'] as const),
      value: text(value.value),
      effect: oneOf(value.effect, taintEffects),
      tolerationSeconds: whole(value.tolerationSeconds, 0),
    }) ?? {}
  );
}

function clusterAffinity(value: unknown): PlacementTerms['clusterAffinity'] {
  if (!isRecord(value)) return undefined;
  const preferred = recordsIn(value.preferred).flatMap((each): PreferredClusters[] => {
    const preference = readSelector(each.preference);
    const weight = whole(each.weight, 1);
    return preference === undefined || weight === undefined ? [] : [{ weight, preference }];
  });
  return compact({
    required: filled(recordsIn(value.required).flatMap((each) => readSelector(each) ?? [])),
    preferred: filled(preferred),
  });
}

const group = (value: Fields & { name: string }): ClusterGroup => ({
  name: value.name,
  ...compact<ClusterSet>(setFields(value)),
});

const spreadConstraint = (value: Fields & { topologyKey: string }): SpreadConstraint => ({
  topologyKey: value.topologyKey,
  ...compact<Omit<SpreadConstraint, 'topologyKey'>>({
    within: text(value.within),
    minGroups: whole(value.minGroups, 1),
    maxGroups: whole(value.maxGroups, 1),
    maxSkew: whole(value.maxSkew, 1),
    whenUnsatisfiable: oneOf(value.whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway'] as const),
  }),
});

function division(value: unknown): ReplicaDivision | undefined {
  const type = isRecord(value) ? oneOf(value.type, divisionTypes) : undefined;
  if (!isRecord(value) || type === undefined) return undefined;
  const weights = recordsIn(value.weights).flatMap((each): ClusterWeight[] => {
    const weight = whole(each.weight, 1);
    return weight === undefined ? [] : [{ weight, ...compact<ClusterSet>(setFields(each)) }];
  });
  return { type, ...(weights.length > 0 && { weights }) };
}

function workloadAffinity(value: unknown, namespace: string): WorkloadAffinity | undefined {
  if (!isRecord(value)) return undefined;
  const term = (each: unknown): WorkloadAffinityTerm[] => {
    const topologyKey = isRecord(each) ? text(each.topologyKey) : undefined;
    if (!isRecord(each) || topologyKey === undefined || !isRecord(each.labelSelector)) return [];
    const { matchLabels, matchExpressions } = readSelector(each.labelSelector) ?? {};
    const labelSelector = compact<ClusterSelector>({ matchLabels, matchExpressions, matchFields: undefined }) ?? {};
    return [{ labelSelector, topologyKey, namespaces: texts(each.namespaces) ?? [namespace] }];
  };
  const preferred = recordsIn(value.preferred).flatMap((each) => {
    const weight = whole(each.weight, 1);
    return weight === undefined ? [] : term(each.term).map((one) => ({ weight, term: one }));
  });
  return compact<WorkloadAffinity>({
    required: filled(Array.isArray(value.required) ? value.required.flatMap(term) : []),
    preferred: filled(preferred),
  });
}
