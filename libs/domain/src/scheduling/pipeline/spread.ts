/**
 * Divides replicas over the clusters that passed the filters: one after the other, each to the cluster that is best for it, where
 * having replicas of the same workload counts against a cluster. Alike clusters get alike shares; a larger one gets more; a
 * workload that requests nothing is spread evenly. Ties go to the freer cluster by pods, then to the first by name.
 */
import type { Shape } from '../shape.js';
import { balance } from './balance.js';
import type { Candidate, ShapeView } from './shape-view.js';

/** A cluster's part of a division. */
export interface Part {
  candidate: Candidate;
  replicas: number;
}

interface Contender extends Part {
  /** Replicas of the workload that it had before. */
  own: number;
  value: number;
}

/**
 * Divides up to `replicas`; fewer when fewer fit. Candidates without room are passed over.
 * @param target all replicas of the workload; sets how much the ones already there count.
 */
export function spread(
  shape: Shape,
  candidates: readonly Candidate[],
  replicas: number,
  target: number,
  ownOn: (cluster: string) => number,
): Part[] {
  if (replicas === 1) return spreadOne(candidates, target, ownOn);
  const heap = candidates.filter(({ fits }) => fits > 0).map((candidate) => contender(candidate, ownOn, target));
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) siftDown(heap, i);
  const parts = [...heap];
  for (let left = replicas; left > 0 && heap.length > 0; left--) {
    const best = heap[0];
    if (best === undefined) break;
    best.replicas++;
    if (best.replicas >= best.candidate.fits) {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) heap[0] = last;
    } else {
      best.value = valueOf(shape, best, target);
    }
    siftDown(heap, 0);
  }
  return parts.filter((part) => part.replicas > 0);
}

/** The common case: no heap, nothing allocated per cluster. */
function spreadOne(candidates: readonly Candidate[], target: number, ownOn: (cluster: string) => number): Part[] {
  let best: Candidate | undefined;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.fits === 0) continue;
    const value = candidate.score - (100 * ownOn(candidate.cluster.record.name)) / target;
    if (value < bestValue) continue;
    if (best === undefined || value > bestValue || candidate.podShare > best.podShare) {
      best = candidate;
      bestValue = value;
    }
  }
  return best === undefined ? [] : [{ candidate: best, replicas: 1 }];
}

/** Where the one replica of a workload goes that has none yet and objects to nothing: as `spread` says, over rows of numbers. */
export function spreadFirst({ candidates, fits, scores, podShares }: ShapeView): Part[] {
  // Reads beyond the end of a row, and pairs, would cost more than all the rest.
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  let bestPodShare = 0;
  for (let index = 0; index < fits.length; index++) {
    if (fits[index] === 0) continue;
    const score = scores[index] ?? 0;
    if (score < bestScore) continue;
    const podShare = podShares[index] ?? 0;
    if (best >= 0 && score === bestScore && podShare <= bestPodShare) continue;
    best = index;
    bestScore = score;
    bestPodShare = podShare;
  }
  const candidate = candidates[best];
  return candidate === undefined ? [] : [{ candidate, replicas: 1 }];
}

function contender(candidate: Candidate, ownOn: (cluster: string) => number, target: number): Contender {
  const own = ownOn(candidate.cluster.record.name);
  return { candidate, replicas: 0, own, value: candidate.score - (100 * own) / target };
}

const valueOf = (shape: Shape, { candidate, replicas, own }: Contender, target: number): number =>
  balance.score(shape, candidate.cluster, replicas) + candidate.preference - (100 * (own + replicas)) / target;

function isBefore(a: Contender, b: Contender): boolean {
  if (a.value !== b.value) return a.value > b.value;
  if (a.candidate.podShare !== b.candidate.podShare) return a.candidate.podShare > b.candidate.podShare;
  return a.candidate.cluster.index < b.candidate.cluster.index;
}

function siftDown(heap: Contender[], start: number): void {
  for (let at = start; ;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let first = at;
    for (const child of [left, right]) {
      const [a, b] = [heap[child], heap[first]];
      if (a !== undefined && b !== undefined && isBefore(a, b)) first = child;
    }
    if (first === at) return;
    const [parent, child] = [heap[at], heap[first]];
    if (parent === undefined || child === undefined) return;
    heap[at] = child;
    heap[first] = parent;
    at = first;
  }
}
