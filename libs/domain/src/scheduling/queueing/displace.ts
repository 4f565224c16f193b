/** Preemption: decisions by which victims leave, and what the one they leave for claims. */
import type { Displacement, Placement } from '@skyflow/contracts';
import { SCHEDULING_CODE } from '../decide-workload.js';
import { copyRoom, countFits, unpack } from '../room.js';
import { keptShares, leavingReplicas, placementsOf } from '../plan.js';
import { Reason } from '../reasons.js';
import { type WorkloadRecord, wantedReplicas } from '../state.js';
import { claimOn } from './claims.js';
import { type RoundContext, leafOf } from './round-context.js';
import { shareOf } from './fair-order.js';
import { replicasWithin } from './queue-tree.js';
import { type Need, type Victim, findVictims, roomWithout } from './victims.js';

export interface Displaced {
  claims: Placement[];
  displaces: Displacement[];
}

/** Displaces others for a workload that found no room. Undefined: there is nobody whom it may displace, or not enough. */
export function displace(context: RoundContext, need: Need): Displaced | undefined {
  if (need.workload.terms.neverDisplaces || context.victims <= 0 || context.trials <= 0) return undefined;
  const victims = findVictims(context, need);
  if (victims === undefined) return undefined;
  const going = victims.map((victim) => ({ victim, replicas: neededOf(context, need, victims, victim) }));
  const claims = claimRoom(context, need, victims);
  const displaces: Displacement[] = [];
  const byWorkload = new Map<WorkloadRecord, Map<string, number>>();
  for (const { victim, replicas } of going) {
    for (const { workload, share } of victim.parts) {
      const leaving = byWorkload.get(workload) ?? new Map<string, number>();
      leaving.set(share.cluster, replicas ?? share.replicas);
      byWorkload.set(workload, leaving);
      displaces.push({
        ref: workload.ref,
        queue: workload.terms.queue,
        priority: workload.terms.priority,
        cluster: share.cluster,
      });
    }
  }
  for (const [victim, leaving] of byWorkload) evict(context, need.workload, victim, leaving);
  context.victims -= byWorkload.size;
  return { claims, displaces };
}

/** Replicas of a divisible victim that have to go; undefined: all of it. */
function neededOf(
  context: RoundContext,
  { workload, replicas, onOne, usable }: Need,
  victims: readonly Victim[],
  victim: Victim,
): number | undefined {
  const [part] = victim.parts;
  if (!victim.divisible || part === undefined || victims.length > 1) return undefined;
  if (replicasWithin(leafOf(context, workload), workload.shape.request) < replicas) return undefined;
  const others = usable.reduce((sum, { cluster, fits }) => (cluster === part.cluster || onOne ? sum : sum + fits), 0);
  const mask = usable.find(({ cluster }) => cluster === part.cluster)?.mask;
  for (let going = 1; going < part.share.replicas; going++) {
    const room = copyRoom(part.cluster.room);
    unpack(
      room,
      part.workload.shape.request,
      [...part.share.packing],
      going + part.share.held - wantedReplicas(part.share),
    );
    if (others + countFits(room, workload.shape.request, mask) >= replicas) return going;
  }
  return undefined;
}

/** Claims the room in which the replicas will be: what is free already where nobody has to leave, then what the victims leave. */
function claimRoom(
  context: RoundContext,
  { workload, replicas, onOne, usable }: Need,
  victims: readonly Victim[],
): Placement[] {
  const touched = new Set(victims.flatMap(({ parts }) => parts.map(({ cluster }) => cluster)));
  const claims: Placement[] = [];
  let left = replicas;
  const places = usable.map(({ cluster, mask }) => {
    const room = touched.has(cluster) ? roomWithout(cluster, victims) : cluster.room;
    return { cluster, room, fits: countFits(room, workload.shape.request, mask) };
  });
  places.sort((a, b) => Number(touched.has(b.cluster)) - Number(touched.has(a.cluster)));
  for (const { cluster, room, fits } of places) {
    const here = Math.min(left, fits);
    if (here <= 0 || (onOne && here < replicas)) continue;
    claimOn(context, workload, cluster, room, here);
    claims.push({ cluster: cluster.record.name, replicas: here });
    left -= here;
    if (left <= 0) break;
  }
  return claims.sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

/** The victim keeps what it has elsewhere and waits for the rest; it has not failed. */
function evict(
  context: RoundContext,
  by: WorkloadRecord,
  victim: WorkloadRecord,
  leaving: ReadonlyMap<string, number>,
): void {
  const { state, round } = context;
  const kept = keptShares(state, victim).flatMap((share) => {
    const replicas = share.replicas - (leaving.get(share.cluster) ?? 0);
    return replicas > 0 ? [{ ...share, replicas }] : [];
  });
  const placed = kept.reduce((sum, share) => sum + share.replicas, 0);
  const { queue, priority } = by.terms;
  const clusters = [...leaving.keys()].sort().join(', ');
  const who = `${by.ref.kind.toLowerCase()} ${by.ref.namespace ?? ''}/${by.ref.name}`;
  const placements = placementsOf(victim, kept, new Map());
  const staying = leavingReplicas(victim, placements).filter(({ cluster }) => !leaving.has(cluster));
  context.decided.add(victim.ref.uid);
  context.drafts.push({
    type: 'PlacementDecided',
    data: {
      epoch: round.epoch,
      ref: victim.ref,
      generation: victim.generation,
      placements,
      unplaced: victim.replicas - placed,
      reason: Reason.PREEMPTED,
      message: `displaced from ${clusters} by ${who}: ${why(context, by, victim)}; it waits for another place`,
      basis: state.position,
      code: SCHEDULING_CODE,
      verdicts: [],
      ...(staying.length > 0 && { leaving: staying }),
      displacedBy: { ref: by.ref, queue, priority, cluster: [...leaving.keys()].sort()[0] ?? '' },
    },
    origin: by.origin,
  });
}

function why(context: RoundContext, by: WorkloadRecord, victim: WorkloadRecord): string {
  if (by.terms.priority > victim.terms.priority) {
    return `its priority is ${String(by.terms.priority)}, this one's ${String(victim.terms.priority)}`;
  }
  const share = Math.round(100 * shareOf(leafOf(context, victim), context.capacity));
  return `queue ${by.terms.queue} takes back its quota from queue ${victim.terms.queue}, which uses ${String(share)} % of the clusters`;
}
