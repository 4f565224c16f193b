/**
 * What a change would move: the change folded into a fork of the state, and everything decided on it that would be decided then, by the
 * same functions, until it comes to rest. Replacements count as ready at once. The state is not changed.
 */
import type { MovePreview, PreviewRequest, PreviewedMove } from '@skyflow/contracts';
import { refresh } from '../membership.js';
import { type SchedulingState, type WorkloadRecord, wantedReplicas } from '../state.js';
import { type Change, Trial, differences, replicasByCluster } from '../trial.js';

/** A change that moves more than this share of all replicas, and more than so many, is objected to. */
export const OBJECT_ABOVE_SHARE = 0.5;
export const OBJECT_ABOVE_REPLICAS = 10;

/** Services that would be asked to move to where they are better off. */
export type RebalanceScope = NonNullable<PreviewRequest['rebalance']>;

/** `nowMs`: wall clock. `most`: moves that are listed. */
export function previewMoves(
  state: SchedulingState,
  change: Change & { rebalance?: RebalanceScope | undefined },
  { nowMs, most }: { nowMs: number; most: number },
): MovePreview {
  // What moves is better off only once it has left: clusters do at once what they are told.
  const trial = new Trial(state, nowMs, change.rebalance !== undefined);
  trial.store(change);
  if (change.rebalance !== undefined) askToMove(trial, change.rebalance, nowMs);
  const atOnce = trial.rest(nowMs);
  const atEnd = trial.rest(graceEndMs(trial.fork, nowMs));
  const uids = new Set([...atOnce, ...atEnd]);
  const moves = [...uids].flatMap(
    (uid) => moveOf(state.workloads.get(uid), trial.fork.workloads.get(uid), atOnce) ?? [],
  );
  const sum = (of: (move: PreviewedMove) => number): number => moves.reduce((total, move) => total + of(move), 0);
  const replicas = sum(({ from }) => from.reduce((total, share) => total + share.replicas, 0));
  const placed = placedReplicas(state);
  const waiting = sum((move) => move.waiting);
  const objection = objectionTo(replicas, waiting, placed);
  return {
    position: state.position,
    moves: moves.sort(byName).slice(0, most),
    ...{ workloads: moves.length, replicas, waiting, placed },
    ...(objection !== undefined && { objection }),
  };
}

function askToMove({ fork }: { fork: SchedulingState }, { namespace, workloads }: RebalanceScope, nowMs: number): void {
  const names = workloads && new Set(workloads.map(({ kind, name }) => `${kind}/${name}`));
  for (const workload of [...fork.workloads.values()]) {
    const { ref, mode, moves, deleting } = workload;
    if (deleting || mode !== 'service' || (namespace !== undefined && ref.namespace !== namespace)) continue;
    if (names?.has(`${ref.kind}/${ref.name}`) === false) continue;
    const asked = fork.workloads.get(ref.uid);
    if (asked === undefined) continue;
    asked.moves = { ...moves, rebalance: { asked: 'preview', atMs: nowMs, left: Number.MAX_SAFE_INTEGER } };
    refresh(fork, asked);
  }
}

/** When the last of the drains that are under way ends. */
function graceEndMs({ clusters }: SchedulingState, nowMs: number): number {
  let end = nowMs;
  for (const { drain } of clusters.values())
    if (drain !== undefined) end = Math.max(end, drain.sinceMs + drain.graceMs);
  return end;
}

function moveOf(
  before: WorkloadRecord | undefined,
  after: WorkloadRecord | undefined,
  atOnce: ReadonlySet<string>,
): PreviewedMove | undefined {
  if (before === undefined) return undefined;
  const had = replicasByCluster(before, wantedReplicas);
  const has = after === undefined ? new Map<string, number>() : replicasByCluster(after, (share) => share.replicas);
  const from = differences(had, has);
  if (from.length === 0) return undefined;
  const { kind, namespace, name, uid } = before.ref;
  const waiting = Math.max(0, (after?.decision?.unplaced ?? 0) - (before.decision?.unplaced ?? 0));
  return {
    ...{ kind, name, from, waiting },
    ...(namespace !== undefined && { namespace }),
    to: differences(has, had),
    ...(waiting > 0 && after?.decision?.reason !== undefined && { message: after.decision.reason }),
    when: atOnce.has(uid) ? 'now' : 'grace',
  };
}

function placedReplicas({ clusters, workloads }: SchedulingState): number {
  let sum = 0;
  for (const { name, shares } of clusters.values()) {
    for (const uid of shares) {
      const share = workloads.get(uid)?.shares.find(({ cluster }) => cluster === name);
      if (share?.finished === false) sum += wantedReplicas(share);
    }
  }
  return sum;
}

/** What speaks against a change that moves so many of all replicas that are placed, and leaves some waiting. */
export function objectionTo(replicas: number, waiting: number, placed: number): string | undefined {
  if (waiting > 0) return `${waiting} of ${replicas} replicas would find no other place and would wait`;
  if (replicas <= OBJECT_ABOVE_REPLICAS || replicas <= OBJECT_ABOVE_SHARE * placed) return undefined;
  return `${replicas} of all ${placed} replicas would move, more than ${100 * OBJECT_ABOVE_SHARE} %`;
}

const byName = (a: PreviewedMove, b: PreviewedMove): number => {
  const [left, right] = [a, b].map(({ kind, namespace = '', name }) => `${namespace}/${kind}/${name}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
};
