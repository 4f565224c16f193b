/** Gives replicas to seats, one after the other, each to the best one that constraints and room allow. */
import type { DivisionType } from '@skyflow/contracts';
import { type GroupConstraint, GroupCounts } from './group-constraint.js';

export interface Seat {
  /** Replicas that it has now. */
  held: number;
  /** Further ones that fit. */
  fits: number;
  /** Whether new ones may go there at all: also of a seat that is full, which then holds back others by maxSkew. */
  open: boolean;
  /** How good it is for the next replica after `added` new ones; of Spread. */
  score(added: number): number;
  /** Decides between equal scores. */
  tie: number;
  /** Of StaticWeights. */
  weight: number;
}

export interface Division {
  seats: readonly Seat[];
  /** Replicas in all. */
  wanted: number;
  type: Exclude<DivisionType, 'Duplicated'>;
  constraints: readonly GroupConstraint[];
  /**
   * held: nothing goes away. fewer: something must go, nothing comes. again: other rules hold; what is held is preferred where the
   * type leaves a choice.
   */
  mode: 'held' | 'fewer' | 'again';
}

/** @param start replicas that are there already, of an earlier pass; else what is held, if it stays. */
export function fill(
  { seats, wanted, type, mode }: Division,
  constraints: readonly GroupConstraint[],
  open: Uint8Array,
  start: readonly number[] = seats.map(({ held }) => (mode === 'held' ? held : 0)),
): number[] {
  const totals = [...start];
  const growing = open.map((is, seat) => (seats[seat]?.open === true ? is : 0));
  const counts = constraints.map((constraint) => new GroupCounts(constraint, growing, totals));
  const limits = seats.map(({ held, fits, weight }, seat) =>
    open[seat] === 0 || (type === 'StaticWeights' && weight === 0) ? 0 : mode === 'fewer' ? held : held + fits,
  );
  const rank = rankings[type];
  const ranks = seats.map((seat, index) => rank(seat, totals[index] ?? 0, wanted, mode));
  for (let left = wanted - sumOf(totals); left > 0; left--) {
    const best = bestSeat(
      ranks,
      (seat) =>
        (totals[seat] ?? 0) < (limits[seat] ?? 0) && counts.every((count) => count.obstacle(seat) === undefined),
    );
    if (best < 0) break;
    totals[best] = (totals[best] ?? 0) + 1;
    for (const count of counts) count.add(best);
    const seat = seats[best];
    if (seat !== undefined) ranks[best] = rank(seat, totals[best] ?? 0, wanted, mode);
  }
  return totals;
}

export const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Compared from left to right, greater first; equal ones go to the first seat. */
type Rank = readonly [number, number, number];
type Ranking = (seat: Seat, total: number, wanted: number, mode: Division['mode']) => Rank;

/** Replicas that are held come first where the type leaves a choice; the seat with the fewest of them first. */
const stays = ({ held }: Seat, total: number, mode: Division['mode']): boolean => mode !== 'held' && total < held;

const rankings: Record<Division['type'], Ranking> = {
  Spread: (seat, total, wanted, mode) =>
    stays(seat, total, mode)
      ? [1, -total, 0]
      : [0, seat.score(Math.max(0, total - seat.held)) - (100 * total) / wanted, seat.tie],
  /** Sainte-Laguë by what fits: adding replicas never takes one from another cluster. */
  DynamicWeights: (seat, total, _wanted, mode) =>
    stays(seat, total, mode)
      ? [1, -total, 0]
      : [0, seat.fits / (2 * Math.max(0, total - seat.held) + 1), seat.score(Math.max(0, total - seat.held))],
  StaticWeights: (seat, total) => [0, seat.weight / (2 * total + 1), seat.weight],
  /** One that is used is filled up first; of the others that which takes most of what is left. */
  Aggregated: (seat, total, wanted, mode) => {
    const room = Math.min(wanted, mode === 'fewer' ? seat.held : seat.held + seat.fits);
    return [total > 0 ? 1 : 0, total > 0 ? seat.held : room, mode === 'again' ? seat.held : seat.score(0)];
  },
};

function bestSeat(ranks: readonly Rank[], isPossible: (seat: number) => boolean): number {
  let best = -1;
  for (let seat = 0; seat < ranks.length; seat++) {
    if ((best < 0 || isBefore(ranks[seat], ranks[best])) && isPossible(seat)) best = seat;
  }
  return best;
}

function isBefore(a: Rank | undefined, b: Rank | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
