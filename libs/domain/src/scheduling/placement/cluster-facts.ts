/** What is true of a cluster beside its name and labels: what its spec says, else its labels, else what all its nodes say. */
import type { ClusterField, ClusterTaint, NodeObservation } from '@skyflow/contracts';
import { isRecord, recordsIn } from '../pod-spec.js';
import { compact, oneOf, text } from './read-fields.js';

export type ClusterFacts = Partial<Record<ClusterField, string>>;

/** A taint, and since when in ms since the epoch. */
export interface HeldTaint extends Pick<ClusterTaint, 'key' | 'value' | 'effect'> {
  sinceMs: number;
}

/** What the spec of a Cluster says about where it is. */
export type DeclaredFacts = Pick<ClusterFacts, 'provider' | 'region' | 'zone'>;

export const LABEL_PROVIDER = 'skyflow.io/provider';
export const LABEL_REGION = 'topology.kubernetes.io/region';
export const LABEL_ZONE = 'topology.kubernetes.io/zone';

export function declaredFacts(spec: unknown): DeclaredFacts {
  if (!isRecord(spec)) return {};
  return (
    compact<DeclaredFacts>({ provider: text(spec.provider), region: text(spec.region), zone: text(spec.zone) }) ?? {}
  );
}

export function factsOf(
  declared: DeclaredFacts,
  labels: Readonly<Record<string, string>>,
  nodes: readonly NodeObservation[] | undefined,
  kubernetesVersion: string,
): ClusterFacts {
  return (
    compact<ClusterFacts>({
      provider: declared.provider ?? text(labels[LABEL_PROVIDER]),
      region: declared.region ?? text(labels[LABEL_REGION]) ?? labelOfAll(nodes, LABEL_REGION),
      zone: declared.zone ?? text(labels[LABEL_ZONE]) ?? labelOfAll(nodes, LABEL_ZONE),
      kubernetesVersion: text(kubernetesVersion),
    }) ?? {}
  );
}

/**
 * The taints of a Cluster's spec.
 * @param before of the version before: a taint that was there keeps its time.
 * @param atMs time of the entry, for taints without one.
 */
export function taintsOf(spec: unknown, before: readonly HeldTaint[], atMs: number): HeldTaint[] {
  return recordsIn(isRecord(spec) ? spec.taints : undefined).flatMap((taint): HeldTaint[] => {
    const key = text(taint.key);
    const effect = oneOf(taint.effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const);
    if (key === undefined || effect === undefined) return [];
    const value = text(taint.value);
    const said = typeof taint.timeAdded === 'string' ? Date.parse(taint.timeAdded) : Number.NaN;
    const known = before.find((each) => each.key === key && each.effect === effect && each.value === value);
    const sinceMs = Number.isNaN(said) ? (known?.sinceMs ?? atMs) : said;
    return [{ key, ...(value !== undefined && { value }), effect, sinceMs }];
  });
}

function labelOfAll(nodes: readonly NodeObservation[] | undefined, label: string): string | undefined {
  const value = text(nodes?.[0]?.labels?.[label]);
  return value !== undefined && nodes?.every(({ labels }) => labels?.[label] === value) === true ? value : undefined;
}
