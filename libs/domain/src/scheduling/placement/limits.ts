/** What keeps clusters that have room from getting more, and copies from being as many as is asked for: with the numbers, for people. */
import type { Refusal } from '../pipeline/plugin.js';
import type { Candidate } from '../pipeline/shape-view.js';
import { Reason } from '../reasons.js';
import type { Division } from './fill.js';
import { type GroupConstraint, GroupCounts } from './group-constraint.js';
import type { PlacementRules } from './rules.js';
import type { ShutOut } from './short-groups.js';

/** The group of clusters that all replicas have to be in, and the group of each cluster. */
export interface OwnGroup {
  index: number;
  of: readonly number[];
}

interface Limits {
  hard: readonly GroupConstraint[];
  shut: ShutOut;
  rules: PlacementRules;
  group: OwnGroup | undefined;
}

/** Of clusters that have room, or would have it if they were empty: why they get no more. */
export function limitsOf(
  { seats, type }: Division,
  totals: readonly number[],
  candidates: readonly Candidate[],
  { hard, shut, rules: { groups, division }, group }: Limits,
): Map<Candidate, Refusal> {
  const open = Uint8Array.from(seats, (seat, index) => (seat.open && !shut.has(index) ? 1 : 0));
  const counts = hard.map((constraint) => new GroupCounts(constraint, open, totals));
  const limits = new Map<Candidate, Refusal>();
  candidates.forEach((candidate, index) => {
    const seat = seats[index];
    // A copy that is there is whole: what keeps a second one away says nothing.
    if (seat?.open !== true || (division.type === 'Duplicated' && (totals[index] ?? 0) > 0)) return;
    const own = group?.of[index] ?? -1;
    if (group !== undefined && own !== group.index) {
      const message = `it is in group ${groups[own]?.name ?? ''}, and all replicas are in group ${groups[group.index]?.name ?? ''}`;
      limits.set(candidate, { reason: Reason.OTHER_GROUP, message });
      return;
    }
    if (type === 'StaticWeights' && seat.weight === 0) {
      const message = `none of the ${division.weights?.length ?? 0} weights of the division is for it`;
      limits.set(candidate, { reason: Reason.NO_WEIGHT, message });
      return;
    }
    const message = shutText(shut, index) ?? limitText(counts, index);
    if (message !== undefined) limits.set(candidate, { reason: Reason.SPREAD_LIMIT, message });
  });
  return limits;
}

/**
 * Of Duplicated, where no replica is left over that could not be placed for want of groups: the copies that minGroups asks for and that
 * no cluster is there for. Those that only wait for room are none of them.
 */
export function lackingCopies(
  hard: readonly GroupConstraint[],
  { seats }: Division,
  totals: readonly number[],
  isLimited: (seat: number) => boolean,
): { copies: number; why: Refusal } | undefined {
  if (totals.every((total) => total === 0)) return undefined;
  const willBe = totals.map((total, seat) => (seats[seat]?.open === true && !isLimited(seat) ? 1 : total));
  const none = new Uint8Array(totals.length);
  const [most] = hard
    .map((constraint) => ({ constraint, ...new GroupCounts(constraint, none, willBe).lacking() }))
    .sort((a, b) => b.groups - a.groups);
  if (most === undefined || most.groups === 0) return undefined;
  const { constraint, groups, used, scope } = most;
  const where = scope === '' ? '' : ` in ${scope}`;
  const message = `${constraint.title}: at least ${constraint.minGroups} groups, and only ${used} can be used${where}`;
  return { copies: groups, why: { reason: Reason.SPREAD_LIMIT, message } };
}

function shutText(shut: ShutOut, seat: number): string | undefined {
  const by = shut.get(seat);
  if (by === undefined) return undefined;
  const { title, minGroups, scope, scopeNames, group } = by.constraint;
  const outer = scopeNames[scope[group[seat] ?? -1] ?? -1] ?? '';
  return `${title}: at least ${minGroups} groups, and ${outer} has only ${by.groups}`;
}

function limitText(constraints: readonly GroupCounts[], seat: number): string | undefined {
  for (const counts of constraints) {
    const obstacle = counts.obstacle(seat);
    if (obstacle !== undefined) return obstacleText(counts, seat, obstacle);
  }
  return undefined;
}

function obstacleText(
  counts: GroupCounts,
  seat: number,
  obstacle: NonNullable<ReturnType<GroupCounts['obstacle']>>,
): string {
  const { title, group, names, minGroups, maxGroups, maxSkew } = counts.constraint;
  const index = group[seat] ?? -1;
  const has = `${names[index] ?? ''} has ${counts.totals[index] ?? 0}`;
  switch (obstacle) {
    case 'maxGroups':
      return `${title}: at most ${maxGroups} groups, and ${counts.usedGroups(seat)} others are used`;
    case 'minGroups':
      return `${title}: at least ${minGroups} groups before one has two, ${has} and only ${counts.usedGroups(seat)} are used`;
    case 'maxSkew': {
      const { name, replicas } = counts.fewest(seat);
      return `${title}: maxSkew ${maxSkew}, ${has} and ${name} has ${replicas}`;
    }
  }
}
