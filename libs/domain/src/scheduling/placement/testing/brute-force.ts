/** For tests: spread constraints by their definition, and the best division by trying all. Says nothing about how it is found. */
import type { GroupConstraint } from '../group-constraint.js';
import type { Division } from '../fill.js';

/** Whether totals keep to a constraint: the groups it may use are those in use and, up to maxGroups, any others that are open. */
export function keeps(constraint: GroupConstraint, totals: readonly number[], open: readonly boolean[]): boolean {
  const { group, scope, scopes, minGroups, maxGroups, maxSkew } = constraint;
  for (let outer = 0; outer < scopes; outer++) {
    const sums = new Map<number, number>();
    const isOpen = new Set<number>();
    group.forEach((index, seat) => {
      if (index < 0 || scope[index] !== outer) return;
      sums.set(index, (sums.get(index) ?? 0) + (totals[seat] ?? 0));
      if (open[seat] === true) isOpen.add(index);
    });
    const used = [...sums.values()].filter((sum) => sum > 0);
    const total = used.reduce((a, b) => a + b, 0);
    if (used.length > maxGroups || used.length < Math.min(minGroups, total)) return false;
    const unused = [...sums].filter(([index, sum]) => sum === 0 && isOpen.has(index)).length;
    const least = used.length + unused > used.length && used.length < maxGroups ? 0 : Math.min(...used);
    if (used.length > 0 && Math.max(...used) - least > maxSkew) return false;
  }
  return true;
}

/** Seats that are not in a group with too few groups in it for a constraint inside groups, until no more such are found. */
export function usable(constraints: readonly GroupConstraint[], seats: Division['seats']): boolean[] {
  let open = seats.map((seat) => seat.open);
  for (;;) {
    const next = open.map((is, seat) => {
      const isShort = ({ isNested, minGroups, group, scope }: GroupConstraint): boolean => {
        const outer = scope[group[seat] ?? -1];
        const others = open.flatMap((there, at) =>
          there && scope[group[at] ?? -1] === outer ? (group[at] ?? -1) : [],
        );
        return isNested && outer !== undefined && new Set(others).size < minGroups;
      };
      return is && !constraints.some(isShort);
    });
    if (next.every((is, seat) => is === open[seat])) return open;
    open = next;
  }
}

/** The most replicas that can be placed within room and constraints. */
export function mostPlaceable({ seats, wanted, constraints }: Division): number {
  const open = usable(constraints, seats);
  let most = 0;
  const totals = seats.map(() => 0);
  const visit = (seat: number, left: number): void => {
    if (seat === seats.length) {
      const placed = wanted - left;
      if (placed > most && constraints.every((constraint) => keeps(constraint, totals, open))) most = placed;
      return;
    }
    for (let count = 0; count <= Math.min(left, open[seat] === true ? (seats[seat]?.fits ?? 0) : 0); count++) {
      totals[seat] = count;
      visit(seat + 1, left - count);
    }
    totals[seat] = 0;
  };
  visit(0, wanted);
  return most;
}

/** Fewest seats that take as many replicas as fit at all. */
export function fewestSeats(rooms: readonly number[], wanted: number): number {
  const target = Math.min(
    wanted,
    rooms.reduce((a, b) => a + b, 0),
  );
  let fewest = rooms.length;
  for (let set = 0; set < 1 << rooms.length; set++) {
    const chosen = rooms.filter((_, seat) => (set >> seat) & 1);
    if (chosen.reduce((a, b) => a + b, 0) >= target) fewest = Math.min(fewest, chosen.length);
  }
  return target === 0 ? 0 : fewest;
}

/** Sainte-Laguë by its definition: the `wanted` greatest quotients weight / (2k + 1), at most `fits` per seat; equal ones to the first. */
export function sainteLague(seats: readonly { weight: number; fits: number }[], wanted: number): number[] {
  const quotients = seats.flatMap(({ weight, fits }, seat) =>
    Array.from({ length: weight > 0 ? fits : 0 }, (_, k) => ({ seat, weight, quotient: weight / (2 * k + 1) })),
  );
  quotients.sort((a, b) => b.quotient - a.quotient || b.weight - a.weight || a.seat - b.seat);
  const totals = seats.map(() => 0);
  for (const { seat } of quotients.slice(0, wanted)) totals[seat] = (totals[seat] ?? 0) + 1;
  return totals;
}
