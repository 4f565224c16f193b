/**
 * Where the replicas of a workload go that says how they are divided: groups of clusters in order, constraints, division, all or
 * nothing. Everything that it needs is in the request; it reserves nothing.
 */
import type { Refusal } from '../pipeline/plugin.js';
import type { Candidate } from '../pipeline/shape-view.js';
import { type PlannedShare, lowerTo } from '../plan.js';
import type { Part } from '../pipeline/spread.js';
import type { WorkloadRecord } from '../state.js';
import { isInSet } from './cluster-selection.js';
import { divide } from './divide.js';
import { type Division, type Seat, sumOf } from './fill.js';
import { type OwnGroup, lackingCopies, limitsOf } from './limits.js';
import type { PlacementRules } from './rules.js';
import { type Leaning, constraintsOf, seatOf } from './seats.js';
import { shutOut } from './short-groups.js';

export interface RuleRequest {
  workload: WorkloadRecord;
  rules: PlacementRules;
  candidates: readonly Candidate[];
  /** Shares that need not go, by cluster; more than is wanted when the workload was scaled down. */
  staying: readonly PlannedShare[];
  /** Most replicas that may be added. */
  most: number;
  leaningTo(candidate: Candidate): Leaning;
}

export interface RulePlan {
  kept: PlannedShare[];
  parts: Part[];
  unplaced: number;
  /** Why clusters with room get no more, for those that do not. */
  limits: ReadonlyMap<Candidate, Refusal>;
  /** Placed if it were not for all or nothing. */
  withheld: number;
  /** Of Duplicated: why there are fewer copies than its constraints ask for. */
  lacking?: Refusal | undefined;
}

export function planByRules(request: RuleRequest): RulePlan {
  const { workload, rules, candidates, staying } = request;
  const heldOn = new Map(staying.map((share) => [share.cluster, share]));
  const seats = candidates.map((candidate) =>
    seatOf(
      workload.shape,
      candidate,
      heldOn.get(candidate.cluster.record.name)?.replicas ?? 0,
      request.leaningTo(candidate),
    ),
  );
  const units = unitsOf(workload, rules, seats, staying, request.most);
  const constraints = constraintsOf(rules, candidates);
  const division: Division = {
    seats: units.seats,
    wanted: units.wanted,
    type: rules.division.type === 'Duplicated' ? 'Spread' : rules.division.type,
    constraints,
    mode: modeOf(workload, rules, staying, units.wanted),
  };
  const { totals, group, counted } = divideOverGroups(division, rules, candidates);
  const hard = constraints.filter((constraint) => constraint.hard);
  const limits = limitsOf(division, totals, candidates, { hard, shut: shutOut(hard, counted), rules, group });
  const fitting = totals.map((total, index) => units.replicasOf(total, index));
  const replicas = rules.division.type === 'Duplicated' ? growingBy(request.most, seats, fitting) : fitting;
  const isLimited = (seat: number): boolean => limits.has(candidates[seat] as Candidate);
  const lacking = rules.division.type === 'Duplicated' ? lackingCopies(hard, division, totals, isLimited) : undefined;
  const unplaced =
    units.unplacedOf(totals, isLimited) +
    (lacking?.copies ?? 0) * workload.replicas +
    (sumOf(fitting) - sumOf(replicas));
  if (rules.allOrNothing && unplaced > 0) {
    const kept = rules.division.type === 'Duplicated' ? [...staying] : lowerTo([...staying], workload.replicas);
    const held = sumOf(kept.map((share) => share.replicas));
    const withheld = Math.max(0, sumOf(replicas) - held);
    return { kept, parts: [], unplaced: unplaced + withheld, limits, withheld, lacking: lacking?.why };
  }
  const parts: Part[] = [];
  candidates.forEach((candidate, index) => {
    const more = (replicas[index] ?? 0) - (seats[index]?.held ?? 0);
    if (more > 0) parts.push({ candidate, replicas: more });
  });
  const given = new Map(candidates.map(({ cluster }, index) => [cluster.record.name, replicas[index] ?? 0]));
  const kept = staying
    .map((share) => ({ ...share, replicas: Math.min(share.replicas, given.get(share.cluster) ?? share.replicas) }))
    .filter((share) => share.replicas > 0);
  return { kept, parts, unplaced, limits, withheld: 0, lacking: lacking?.why };
}

/** As many as may be added, to the first clusters first. */
function growingBy(most: number, seats: readonly Seat[], replicas: readonly number[]): number[] {
  let left = most;
  return replicas.map((wanted, seat) => {
    const held = seats[seat]?.held ?? 0;
    const more = Math.min(left, Math.max(0, wanted - held));
    left -= more;
    return Math.min(wanted, held + more);
  });
}

/** What is divided: replicas; of Duplicated all of them at a time, one cluster each; of an indexed job all that are missing. */
interface Units {
  seats: Seat[];
  wanted: number;
  replicasOf(total: number, seat: number): number;
  /** @param isLimited whether something else than room keeps a seat from getting more. */
  unplacedOf(totals: readonly number[], isLimited: (seat: number) => boolean): number;
}

