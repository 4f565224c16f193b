/**
 * Divides replicas over seats (one per cluster), one after the other, each to the best seat that constraints and room allow. What a
 * seat holds stays (`pinned`), or is only preferred: when less is wanted, or other rules hold now.
 *
 * As adding a replica never makes a place impossible that was possible, except in its own groups, going on until no seat is left gives
 * the most that can be placed under nested constraints. Which groups are used, where there may be only so many, is tried out
 * (choose-groups.ts).
 */
import { openSeats } from './choose-groups.js';
import { type Division, fill, sumOf } from './fill.js';

/**
 * Replicas by seat. Their sum is `wanted`, or less when no more can be placed.
 * @param start what an earlier pass over other seats placed.
 */
export function divide(division: Division, start?: readonly number[]): number[] {
  const { constraints } = division;
  const totals = fill(division, constraints, openSeats(division, constraints, start), start);
  const hard = constraints.filter((constraint) => constraint.hard);
  if (hard.length === constraints.length || sumOf(totals) >= division.wanted) return totals;
  return fill(division, hard, openSeats(division, hard, totals), totals);
}
