/**
 * What the plugins say of every cluster for one shape in one round. Worked out when first asked and again only for
 * clusters on which something was reserved since, so deciding a thousand alike workloads costs little more than one.
 */
import type { ClusterVerdict } from '@skyflow/contracts';
import { type RoundCluster, type RoundTable } from '../round-table.js';
import type { NodeMask } from '../room.js';
import { type Shape, maskOf } from '../shape.js';
import { balance } from './balance.js';
import { clusterFilters } from './cluster-filters.js';
import { nodeFit } from './node-fit.js';
import { preferenceFor } from './preferences.js';

/** One cluster as a shape sees it. */
export interface Candidate {
  cluster: RoundCluster;
  mask: NodeMask;
  /** Replicas that fit; 0 if refused. */
  fits: number;
  /** Score of the next replica. */
  score: number;
  /** Part of the score that is not balance: the same for every replica. */
  preference: number;
  /** Free share of pods: decides between equal scores, so that workloads that request nothing spread too. */
  podShare: number;
  verdict: ClusterVerdict;
  /** A cluster filter refused it: stays so for the round. */
  refused: boolean;
}

export interface ShapeView {
  shape: Shape;
  /** By position of the cluster. */
  candidates: readonly Candidate[];
  /** Reservations of the round that are taken into account. */
  upTo: number;
}

export const viewOf = (shape: Shape, table: RoundTable, pods: number): ShapeView => ({
  shape,
  candidates: table.clusters.map((cluster) => candidateOf(shape, cluster, pods)),
  upTo: table.reservations.length,
});

/** Brings a view up to the last reservation. */
export function bringUpToDate(view: ShapeView, { reservations }: RoundTable, pods: number): void {
  for (; view.upTo < reservations.length; view.upTo++) {
    const candidate = view.candidates[reservations[view.upTo] ?? 0];
    if (candidate !== undefined && !candidate.refused) judge(view.shape, candidate, pods);
  }
}

function candidateOf(shape: Shape, cluster: RoundCluster, pods: number): Candidate {
  const { name } = cluster.record;
  const candidate: Candidate = {
    cluster,
    mask: undefined,
    fits: 0,
    score: 0,
    preference: 0,
    podShare: 0,
    verdict: { cluster: name },
    refused: false,
  };
  for (const filter of clusterFilters) {
    const refusal = filter.refuse(shape, cluster);
    if (refusal === undefined) continue;
    candidate.refused = true;
    candidate.verdict = { cluster: name, plugin: filter.name, ...refusal };
    return candidate;
  }
  candidate.mask = maskOf(shape, cluster.room.layout);
  candidate.preference = preferenceFor(shape, cluster.record);
  judge(shape, candidate, pods);
  return candidate;
}

function judge(shape: Shape, candidate: Candidate, pods: number): void {
  const { cluster, mask } = candidate;
  const { name } = cluster.record;
  candidate.fits = nodeFit.fits(shape, cluster, mask);
  if (candidate.fits === 0) {
    candidate.verdict = { cluster: name, plugin: nodeFit.name, ...nodeFit.explain(shape, cluster, mask) };
    return;
  }
  const { totalFree, layout } = cluster.room;
  candidate.score = balance.score(shape, cluster, 0) + candidate.preference;
  candidate.podShare = (totalFree[pods] ?? 0) / Math.max(layout.totalAllocatable[pods] ?? 0, 1);
  candidate.verdict = { cluster: name, score: Math.round(candidate.score * 100) / 100, fits: candidate.fits };
}
