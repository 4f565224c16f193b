/**
 * Which groups are used where a constraint allows only so many. Every choice is tried while there are few; else those between the best
 * liked and the largest groups. The one that places most wins; of equal ones that which is liked best.
 */
import { type Division, fill, sumOf } from './fill.js';
import type { GroupConstraint } from './group-constraint.js';

/** Choices of one scope that are all tried. */
const MOST_CHOICES = 64;
/** Above this many steps (choices × replicas × seats) only a few choices are tried. */
const MOST_STEPS = 4_000_000;

/** A scope with more groups than it may use. */
interface Choice {
  constraint: GroupConstraint;
  scope: number;
  /** Sets of groups, best liked first; the largest is the last. */
  variants: ReadonlySet<number>[];
}

/** @param placed replicas that an earlier pass placed: their groups are used. */
export function openSeats(
  division: Division,
  constraints: readonly GroupConstraint[],
  placed?: readonly number[],
): Uint8Array {
  const open = Uint8Array.from(division.seats, (seat) => (seat.open || seat.held > 0 ? 1 : 0));
  const choices = constraints.flatMap((constraint) => choicesOf(division, constraint, open, placed));
  if (choices.length === 0) return open;
  const chosen = choices.map(({ variants }) => variants.at(-1));
  const mask = (): Uint8Array => maskOf(open, choices, chosen);
  let most = sumOf(fill(division, constraints, mask(), placed));
  choices.forEach(({ variants }, index) => {
    const before = chosen[index];
    let best = before;
    for (const variant of variants) {
      chosen[index] = variant;
      const total = sumOf(fill(division, constraints, mask(), placed));
      if (total < most || (total === most && best !== before)) continue;
      most = total;
      best = variant;
      if (total >= division.wanted) break;
    }
    chosen[index] = best;
  });
  return mask();
}

function maskOf(open: Uint8Array, choices: readonly Choice[], chosen: readonly (ReadonlySet<number> | undefined)[]) {
  return open.map((is, seat) => {
    const allowed = choices.every(({ constraint, scope }, index) => {
      const group = constraint.group[seat] ?? -1;
      return group < 0 || constraint.scope[group] !== scope || chosen[index]?.has(group) === true;
    });
    return allowed ? is : 0;
  });
}

function choicesOf(
  division: Division,
  constraint: GroupConstraint,
  open: Uint8Array,
  placed: readonly number[] | undefined,
): Choice[] {
  const { maxGroups, scopes } = constraint;
  if (maxGroups === Number.POSITIVE_INFINITY) return [];
  const choices: Choice[] = [];
  const groups = groupsOf(division, constraint, open, placed);
  for (let scope = 0; scope < scopes; scope++) {
    const own = groups.filter((group) => constraint.scope[group.index] === scope);
    const forced = own.filter(({ taken }) => taken);
    const free = own.filter(({ taken }) => !taken);
    const count = Math.max(0, maxGroups - forced.length);
    if (free.length <= count) continue;
    const steps = MOST_STEPS / Math.max(1, division.wanted * division.seats.length);
    const variants = variantsOf(free, count, Math.min(MOST_CHOICES, steps)).map(
      (set) => new Set([...forced, ...set].map(({ index }) => index)),
    );
    choices.push({ constraint, scope, variants });
  }
  return choices;
}

interface Group {
  index: number;
  /** Something is there that stays. */
  taken: boolean;
  held: number;
  liking: number;
  room: number;
}

/** Best liked first. */
function groupsOf(
  { seats, wanted, type, mode, constraints }: Division,
  { group: groupOf, scope }: GroupConstraint,
  open: Uint8Array,
  placed: readonly number[] | undefined,
): Group[] {
  const groups = Array.from(scope, (_, index): Group => ({ index, taken: false, held: 0, liking: 0, room: 0 }));
  const rooms = groups.map((): number[] => []);
  seats.forEach((seat, index) => {
    const at = groupOf[index] ?? -1;
    const group = groups[at];
    if (group === undefined || open[index] === 0) return;
    const there = placed?.[index] ?? (mode === 'held' ? seat.held : 0);
    const room = Math.min(wanted, mode === 'fewer' ? seat.held : seat.held + seat.fits);
    group.taken ||= there > 0;
    group.held += seat.held;
    rooms[at]?.push(room);
    if (type === 'StaticWeights') group.liking += room > 0 ? seat.weight : 0;
    else if (type === 'Spread') group.liking = Math.max(group.liking, room > 0 ? 1e6 + seat.score(0) : 0);
    else group.liking += room;
  });
  const seatsPerGroup = Math.min(
    ...constraints.map(({ topologyKey, maxGroups }) =>
      topologyKey === 'cluster' ? maxGroups : Number.POSITIVE_INFINITY,
    ),
  );
  for (const group of groups) {
    const own = (rooms[group.index] ?? []).sort((a, b) => b - a);
    group.room = sumOf(own.slice(0, Math.min(own.length, seatsPerGroup)));
  }
  return groups
    .filter(({ index }) => (rooms[index]?.length ?? 0) > 0)
    .sort((a, b) => b.held - a.held || b.liking - a.liking || a.index - b.index);
}

/** Sets of `count` groups: all of them if they are at most `most`; the last is that of the largest groups. */
function variantsOf(liked: readonly Group[], count: number, most: number): Group[][] {
  const bySize = liked.toSorted((a, b) => b.room - a.room || liked.indexOf(a) - liked.indexOf(b));
  const largest = bySize.slice(0, count);
  if (combinations(liked.length, count) <= most) return [...subsets(liked, count), largest];
  const mixed: Group[][] = [];
  for (let first = count; first >= 0 && mixed.length < Math.max(1, most); first--) {
    const kept = liked.slice(0, first);
    const rest = bySize.filter((group) => !kept.includes(group)).slice(0, count - first);
    mixed.push([...kept, ...rest]);
  }
  return [...mixed, largest];
}

function combinations(of: number, count: number): number {
  let total = 1;
  for (let i = 0; i < count; i++) {
    total = (total * (of - i)) / (i + 1);
    if (total > 1e6) return total;
  }
  return Math.round(total);
}

function* subsets<T>(of: readonly T[], count: number): Generator<T[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let first = 0; first + count <= of.length; first++) {
    for (const rest of subsets(of.slice(first + 1), count - 1)) yield [...of.slice(first, first + 1), ...rest];
  }
}
