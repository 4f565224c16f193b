/** Groups of clusters: those with the same value of a field or label. */
import type { ClusterRecord } from '../state.js';

/** A cluster as the rules see it. */
export type RuledCluster = Pick<ClusterRecord, 'name' | 'labels' | 'facts' | 'taints'>;

/** The group of a cluster by `cluster`, `provider`, `region`, `zone` or a label; undefined if it has no value there. */
export function groupOf({ name, labels, facts }: RuledCluster, topologyKey: string): string | undefined {
  switch (topologyKey) {
    case 'cluster':
      return name;
    case 'provider':
    case 'region':
    case 'zone':
      return facts[topologyKey];
    default:
      return labels[topologyKey];
  }
}

/** For people: `its region`, `the label rack`. */
export const topologyText = (topologyKey: string): string =>
  ['cluster', 'provider', 'region', 'zone'].includes(topologyKey) ? topologyKey : `label ${topologyKey}`;
