/**
 * Rules on a workload as a whole (spread constraints, groups, weights, affinity to other workloads, all or nothing) a little looser than they
 * are, the smallest step first: which of them would let a cluster in is found out by deciding with it.
 */
import type { SpreadConstraint, WorkloadAffinityTerm } from '@skyflow/contracts';
import { requirementText } from '../placement/requirements.js';
import type { From, PlacementRules } from '../placement/rules.js';
import { topologyText } from '../placement/topology.js';

export interface Relaxation {
  /** What to change, for people. */
  text: string;
  rules: PlacementRules;
}

/** Steps by which a limit is tried before it is given up. */
const STEPS = [1, 2, 3, 5, 10, 20, 50, 100];

/** @param cluster the one that should be let in. */
export function relaxationsOf(rules: PlacementRules, cluster: string): Relaxation[] {
  return [
    ...rules.spread.flatMap((constraint, index) => looserConstraint(rules, constraint, index)),
    ...looserGroups(rules),
    ...weightFor(rules, cluster),
    ...looserAffinity(rules, 'affinity', 'near'),
    ...looserAffinity(rules, 'antiAffinity', 'apart from'),
    ...(rules.allOrNothing
      ? [
          {
            text: 'place what fits and let the rest wait (without allOrNothing)',
            rules: { ...rules, allOrNothing: false },
          },
        ]
      : []),
  ];
}

type Constraint = From & SpreadConstraint & { index: number };

function looserConstraint(rules: PlacementRules, constraint: Constraint, at: number): Relaxation[] {
  const { from, index, topologyKey, maxSkew, maxGroups, minGroups = 1, whenUnsatisfiable } = constraint;
  if (whenUnsatisfiable === 'ScheduleAnyway') return [];
  const title = `${from}.spreadConstraints[${index}] (${topologyText(topologyKey)})`;
  const withOther = (change: Partial<SpreadConstraint>): PlacementRules => ({
    ...rules,
    spread: rules.spread.map((each, other) => (other === at ? { ...each, ...change } : each)),
  });
  const more = (field: 'maxSkew' | 'maxGroups', now: number | undefined): Relaxation[] =>
    now === undefined
      ? []
      : STEPS.map((step) => ({
          text: `${field} ${now + step} instead of ${now} in ${title}`,
          rules: withOther({ [field]: now + step }),
        }));
  const fewer = Array.from({ length: minGroups - 1 }, (_, step) => minGroups - 1 - step);
  return [
    ...more('maxSkew', maxSkew),
    ...more('maxGroups', maxGroups),
    ...fewer.map((count) => ({
      text: `minGroups ${count} instead of ${minGroups} in ${title}`,
      rules: withOther({ minGroups: count }),
    })),
    {
      text: `whenUnsatisfiable: ScheduleAnyway in ${title}`,
      rules: withOther({ whenUnsatisfiable: 'ScheduleAnyway' }),
    },
  ];
}

function looserGroups(rules: PlacementRules): Relaxation[] {
  if (rules.groups.length === 0) return [];
  const overflow = {
    text: 'let replicas overflow to the next group (overflow: true)',
    rules: { ...rules, overflow: true },
  };
  const ungrouped = { text: 'name the cluster in a group, or no groups', rules: { ...rules, groups: [] } };
  return rules.overflow ? [ungrouped] : [overflow, ungrouped];
}

function weightFor(rules: PlacementRules, cluster: string): Relaxation[] {
  const { type, weights = [] } = rules.division;
  if (type !== 'StaticWeights' || weights.length === 0) return [];
  const division = { type, weights: [{ clusters: [cluster], weight: 1 }, ...weights] };
  return [{ text: `give ${cluster} a weight in its division`, rules: { ...rules, division } }];
}

function looserAffinity(rules: PlacementRules, kind: 'affinity' | 'antiAffinity', where: string): Relaxation[] {
  const { required, preferred } = rules[kind];
  return required.map((term, at) => ({
    text: `prefer, rather than require, to be ${where} workloads with ${termText(term)} by ${topologyText(term.topologyKey)}`,
    rules: { ...rules, [kind]: { required: required.filter((_, other) => other !== at), preferred } },
  }));
}

function termText({ labelSelector: { matchLabels = {}, matchExpressions = [] } }: WorkloadAffinityTerm): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...labels, ...matchExpressions.map(requirementText)].join(' and ');
}
