/**
 * Replicas of workloads that were asked to move, or may by themselves, to where they are better off: gracefully, few at a time, the next when
 * the last are there.
 *
 * A workload that says how it is divided goes towards what would be decided if it were nowhere yet. Any other moves replicas one by one from
 * the cluster that is worst for it to the one that is best, by the scores that place them, as long as that is better by `MARGIN`.
 * Pure: the wall clock comes in and is recorded.
 */
import type { EntryData } from '@skyflow/contracts';
import { type Round, dividedAnew } from '../../decide-workload.js';
import type { Draft } from '../../draft.js';
import { roundTable } from '../../round-table.js';
import { type SchedulingState, type WorkloadRecord, inQueueOrderOf } from '../../state.js';
import { bestMove } from './best-move.js';
import { type Looks, dueToBalance, mayBalance } from './balancing.js';
import { releaseAll, takeAgain } from './own-room.js';
import { REBALANCE_WITHIN_MS } from './rebalance.js';

/** Workloads that move at a time. */
export const REBALANCE_AT_ONCE = 20;
/** How long what moves may stay where it is until its replacement is ready. */
const STAY_MS = 600_000;

interface Move {
  from: string;
  /** Undefined: where the workload's own rules put them. */
  to: string | undefined;
  replicas: number;
}

interface When {
  epoch: number;
  nowMs: number;
}

/** What was asked for: EvictionDecided by workload, in queue order. */
export function decideRebalance(state: SchedulingState, when: When): Draft<'EvictionDecided'>[] {
  if (state.rebalancing.size === 0) return [];
  const asked = inQueueOrderOf(state, state.rebalancing).filter((workload) => isDue(workload, when.nowMs));
  // What is under way takes room in both places: the next are chosen when it is over.
  if (asked.length === 0 || asked.some((workload) => isUnderWay(state, workload))) return [];
  return movesAway(state, asked, when, (round, workload) => {
    const moves = movesOf(round, workload, workload.moves?.rebalance?.left ?? 0);
    return { moves, why: 'it was asked to be where it is better off' };
  });
}

/** What moves by itself: EvictionDecided by workload, in queue order. `looks` is written. */
export function decideBalancing(state: SchedulingState, when: When, looks: Looks): Draft<'EvictionDecided'>[] {
  if (state.balancing.size === 0) return [];
  const due = dueToBalance(state, when.nowMs, looks);
  if (due === undefined) return [];
  let left = due.maxReplicas;
  const why = `its policy rebalances what is better off elsewhere by ${due.minImprovement} of 100`;
  return movesAway(state, due.workloads, when, (round, workload) => {
    if (left === 0 || isUnderWay(state, workload) || !mayBalance(state, workload)) return { moves: [], why };
    const moves = movesOf(round, workload, left, due.minImprovement);
    left -= moves.reduce((sum, { replicas }) => sum + replicas, 0);
    return { moves, why };
  });
}

function movesAway(
  state: SchedulingState,
  workloads: readonly WorkloadRecord[],
  { epoch, nowMs }: When,
  choose: (round: Round, workload: WorkloadRecord) => { moves: readonly Move[]; why: string },
): Draft<'EvictionDecided'>[] {
  const round: Round = { state, epoch, verdicts: 0, table: roundTable(state), views: new Map() };
  const drafts: Draft<'EvictionDecided'>[] = [];
  let moved = 0;
  for (const workload of workloads) {
    if (moved >= REBALANCE_AT_ONCE) break;
    const { moves, why } = choose(round, workload);
    if (moves.length > 0) moved++;
    for (const { from, to, replicas } of moves) {
      const share = { ref: workload.ref, replicas, ...(to !== undefined && { to }) };
      const message = `${why}${to === undefined ? '' : `, which is ${to}`}`;
      const data: EntryData<'EvictionDecided'> = {
        ...{ epoch, cluster: from, cause: 'Rebalanced', message, now: nowMs, until: nowMs + STAY_MS },
        shares: [share],
      };
      drafts.push({ type: 'EvictionDecided', data, origin: workload.origin });
    }
  }
  return drafts;
}

const isDue = ({ moves }: WorkloadRecord, nowMs: number): boolean =>
  nowMs - (moves?.rebalance?.atMs ?? 0) < REBALANCE_WITHIN_MS;

const isUnderWay = ({ undecided }: SchedulingState, { ref, shares }: WorkloadRecord): boolean =>
  undecided.has(ref.uid) ||
  shares.some(({ leaving, eviction, held, replicas }) => leaving > 0 || eviction !== undefined || held > replicas);

/** @param margin by how much of 100 it must be better. */
function movesOf(round: Round, workload: WorkloadRecord, most: number, margin?: number): Move[] {
  const packings = releaseAll(round, workload);
  const wanted = dividedAnew(round, workload);
  takeAgain(round, workload, packings);
  if (wanted !== undefined) return towards(workload, wanted, most, margin);
  const move = bestMove(round, workload, most, margin);
  return move === undefined ? [] : [move];
}

/** What is too much anywhere leaves, as long as nothing is lost by it; of all replicas so many of 100 must be. */
function towards(
  { shares, replicas: all }: WorkloadRecord,
  wanted: ReadonlyMap<string, number>,
  most: number,
  margin = 0,
): Move[] {
  const has = shares.reduce((sum, share) => sum + share.replicas, 0);
  const would = [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0);
  if (would < has) return [];
  const tooMuch = shares.reduce(
    (sum, { cluster, replicas }) => sum + Math.max(0, replicas - (wanted.get(cluster) ?? 0)),
    0,
  );
  if (100 * tooMuch < margin * all) return [];
  let left = most;
  return shares.flatMap(({ cluster: from, replicas, finished }): Move[] => {
    const excess = finished ? 0 : Math.min(left, replicas - (wanted.get(from) ?? 0));
    if (excess <= 0) return [];
    left -= excess;
    return [{ from, to: undefined, replicas: excess }];
  });
}
