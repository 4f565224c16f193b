/** The clusters of one decision as seats, and its spread constraints over them. */
import type { PlacementRules } from './rules.js';
import { isInSet } from './cluster-selection.js';
import { type GroupConstraint, groupConstraint } from './group-constraint.js';
import type { Seat } from './fill.js';
import { groupOf, topologyText } from './topology.js';
import { balance } from '../pipeline/balance.js';
import type { Candidate } from '../pipeline/shape-view.js';
import { countFitsWhenEmpty } from '../room.js';
import type { Shape } from '../shape.js';

/** What this workload, beside its shape, has to say of a cluster. */
export interface Leaning {
  /** It wants nothing new there. */
  refuses: boolean;
  /** Added to the score. */
  preference: number;
}

export function seatOf(shape: Shape, candidate: Candidate, held: number, leaning: Leaning): Seat {
  const { cluster, mask, fits, refused, preference, podShare } = candidate;
  const usable = !refused && !leaning.refuses;
  const bonus = preference + leaning.preference;
  return {
    held,
    fits: usable ? fits : 0,
    open: usable && (fits > 0 || countFitsWhenEmpty(cluster.room.layout, shape.request, mask) > 0),
    score: (added) => balance.score(shape, cluster, added) + bonus,
    tie: podShare,
    weight: weightOf(shape.rules, candidate),
  };
}

export function constraintsOf({ spread }: PlacementRules, candidates: readonly Candidate[]): GroupConstraint[] {
  return spread.map((spec) => {
    const { from, index, topologyKey, within } = spec;
    const key = within === undefined ? topologyText(topologyKey) : `${topologyText(topologyKey)} within ${within}`;
    const groups = candidates.map(({ cluster: { record } }) => {
      const value = groupOf(record, topologyKey);
      const outer = within === undefined ? '' : groupOf(record, within);
      return value === undefined || outer === undefined ? undefined : { value, within: outer };
    });
    return groupConstraint(spec, `${from}.spreadConstraints[${index}] (${key})`, groups);
  });
}

/** The first weight that the cluster is in; without weights all weigh the same. */
function weightOf(rules: PlacementRules | undefined, { cluster: { record } }: Candidate): number {
  const weights = rules?.division.weights ?? [];
  if (weights.length === 0) return 1;
  return weights.find((weight) => isInSet(weight, record))?.weight ?? 0;
}
