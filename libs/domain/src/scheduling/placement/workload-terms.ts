/**
 * Which workloads are where, as far as affinity and anti-affinity between workloads ask: for each term in use the clusters on which
 * workloads that it means have replicas, and on which those are that keep others away by it. Kept current workload by workload; empty,
 * and free of cost, while nobody uses such terms.
 */
import type { WorkloadAffinityTerm } from '@skyflow/contracts';
import { hasWorkloadTerms, type PlacementRules } from './rules.js';
import { matchesLabels } from './label-selector.js';

/** A term in use. */
export interface TermRecord {
  term: WorkloadAffinityTerm;
  /** Shapes that use it. */
  users: number;
  /** Workloads that it means, by cluster that they are on. */
  meant: Map<string, number>;
  /** Workloads that must not be near what it means, by cluster. */
  keepers: Map<string, number>;
}

/** What one workload adds to the counts. */
interface Contribution {
  record: TermRecord;
  kind: 'meant' | 'keepers';
  clusters: readonly string[];
}

export interface WorkloadTerms {
  terms: Map<string, TermRecord>;
  /** By uid. */
  contributions: Map<string, readonly Contribution[]>;
}

export const noWorkloadTerms = (): WorkloadTerms => ({ terms: new Map(), contributions: new Map() });

/** A workload as terms see it. */
export interface PlacedWorkload {
  uid: string;
  namespace: string;
  labels: Readonly<Record<string, string>>;
  rules: PlacementRules | undefined;
  clusters: readonly string[];
}

export const isMeant = (
  { labelSelector, namespaces = [] }: WorkloadAffinityTerm,
  { namespace, labels }: Pick<PlacedWorkload, 'namespace' | 'labels'>,
): boolean => namespaces.includes(namespace) && matchesLabels(labelSelector, labels);

/** The record of a term that a shape in use has. */
export const recordOf = ({ terms }: WorkloadTerms, term: WorkloadAffinityTerm): TermRecord | undefined =>
  terms.get(JSON.stringify(term));

/** @returns whether a term is new: then every workload has to be counted again. */
export function useTerms(index: WorkloadTerms, rules: PlacementRules | undefined): boolean {
  let isNew = false;
  for (const term of termsOf(rules)) {
    const key = JSON.stringify(term);
    const known = index.terms.get(key);
    if (known === undefined) {
      index.terms.set(key, { term, users: 1, meant: new Map(), keepers: new Map() });
      isNew = true;
    } else known.users++;
  }
  return isNew;
}

export function dropTerms(index: WorkloadTerms, rules: PlacementRules | undefined): void {
  for (const term of termsOf(rules)) {
    const key = JSON.stringify(term);
    const known = index.terms.get(key);
    if (known !== undefined && --known.users === 0) index.terms.delete(key);
  }
  if (index.terms.size === 0) index.contributions.clear();
}

/** @returns whether it counts elsewhere, or for other terms, than before. */
export function countWorkload(index: WorkloadTerms, workload: PlacedWorkload): boolean {
  const before = index.contributions.get(workload.uid) ?? [];
  const contributions = contributionsOf(index, workload);
  if (before.length === contributions.length && before.every((each, at) => isSame(each, contributions[at])))
    return false;
  uncountWorkload(index, workload.uid);
  if (contributions.length > 0) index.contributions.set(workload.uid, contributions);
  for (const contribution of contributions) add(contribution, 1);
  return true;
}

/** @returns whether it counted anywhere. */
export function uncountWorkload({ contributions }: WorkloadTerms, uid: string): boolean {
  for (const contribution of contributions.get(uid) ?? []) add(contribution, -1);
  return contributions.delete(uid);
}

function contributionsOf(index: WorkloadTerms, workload: PlacedWorkload): Contribution[] {
  const { clusters } = workload;
  if (clusters.length === 0) return [];
  const contributions: Contribution[] = [];
  for (const record of index.terms.values()) {
    if (isMeant(record.term, workload)) contributions.push({ record, kind: 'meant', clusters });
  }
  for (const term of workload.rules?.antiAffinity.required ?? []) {
    const record = recordOf(index, term);
    if (record !== undefined) contributions.push({ record, kind: 'keepers', clusters });
  }
  return contributions;
}

const isSame = ({ record, kind, clusters }: Contribution, other: Contribution | undefined): boolean =>
  record === other?.record && kind === other.kind && clusters.join() === other.clusters.join();

function add({ record, kind, clusters }: Contribution, by: 1 | -1): void {
  for (const cluster of clusters) {
    const count = (record[kind].get(cluster) ?? 0) + by;
    if (count === 0) record[kind].delete(cluster);
    else record[kind].set(cluster, count);
  }
}

function termsOf(rules: PlacementRules | undefined): WorkloadAffinityTerm[] {
  if (rules === undefined || !hasWorkloadTerms(rules)) return [];
  const { affinity, antiAffinity } = rules;
  return [affinity, antiAffinity].flatMap(({ required, preferred }) => [
    ...required,
    ...preferred.map(({ term }) => term),
  ]);
}

/** A copy to plan on. */
export function forkWorkloadTerms(base: WorkloadTerms): WorkloadTerms {
  const fork = noWorkloadTerms();
  const copies = new Map<TermRecord, TermRecord>();
  for (const [key, record] of base.terms) {
    const copy = { ...record, meant: new Map(record.meant), keepers: new Map(record.keepers) };
    fork.terms.set(key, copy);
    copies.set(record, copy);
  }
  for (const [uid, contributions] of base.contributions) {
    fork.contributions.set(
      uid,
      contributions.map((each) => ({ ...each, record: copies.get(each.record) ?? each.record })),
    );
  }
  return fork;
}
