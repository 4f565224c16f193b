/** The fleet as people look at it: clusters by provider and region, chosen by label and state, and what waits in front of it. */
import type { Cluster } from '@skyflow/contracts';
import { type Amount, amountsOf } from '../parts/amounts.js';

export interface FleetGroup<C extends Cluster = Cluster> {
  provider: string;
  region: string;
  clusters: C[];
}

const PROVIDER = 'skyflow.io/provider';
const REGION = 'topology.kubernetes.io/region';

export const providerOf = ({ spec, metadata }: Cluster): string => spec.provider ?? metadata.labels?.[PROVIDER] ?? '';
export const regionOf = ({ spec, metadata }: Cluster): string => spec.region ?? metadata.labels?.[REGION] ?? '';

/** By provider, region and name; those that say neither come last. */
export function fleetGroups<C extends Cluster>(clusters: readonly C[]): FleetGroup<C>[] {
  const groups = new Map<string, FleetGroup<C>>();
  for (const cluster of clusters) {
    const [provider, region] = [providerOf(cluster), regionOf(cluster)];
    const key = JSON.stringify([provider, region]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { provider, region, clusters: [cluster] });
    else group.clusters.push(cluster);
  }
  const sorted = [...groups.values()].sort(
    (one, other) => last(one.provider, other.provider) || last(one.region, other.region),
  );
  for (const { clusters: own } of sorted) own.sort((one, other) => compare(one.metadata.name, other.metadata.name));
  return sorted;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const last = (one: string, other: string): number =>
  one === other ? 0 : one === '' ? 1 : other === '' ? -1 : compare(one, other);

/**
 * Whether an object is meant by what was typed: words that its name or a label holds, `key=value` for a label, `phase:LOST` for a
 * state. All must hold.
 */
export function isMeant(
  text: string,
  { metadata, status }: { metadata: Cluster['metadata']; status?: { phase?: string } | undefined },
): boolean {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .every((word) => {
      if (word.startsWith('phase:')) return (status?.phase ?? 'INIT').toLowerCase() === word.slice(6);
      const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`.toLowerCase());
      if (word.includes('=')) return labels.includes(word);
      return (
        metadata.name.includes(word) ||
        (metadata.namespace ?? '').includes(word) ||
        labels.some((label) => label.includes(word))
      );
    });
}

/** Of all clusters that new replicas could go to or are on, together. */
export function fleetAmounts(clusters: readonly Cluster[]): Amount[] {
  const allocatable: Record<string, number> = {};
  const free: Record<string, number> = {};
  for (const { status } of clusters) {
    for (const [resource, amount] of Object.entries(status?.allocatable ?? {})) {
      allocatable[resource] = (allocatable[resource] ?? 0) + amount;
      free[resource] = (free[resource] ?? 0) + (status?.free[resource] ?? 0);
    }
  }
  return amountsOf(allocatable, free);
}
