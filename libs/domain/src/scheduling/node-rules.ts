/**
 * Which nodes a pod may run on: taints and tolerations, nodeSelector, required node affinity, as kube-scheduler's plugins
 * TaintToleration and NodeAffinity judge them. Labels that an agent did not report are not held against a node: the
 * cluster's own scheduler decides then.
 */
import type { NodeObservation } from '@skyflow/contracts';
import { type StoredRequirement, meets } from './placement/requirements.js';
import { isRecord, recordsIn } from './pod-spec.js';

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

interface SelectorTerm {
  matchExpressions: StoredRequirement[];
  matchFields: StoredRequirement[];
}

/** What a pod template says about nodes; absent parts ask for nothing. */
export interface NodeRules {
  tolerations?: Toleration[];
  nodeSelector?: Record<string, string>;
  /** requiredDuringSchedulingIgnoredDuringExecution: one of these must match. */
  terms?: SelectorTerm[];
}

/** A node as the rules see it. */
export type NodeTraits = Pick<NodeObservation, 'name' | 'labels' | 'taints'>;

/** The rules of a pod spec, or undefined if it has none. */
export function nodeRulesOf(podSpec: Readonly<Record<string, unknown>>): NodeRules | undefined {
  const rules: NodeRules = {};
  const tolerations = recordsIn(podSpec.tolerations);
  if (tolerations.length > 0) rules.tolerations = tolerations;
  if (isRecord(podSpec.nodeSelector) && Object.keys(podSpec.nodeSelector).length > 0) {
    rules.nodeSelector = podSpec.nodeSelector as Record<string, string>;
  }
  const terms = requiredTerms(podSpec.affinity);
  if (terms !== undefined) rules.terms = terms;
  return Object.keys(rules).length > 0 ? rules : undefined;
}

/** Whether a pod with these rules may be scheduled on the node. */
export const admits = (rules: NodeRules | undefined, node: NodeTraits): boolean =>
  toleratesTaints(rules?.tolerations ?? [], node) && matchesLabels(rules, node);

/** Taints that keep ordinary pods away. */
export const isTainted = (node: NodeTraits): boolean => repelling(node).length > 0;

const repelling = (node: NodeTraits) =>
  (node.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');

const toleratesTaints = (tolerations: readonly Toleration[], node: NodeTraits): boolean =>
  repelling(node).every((taint) =>
    tolerations.some(
      ({ key, operator, value, effect }) =>
        (effect === undefined || effect === '' || effect === taint.effect) &&
        (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
        (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
    ),
  );

function matchesLabels(rules: NodeRules | undefined, node: NodeTraits): boolean {
  const { labels } = node;
  const selector = Object.entries(rules?.nodeSelector ?? {});
  if (labels !== undefined && !selector.every(([key, value]) => labels[key] === value)) return false;
  return rules?.terms?.some((term) => matchesTerm(term, node)) ?? true;
}

/** A term without requirements matches nothing, as in Kubernetes. */
function matchesTerm({ matchExpressions, matchFields }: SelectorTerm, node: NodeTraits): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const { labels } = node;
  return (
    (labels === undefined || matchExpressions.every((requirement) => meets(requirement, labels[requirement.key]))) &&
    matchFields.every((requirement) => meets(requirement, requirement.key === 'metadata.name' ? node.name : undefined))
  );
}

function requiredTerms(affinity: unknown): SelectorTerm[] | undefined {
  const nodeAffinity = isRecord(affinity) ? affinity.nodeAffinity : undefined;
  const required = isRecord(nodeAffinity) ? nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution : undefined;
  const terms = recordsIn(isRecord(required) ? required.nodeSelectorTerms : undefined);
  if (terms.length === 0) return undefined;
  return terms.map(({ matchExpressions, matchFields }) => ({
    matchExpressions: recordsIn(matchExpressions) as unknown as StoredRequirement[],
    matchFields: recordsIn(matchFields) as unknown as StoredRequirement[],
  }));
}
