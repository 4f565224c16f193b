/**
 * Divides replicas over seats (one per cluster), one after the other, each to the best seat that constraints and room allow. What a
 * seat holds stays (`pinned`), or is only preferred: when less is wanted, or other rules hold now.
 *
 * As adding a replica never makes a place impossible that was possible, except in its own groups, going on until no seat is left gives
 * the most that can be placed under nested constraints. Which groups are used, where there may be only so many, is tried out
 * (choose-groups.ts).
 */
import { openSeats } from './choose-groups.js';
import { type Division, type Seat, fill, sumOf } from './fill.js';
import type { GroupConstraint } from './group-constraint.js';
import { shutOut, without } from './short-groups.js';

/**
 * Replicas by seat. Their sum is `wanted`, or less when no more can be placed.
 * @param start what an earlier pass over other seats placed.
 * @param counted the seats of all passes, for how many groups there are.
 */
export function divide(
  division: Division,
  start?: readonly number[],
  counted: readonly Seat[] = division.seats,
): number[] {
  const { constraints } = division;
  const totals = divideWithin(division, constraints, counted, start);
  const hard = constraints.filter((constraint) => constraint.hard);
  if (hard.length === constraints.length || sumOf(totals) >= division.wanted) return totals;
  return divideWithin(division, hard, counted, totals);
}

function divideWithin(
  division: Division,
  constraints: readonly GroupConstraint[],
  counted: readonly Seat[],
  start: readonly number[] | undefined,
): number[] {
  const reachable = without(shutOut(constraints, counted), division);
  return fill(reachable, constraints, openSeats(reachable, constraints, start), start);
}
