/** The replicas of a workload that gain most by a move, by the scores that place replicas. */
import { type Round, currentView } from '../../decide-workload.js';
import { balance } from '../../pipeline/balance.js';
import { allowsCluster } from '../../pipeline/cluster-filters.js';
import type { Candidate } from '../../pipeline/shape-view.js';
import { reserve } from '../../round-table.js';
import { type Share, type WorkloadRecord, shareOn } from '../../state.js';
import { release } from './own-room.js';

/** By how much a place must be better: a move costs more than a small difference is worth, and what is even stays. Of 100. */
export const MARGIN = 10;

/** From the worst place to the best, up to `most` replicas; moves them on the round's table. Undefined: no move is worth it. */
export function bestMove(
  round: Round,
  workload: WorkloadRecord,
  most: number,
  margin = MARGIN,
): { from: string; to: string; replicas: number } | undefined {
  const { candidates } = currentView(round, workload.shape);
  const sources = candidates.flatMap((candidate) => {
    const share = shareOn(workload, candidate.cluster.record.name);
    return share !== undefined && mayLeave(candidate, share) ? [{ candidate, share }] : [];
  });
  const own = new Map(workload.shares.map(({ cluster, replicas }) => [cluster, replicas]));
  const worst = least(sources, ({ candidate }) => valueWith(workload, candidate, own));
  if (worst === undefined) return undefined;
  const others = candidates.filter((candidate) => candidate !== worst.candidate && candidate.fits > 0);
  const best = least(others, (candidate) => -valueOfOneMore(workload, candidate, own));
  if (best === undefined) return undefined;
  const [from, to] = [worst.share.cluster, best.cluster.record.name];
  const packing = [...worst.share.packing];
  let replicas = 0;
  while (
    replicas < Math.min(most, worst.share.replicas) &&
    best.fits > 0 &&
    valueOfOneMore(workload, best, own) - valueWith(workload, worst.candidate, own) > margin
  ) {
    release(round.table, worst.candidate.cluster, workload, packing, 1);
    reserve(round.table, best.cluster, workload.shape, 1);
    own.set(from, (own.get(from) ?? 0) - 1);
    own.set(to, (own.get(to) ?? 0) + 1);
    replicas++;
    currentView(round, workload.shape);
  }
  return replicas === 0 ? undefined : { from, to, replicas };
}

/** What is on a cluster that gets nothing new stays: that is decided elsewhere (moves of lost and drained clusters). */
const mayLeave = ({ cluster: { record } }: Candidate, share: Share): boolean =>
  share.replicas > 0 &&
  !share.finished &&
  record.health.state === 'READY' &&
  !(record.deleting || record.unschedulable);

type Owned = ReadonlyMap<string, number>;

/** What the last replica that is there has of its place; one that the workload's rules do not allow (any more) is worth nothing. */
function valueWith({ shape, replicas }: WorkloadRecord, { cluster, preference }: Candidate, own: Owned): number {
  if (!allowsCluster(shape, cluster.record)) return Number.NEGATIVE_INFINITY;
  const others = (own.get(cluster.record.name) ?? 0) - 1;
  return balance.score(shape, cluster, -1) + preference - (100 * others) / replicas;
}

function valueOfOneMore({ shape, replicas }: WorkloadRecord, { cluster, preference }: Candidate, own: Owned): number {
  return balance.score(shape, cluster, 0) + preference - (100 * (own.get(cluster.record.name) ?? 0)) / replicas;
}

/** The first of those that are least. */
function least<T>(list: readonly T[], of: (each: T) => number): T | undefined {
  let best: { each: T; value: number } | undefined;
  for (const each of list) {
    const value = of(each);
    if (best === undefined || value < best.value) best = { each, value };
  }
  return best?.each;
}
