/**
 * Which Cluster name each kube context gets. A context may hold any text, a Cluster's name is a DNS label, so different contexts
 * can want the same name: the one that is that name itself has it, then the first in order; the others get a short hash.
 */
import { isDnsLabel } from '@skyflow/contracts';
import { clusterNameOf, fingerprint } from '@skyflow/domain';

/** A context as it was found. */
export interface FoundContext {
  /** kubeconfig file. */
  path: string;
  context: string;
}

export const contextKey = ({ path, context }: FoundContext): string => `${path}\n${context}`;

/** Names by {@link contextKey}; always the same for the same contexts in the same order. */
export function nameContexts(found: readonly FoundContext[]): Map<string, string> {
  const exactFirst = found.toSorted((a, b) => Number(isDnsLabel(b.context)) - Number(isDnsLabel(a.context)));
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const one of exactFirst) {
    const wanted = clusterNameOf(one.context);
    const name = wanted === '' || taken.has(wanted) ? hashedName(one) : wanted;
    taken.add(name);
    names.set(contextKey(one), name);
  }
  return names;
}

/** The name with a hash of where it comes from, for when the plain one is taken. */
export function hashedName(found: FoundContext): string {
  const base = clusterNameOf(found.context) || 'cluster';
  return `${base.slice(0, 54).replace(/-+$/, '')}-${fingerprint(found).slice(0, 8)}`;
}
