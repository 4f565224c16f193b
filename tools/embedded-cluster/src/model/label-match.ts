/** metav1.LabelSelector and core/v1 node selector matching. */
import { meets, type StoredRequirement } from '@skyflow/domain';
import type { LabelSelector } from './workloads.js';
import type { NodeSelectorTerm } from './pod.js';

/** Whether the labels satisfy the selector. An empty selector matches everything, an absent one nothing. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  if (selector === undefined) return false;
  return (
    matchesLabels(selector.matchLabels, labels) &&
    (selector.matchExpressions ?? []).every((requirement) => matchesRequirement(requirement, labels ?? {}))
  );
}

export function matchesLabels(
  wanted: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** Terms are ORed, requirements within a term ANDed; an empty term matches nothing (as kube-scheduler). */
export function matchesNodeTerms(
  terms: readonly NodeSelectorTerm[],
  labels: Readonly<Record<string, string>>,
  name: string,
): boolean {
  return terms.some((term) => {
    const expressions = term.matchExpressions ?? [];
    const fields = term.matchFields ?? [];
    if (expressions.length + fields.length === 0) return false;
    return (
      expressions.every((requirement) => matchesRequirement(requirement, labels)) &&
      fields.every((requirement) => matchesRequirement(requirement, { 'metadata.name': name }))
    );
  });
}

const matchesRequirement = (requirement: StoredRequirement, labels: Readonly<Record<string, string>>): boolean =>
  meets(requirement, labels[requirement.key]);
