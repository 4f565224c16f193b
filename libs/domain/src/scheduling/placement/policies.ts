/**
 * PlacementPolicies of a namespace, and which of them apply to a workload: the one that it names, then those that select it by its
 * labels, by priority and name. A workload that names a policy which is not there waits for it.
 */
import type { ClusterSelector, PlacementTerms, StoredObject } from '@skyflow/contracts';
import { isRecord } from '../pod-spec.js';
import { matchesLabels } from './label-selector.js';
import { readSelector, readTerms } from './terms.js';

export interface PolicyRecord {
  name: string;
  /** Undefined: applies only to workloads that name it. */
  selector: Pick<ClusterSelector, 'matchLabels' | 'matchExpressions'> | undefined;
  priority: number;
  terms: PlacementTerms;
}

/** Policies by name, by namespace. */
export type Policies = Map<string, Map<string, PolicyRecord>>;

/** Terms of one policy as they apply to a workload. `missing`: the workload names it and it is not there. */
export interface AppliedPolicy {
  name: string;
  terms: PlacementTerms;
  missing?: true;
}

export function policyOf({ metadata, spec }: StoredObject): PolicyRecord {
  const fields = isRecord(spec) ? spec : {};
  const { priority, workloadSelector } = fields;
  return {
    name: metadata.name,
    selector: isRecord(workloadSelector) ? (readSelector(workloadSelector) ?? {}) : undefined,
    priority: typeof priority === 'number' && Number.isFinite(priority) ? priority : 0,
    terms: readTerms(fields, metadata.namespace ?? ''),
  };
}

/** Whether a policy has a say about a workload with these labels that names the policy `named`. */
export const governs = (policy: PolicyRecord, named: string | undefined, labels: Readonly<Record<string, string>>) =>
  policy.name === named || (policy.selector !== undefined && matchesLabels(policy.selector, labels));

/** The policies that apply, in the order in which they are asked. */
export function appliedPolicies(
  policies: Policies,
  namespace: string,
  named: string | undefined,
  labels: Readonly<Record<string, string>>,
): AppliedPolicy[] {
  const own = policies.get(namespace);
  if (own === undefined) return named === undefined ? [] : [{ name: named, terms: {}, missing: true }];
  const applied: AppliedPolicy[] = [];
  if (named !== undefined) {
    const policy = own.get(named);
    applied.push(
      policy === undefined ? { name: named, terms: {}, missing: true } : { name: named, terms: policy.terms },
    );
  }
  const selecting = [...own.values()]
    .filter((policy) => policy.name !== named && governs(policy, undefined, labels))
    .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  for (const { name, terms } of selecting) applied.push({ name, terms });
  return applied;
}