function unitsOf(
  { mode, replicas }: WorkloadRecord,
  { division, allOrNothing }: PlacementRules,
  seats: Seat[],
  staying: readonly PlannedShare[],
  most: number,
): Units {
  const elsewhere = sumOf(staying.map((share) => share.replicas)) - sumOf(seats.map(({ held }) => held));
  if (division.type === 'Duplicated') {
    const whole = allOrNothing || mode === 'indexed';
    const roomIn = ({ held, fits }: Seat): number => {
      const room = Math.min(replicas, held + fits);
      return whole && room < replicas ? held : room;
    };
    const copies = seats.map((seat) => ({
      ...seat,
      held: seat.held > 0 ? 1 : 0,
      fits: seat.held === 0 && roomIn(seat) > 0 ? 1 : 0,
    }));
    return {
      seats: copies,
      wanted: copies.length,
      replicasOf: (total, seat) => (total === 0 ? 0 : roomIn(seats[seat] as Seat)),
      unplacedOf: (totals, isLimited) => {
        const waiting = seats.map((seat, index) => {
          if ((totals[index] ?? 0) > 0) return replicas - roomIn(seat);
          return seat.open && !isLimited(index) ? replicas : 0;
        });
        return totals.every((total) => total === 0) ? Math.max(replicas, sumOf(waiting)) : sumOf(waiting);
      },
    };
  }
  const held = sumOf(seats.map((seat) => seat.held));
  const missing = replicas - elsewhere;
  const wanted = Math.max(0, Math.min(missing, held + most));
  if (mode === 'indexed') {
    const more = Math.max(0, missing - held);
    const allowed = more > 0 && more <= most;
    return {
      seats: seats.map((seat) => ({ ...seat, held: 0, fits: allowed && seat.fits >= more ? 1 : 0 })),
      wanted: allowed ? 1 : 0,
      replicasOf: (total, seat) => (seats[seat]?.held ?? 0) + total * more,
      unplacedOf: (totals) => (sumOf(totals) > 0 ? 0 : more),
    };
  }
  return {
    seats,
    wanted,
    replicasOf: (total) => total,
    unplacedOf: (totals) => Math.max(0, missing - sumOf(totals)),
  };
}

/** Only what runs for ever can be moved; and only when other rules hold now is it divided again. */
function modeOf(
  workload: WorkloadRecord,
  { division }: PlacementRules,
  staying: readonly PlannedShare[],
  wanted: number,
): Division['mode'] {
  if (workload.mode !== 'service' || staying.length === 0) return 'held';
  if (workload.rulesAt > (workload.decision?.basis ?? 0)) return 'again';
  return division.type !== 'Duplicated' && sumOf(staying.map(({ replicas }) => replicas)) > wanted ? 'fewer' : 'held';
}

interface DividedOverGroups {
  totals: number[];
  /** The one that all replicas have to be in; undefined: any. */
  group?: OwnGroup;
  /** Seats that the replicas were divided over. */
  counted: readonly Seat[];
}

function divideOverGroups(
  division: Division,
  { groups, overflow }: PlacementRules,
  candidates: readonly Candidate[],
): DividedOverGroups {
  const anywhere = (): DividedOverGroups => ({ totals: divide(division), counted: division.seats });
  if (groups.length === 0) return anywhere();
  const of = candidates.map(({ cluster }) => groups.findIndex((group) => isInSet(group, cluster.record)));
  const within = (index: number): Division => ({
    ...division,
    seats: division.seats.map((seat, at) => (of[at] === index ? seat : { ...seat, fits: 0, open: false })),
  });
  if (overflow) {
    let totals: number[] | undefined;
    for (const index of groups.keys()) totals = divide(within(index), totals, division.seats);
    return totals === undefined ? anywhere() : { totals, counted: division.seats };
  }
  const current = of.filter((index, at) => index >= 0 && (division.seats[at]?.held ?? 0) > 0).sort((a, b) => a - b)[0];
  const order = [...groups.keys()];
  const first = current === undefined ? order : [current, ...order.filter((index) => index !== current)];
  let best: DividedOverGroups | undefined;
  for (const index of division.mode === 'held' && current !== undefined ? [current] : first) {
    const one = onlyIn(within(index), of, index);
    const totals = divide(one);
    if (best === undefined || sumOf(totals) > sumOf(best.totals)) {
      best = { totals, group: { index, of }, counted: one.seats };
    }
    if (sumOf(best.totals) >= division.wanted) break;
  }
  return best ?? anywhere();
}

/** What is held elsewhere stays only where nothing may go away. */
const onlyIn = (division: Division, of: readonly number[], index: number): Division =>
  division.mode === 'held'
    ? division
    : { ...division, seats: division.seats.map((seat, at) => (of[at] === index ? seat : { ...seat, held: 0 })) };
