/** Replicas that had to leave clusters: remembered with their workload, so that they can go back. Services only. */
import type { MoveTerms, StoredObject } from '@skyflow/contracts';
import { isRecord } from '../pod-spec.js';
import type { Eviction, SchedulingState, WorkloadMoves, WorkloadRecord } from '../state.js';
import { moveTermsIn } from './moving-rules.js';
import { rebalanceAfterEdit, rebalanced } from './rebalance/rebalance.js';

/** Clusters that one workload remembers; the oldest are forgotten. */
const REMEMBERED = 4;

/** A decision carries out an eviction: what had to go is remembered, what goes back is not any more. */
export function displace(state: SchedulingState, workload: WorkloadRecord, from: string, eviction: Eviction): void {
  if (workload.mode !== 'service') return;
  const before = workload.moves;
  const { cause, replicas, to } = eviction;
  if (cause === 'Failback' && to !== undefined) {
    workload.moves = withDisplaced(
      before,
      (before?.displaced ?? []).filter(({ cluster }) => cluster !== to),
    );
  } else if (cause === 'ClusterLost' || cause === 'Drained' || cause === 'Tainted') {
    const known = before?.displaced ?? [];
    const already = known.find(({ cluster }) => cluster === from)?.replicas ?? 0;
    const others = known.filter(({ cluster }) => cluster !== from);
    const displaced = [...others, { cluster: from, replicas: already + replicas }].slice(-REMEMBERED);
    workload.moves = withDisplaced(before, displaced);
  } else if (cause === 'Rebalanced') {
    workload.moves = rebalanced(before, replicas);
  } else if (cause === 'Unschedulable') {
    workload.moves = { ...before, stuckOn: [...new Set([...(before?.stuckOn ?? []), from])].sort() };
  }
  fileDisplaced(state, workload, before);
}

/** What is known of moves when a workload is written: its terms anew; where it had to go, as before; where it got stuck, no more. */
export function movesAfterEdit(
  before: WorkloadMoves | undefined,
  object: StoredObject,
  atMs: number,
): WorkloadMoves | undefined {
  const terms = termsOf(object);
  const displaced = before?.displaced;
  const rebalance = rebalanceAfterEdit(before?.rebalance, object, atMs);
  const balanced = before?.balanced;
  if (terms === undefined && displaced === undefined && rebalance === undefined && balanced === undefined)
    return undefined;
  return {
    ...(terms !== undefined && { terms }),
    ...(displaced !== undefined && { displaced }),
    ...(rebalance !== undefined && { rebalance }),
    ...(balanced !== undefined && { balanced }),
  };
}

/** `spec.paused` of a Deployment holds its change back over clusters, too. */
function termsOf({ kind, spec }: StoredObject): MoveTerms | undefined {
  if (!isRecord(spec)) return undefined;
  const terms = moveTermsIn(spec.placement);
  return kind === 'Deployment' && spec.paused === true
    ? { ...terms, rollout: { ...terms?.rollout, paused: true } }
    : terms;
}

/** Brings the index by cluster up to what the workload remembers now. */
export function fileDisplaced(
  { displaced: index }: SchedulingState,
  { ref: { uid }, moves }: Pick<WorkloadRecord, 'ref' | 'moves'>,
  before: WorkloadMoves | undefined,
): void {
  for (const { cluster } of before?.displaced ?? []) {
    const uids = index.get(cluster);
    if (uids?.delete(uid) === true && uids.size === 0) index.delete(cluster);
  }
  for (const { cluster } of moves?.displaced ?? []) {
    const uids = index.get(cluster);
    if (uids === undefined) index.set(cluster, new Set([uid]));
    else uids.add(uid);
  }
}

function withDisplaced(
  moves: WorkloadMoves | undefined,
  displaced: readonly { cluster: string; replicas: number }[],
): WorkloadMoves | undefined {
  const { displaced: _before, ...rest } = moves ?? {};
  if (displaced.length > 0) return { ...rest, displaced };
  return Object.keys(rest).length > 0 ? rest : undefined;
}
