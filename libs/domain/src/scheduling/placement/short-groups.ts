/**
 * A constraint inside groups (`within`) can be kept only in a group that has as many groups as it asks for: one that has fewer is passed
 * over, as in Karmada, since there are others to go to. Over all clusters there are none: there each group gets one replica, and the rest
 * waits for the groups that lack.
 */
import type { Division, Seat } from './fill.js';
import type { GroupConstraint } from './group-constraint.js';

/** What shuts seats out, by seat: the constraint, and how many groups there are where it asks for more. */
export type ShutOut = ReadonlyMap<number, { constraint: GroupConstraint; groups: number }>;

/** @param counted seats whose groups count: all that the replicas may be divided over. */
export function shutOut(constraints: readonly GroupConstraint[], counted: readonly Seat[]): ShutOut {
  const shut = new Map<number, { constraint: GroupConstraint; groups: number }>();
  const inside = constraints.filter(({ isNested, minGroups }) => isNested && minGroups > 1);
  if (inside.length === 0) return shut;
  // What one constraint shuts out does not count for another.
  for (let before = -1; before < shut.size;) {
    before = shut.size;
    for (const constraint of inside) {
      const groups = groupsByScope(constraint, (seat) => isThere(counted[seat]) && !shut.has(seat));
      constraint.group.forEach((group, seat) => {
        const found = groups[constraint.scope[group] ?? -1];
        if (found === undefined || found.size >= constraint.minGroups || shut.has(seat)) return;
        shut.set(seat, { constraint, groups: found.size });
      });
    }
  }
  return shut;
}

/** Nothing comes where seats are shut out; what they hold goes only where everything is divided again. */
export function without(shut: ShutOut, division: Division): Division {
  // Taking some away must not take away more than that.
  if (shut.size === 0 || division.mode === 'fewer') return division;
  const held = division.mode === 'again' ? { held: 0 } : {};
  return {
    ...division,
    seats: division.seats.map((seat, index) => (shut.has(index) ? { ...seat, fits: 0, open: false, ...held } : seat)),
  };
}

const isThere = (seat: Seat | undefined): boolean => seat !== undefined && (seat.open || seat.held > 0);

function groupsByScope({ group, scope, scopes }: GroupConstraint, counts: (seat: number) => boolean): Set<number>[] {
  const found = Array.from({ length: scopes }, () => new Set<number>());
  group.forEach((index, seat) => {
    if (counts(seat)) found[scope[index] ?? -1]?.add(index);
  });
  return found;
}
