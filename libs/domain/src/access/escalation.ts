/**
 * No rule escalates: who writes a role or gives one must have every right in it himself. Rules are split into single rights, and each
 * must be covered by one rule that is held (as Kubernetes' rbac/validation does). Sound; what only several rules together would
 * cover is refused.
 */
import { type AccessRule, ANY, isOpen } from './access-rule.js';

/** The rights in `wanted` that `held` does not cover, as rules of one verb and kind. Empty: all are. */
export function uncoveredRights(held: readonly AccessRule[], wanted: readonly AccessRule[]): AccessRule[] {
  return wanted.flatMap(singleRights).filter((right) => !held.some((rule) => covers(rule, right)));
}

/** A right as people read it. */
export function describeRight({ verbs, kinds, namespaces, names, clusters }: AccessRule): string {
  const where = isOpen(namespaces) ? 'in all namespaces' : `in namespace "${(namespaces ?? []).join('", "')}"`;
  const name = isOpen(names) ? '' : ` named "${(names ?? []).join('", "')}"`;
  const cluster = isOpen(clusters) ? '' : ` of cluster "${(clusters ?? []).join('", "')}"`;
  return `"${verbs.join('", "')}" on ${kinds.join(', ')}${name}${cluster} ${where}`;
}

function singleRights(rule: AccessRule): AccessRule[] {
  const rights: AccessRule[] = [];
  for (const verb of rule.verbs) {
    for (const kind of rule.kinds) {
      for (const namespace of choices(rule.namespaces)) {
        for (const name of choices(rule.names)) {
          for (const cluster of choices(rule.clusters)) {
            rights.push({
              verbs: [verb],
              kinds: [kind],
              ...(namespace === ANY ? {} : { namespaces: [namespace] }),
              ...(name === ANY ? {} : { names: [name] }),
              ...(cluster === ANY ? {} : { clusters: [cluster] }),
            });
          }
        }
      }
    }
  }
  return rights;
}

const choices = (allowed: readonly string[] | undefined): readonly string[] =>
  isOpen(allowed) ? [ANY] : (allowed as readonly string[]);

const covers = (held: AccessRule, right: AccessRule): boolean =>
  within(right.verbs, held.verbs) &&
  within(right.kinds, held.kinds) &&
  within(right.namespaces, held.namespaces) &&
  within(right.names, held.names) &&
  within(right.clusters, held.clusters);

function within(wanted: readonly string[] | undefined, held: readonly string[] | undefined): boolean {
  if (isOpen(held)) return true;
  return !isOpen(wanted) && (wanted as readonly string[]).every((each) => held?.includes(each));
}
