/**
 * Whom to displace for a workload: the fewest workloads, and of as few the cheapest (lowest priority, then fewest replicas, then
 * youngest). Sets are tried by size, so small ones are exact; when too many would have to be tried, victims are added until it
 * fits and those that turn out not to be needed are left out again.
 */
import { type Room, copyRoom, countFits, unpack } from '../room.js';
import type { Candidate } from '../pipeline/shape-view.js';
import type { RoundCluster } from '../round-table.js';
import { type Share, type WorkloadRecord, shareOn } from '../state.js';
import { mayDisplace } from './entitlement.js';
import { replicasWithin, take } from './queue-tree.js';
import { type RoundContext, leafOf } from './round-context.js';

/** What leaves together: a share of a service, all of a job that ends, all of a gang. */
export interface Victim {
  /** Shares that would go, by workload. */
  parts: { workload: WorkloadRecord; share: Share; cluster: RoundCluster }[];
  workloads: number;
  priority: number;
  replicas: number;
  createdAt: number;
  /** Whether fewer replicas of its one share may go. */
  divisible: boolean;
}

export interface Need {
  workload: WorkloadRecord;
  replicas: number;
  onOne: boolean;
  /** Clusters that it may use. */
  usable: readonly Candidate[];
}

/** Most sets of victims that are tried for one workload, and most victims for it. */
const MOST_TRIALS = 2_000;
const MOST_VICTIMS = 32;

export function findVictims(context: RoundContext, need: Need): Victim[] | undefined {
  const units = victimsFor(context, need);
  if (units.length === 0) return undefined;
  const limit = Math.min(MOST_TRIALS, context.trials);
  let trials = 0;
  const fits = (victims: readonly Victim[]): boolean => {
    trials++;
    return wouldFit(context, need, victims);
  };
  const everything = fits(units);
  const found = everything ? (smallest(units, fits, () => trials < limit) ?? irreducible(units, fits)) : undefined;
  context.trials -= trials;
  return found;
}

/** Whether the workload finds its place when they have left. */
export function wouldFit(context: RoundContext, need: Need, victims: readonly Victim[]): boolean {
  return fitsQuota(context, need, victims) && fitsRoom(need, victims);
}

/** The room of a cluster when victims have left it. */
export function roomWithout(cluster: RoundCluster, victims: readonly Victim[]): Room {
  const room = copyRoom(cluster.room);
  for (const { workload, share } of victims.flatMap(({ parts }) => parts.filter((part) => part.cluster === cluster))) {
    unpack(room, workload.shape.request, [...share.packing], share.held - share.leaving);
  }
  return room;
}

export function compareCost(a: readonly Victim[], b: readonly Victim[]): number {
  const [left, right] = [costOf(a), costOf(b)];
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Workloads, highest priority, replicas, and how old they are together. */
function costOf(victims: readonly Victim[]): number[] {
  let [workloads, priority, replicas, age] = [0, Number.NEGATIVE_INFINITY, 0, 0];
  for (const victim of victims) {
    workloads += victim.workloads;
    priority = Math.max(priority, victim.priority);
    replicas += victim.replicas;
    age -= victim.createdAt;
  }
  return [workloads, priority, replicas, age];
}

type Fits = (victims: readonly Victim[]) => boolean;

/** The cheapest of the smallest sets; undefined if that cannot be told in as many trials. */
function smallest(units: readonly Victim[], fits: Fits, mayTry: () => boolean): Victim[] | undefined {
  let best: Victim[] | undefined;
  const tryAll = (size: number, from: number, chosen: Victim[]): boolean => {
    if (chosen.length === size) {
      if (!mayTry()) return false;
      if (fits(chosen) && (best === undefined || compareCost(chosen, best) < 0)) best = [...chosen];
      return true;
    }
    for (let at = from; at <= units.length - (size - chosen.length); at++) {
      const next = units[at];
      if (next !== undefined && !tryAll(size, at + 1, [...chosen, next])) return false;
    }
    return true;
  };
  const mostUnits = Math.min(units.length, MOST_VICTIMS);
  for (let size = 1; size <= mostUnits; size++) {
    if (!tryAll(size, 0, [])) return undefined;
    // A gang counts as all its workloads: a larger set of single ones may still be fewer.
    const workloads = best === undefined ? Number.POSITIVE_INFINITY : costOf(best)[0];
    if (workloads !== undefined && workloads <= size + 1) return best;
  }
  return best;
}

/** Cheapest first until it fits, then without those that are not needed, dearest first. */
function irreducible(units: readonly Victim[], fits: Fits): Victim[] | undefined {
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(units.slice(0, middle))) high = middle;
    else low = middle + 1;
  }
  let chosen = units.slice(0, high);
  for (const victim of [...chosen].reverse()) {
    const others = chosen.filter((each) => each !== victim);
    if (fits(others)) chosen = others;
  }
  return chosen.length <= MOST_VICTIMS ? chosen : undefined;
}

