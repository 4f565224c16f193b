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
export class Candidate {
  mask: NodeMask = undefined;
  /** Replicas that fit; 0 if refused. */
  fits = 0;
  /** Score of the next replica. */
  score = 0;
  /** Part of the score that is not balance: the same for every replica. */
  preference = 0;
  /** Free share of pods: decides between equal scores, so that workloads that request nothing spread too. */
  podShare = 0;
  /** What a cluster filter that refused it says: stays so for the round. */
  refusal: ClusterVerdict | undefined = undefined;
  private said: ClusterVerdict | undefined = undefined;

  constructor(
    private readonly shape: Shape,
    readonly cluster: RoundCluster,
  ) {}

  get refused(): boolean {
    return this.refusal !== undefined;
  }

  /** Worked out when asked for: most candidates are judged more often than they are named. */
  get verdict(): ClusterVerdict {
    return this.refusal ?? this.said ?? (this.said = this.verdictNow());
  }

  judge(pods: number): void {
    const { shape, cluster, mask } = this;
    this.said = undefined;
    this.fits = nodeFit.fits(shape, cluster, mask);
    if (this.fits === 0) return;
    const { totalFree, layout } = cluster.room;
    this.score = balance.score(shape, cluster, 0) + this.preference;
    this.podShare = (totalFree[pods] ?? 0) / Math.max(layout.totalAllocatable[pods] ?? 0, 1);
  }

  private verdictNow(): ClusterVerdict {
    const { shape, cluster, mask, fits } = this;
    const { name } = cluster.record;
    return fits === 0
      ? { cluster: name, plugin: nodeFit.name, ...nodeFit.explain(shape, cluster, mask) }
      : { cluster: name, score: Math.round(this.score * 100) / 100, fits };
  }
}

export interface ShapeView {
  shape: Shape;
  /** By position of the cluster. */
  candidates: readonly Candidate[];
  /** The same numbers as the candidates have, in rows: the common case looks at nothing else. */
  fits: Float64Array;
  scores: Float64Array;
  podShares: Float64Array;
  /** Reservations of the round that are taken into account. */
  upTo: number;
}

export function viewOf(shape: Shape, table: RoundTable, pods: number): ShapeView {
  const candidates = table.clusters.map((cluster) => candidateOf(shape, cluster, pods));
  return {
    shape,
    candidates,
    fits: Float64Array.from(candidates, ({ fits }) => fits),
    scores: Float64Array.from(candidates, ({ score }) => score),
    podShares: Float64Array.from(candidates, ({ podShare }) => podShare),
    upTo: table.reservations.length,
  };
}

/** Brings a view up to the last reservation. */
export function bringUpToDate(view: ShapeView, { reservations }: RoundTable, pods: number): void {
  for (; view.upTo < reservations.length; view.upTo++) {
    const index = reservations[view.upTo] ?? 0;
    const candidate = view.candidates[index];
    if (candidate === undefined || candidate.refused) continue;
    candidate.judge(pods);
    view.fits[index] = candidate.fits;
    view.scores[index] = candidate.score;
    view.podShares[index] = candidate.podShare;
  }
}

function candidateOf(shape: Shape, cluster: RoundCluster, pods: number): Candidate {
  const candidate = new Candidate(shape, cluster);
  for (const filter of clusterFilters) {
    const refusal = filter.refuse(shape, cluster);
    if (refusal === undefined) continue;
    candidate.refusal = { cluster: cluster.record.name, plugin: filter.name, ...refusal };
    return candidate;
  }
  candidate.mask = maskOf(shape, cluster.room.layout);
  candidate.preference = preferenceFor(shape, cluster.record);
  candidate.judge(pods);
  return candidate;
}