/** Everybody who may be displaced, cheapest first. */
function victimsFor(context: RoundContext, need: Need): Victim[] {
  const { state, round } = context;
  const lacksQuota = replicasWithin(leafOf(context, need.workload), need.workload.shape.request) < need.replicas;
  const usable = new Set(need.usable.map(({ cluster }) => cluster));
  const clusters = new Map(round.table.clusters.map((cluster) => [cluster.record.name, cluster]));
  const seen = new Set<string>();
  const victims: Victim[] = [];
  for (const cluster of round.table.clusters) {
    if (!usable.has(cluster) && !lacksQuota) continue;
    for (const uid of cluster.record.shares) {
      const victim = state.workloads.get(uid);
      if (victim === undefined || seen.has(uid) || !mayLeave(context, need, victim)) continue;
      if (victim.terms.gang === undefined && victim.mode === 'service') {
        const share = shareOn(victim, cluster.record.name);
        if (share !== undefined && isHeld(share)) victims.push(unitOf([{ workload: victim, share, cluster }], true));
        continue;
      }
      const members = membersOf(context, victim);
      for (const member of members) seen.add(member.ref.uid);
      if (!members.every((member) => mayLeave(context, need, member))) continue;
      const parts = members.flatMap((member) =>
        member.shares.flatMap((share) => {
          const on = clusters.get(share.cluster);
          return on === undefined || !isHeld(share) ? [] : [{ workload: member, share, cluster: on }];
        }),
      );
      if (parts.length > 0) victims.push(unitOf(parts, false));
    }
  }
  return victims.sort((a, b) => compareCost([a], [b]));
}

const mayLeave = (context: RoundContext, need: Need, victim: WorkloadRecord): boolean =>
  victim !== need.workload &&
  !victim.deleting &&
  !context.decided.has(victim.ref.uid) &&
  mayDisplace(context, need.workload, need.replicas, victim);

const isHeld = (share: Share): boolean => share.replicas > 0 && !share.finished && share.held > share.leaving;

const unitOf = (parts: Victim['parts'], divisible: boolean): Victim => ({
  parts,
  workloads: new Set(parts.map(({ workload }) => workload)).size,
  priority: Math.max(...parts.map(({ workload }) => workload.terms.priority)),
  replicas: parts.reduce((sum, { share }) => sum + share.replicas, 0),
  createdAt: Math.max(...parts.map(({ workload }) => workload.createdAt)),
  divisible: divisible && (parts[0]?.share.replicas ?? 0) > 1,
});

/** All of a gang, in queue order. */
function membersOf({ state }: RoundContext, workload: WorkloadRecord): WorkloadRecord[] {
  const { gang } = workload.terms;
  if (gang === undefined || gang.name === '') return [workload];
  return [...state.workloads.values()]
    .filter(({ terms }) => terms === workload.terms)
    .sort((a, b) => a.createdAt - b.createdAt);
}

function fitsRoom({ workload, replicas, onOne, usable }: Need, victims: readonly Victim[]): boolean {
  const { request } = workload.shape;
  const touched = new Set(victims.flatMap(({ parts }) => parts.map(({ cluster }) => cluster)));
  let total = 0;
  for (const { cluster, fits, mask } of usable) {
    const here = touched.has(cluster) ? countFits(roomWithout(cluster, victims), request, mask) : fits;
    if (here >= replicas) return true;
    total += here;
  }
  return !onOne && total >= replicas;
}

function fitsQuota(context: RoundContext, { workload, replicas }: Need, victims: readonly Victim[]): boolean {
  const leaf = leafOf(context, workload);
  if (!leaf.hasQuota) return true;
  const parts = victims.flatMap((victim) => victim.parts);
  for (const part of parts)
    take(leafOf(context, part.workload), part.workload.shape.request, part.share.leaving - part.share.held);
  const within = replicasWithin(leaf, workload.shape.request);
  for (const part of parts)
    take(leafOf(context, part.workload), part.workload.shape.request, part.share.held - part.share.leaving);
  return within >= replicas;
}
