/**
 * Claims: the room that a workload displaced others for is its own while they leave. Until they are gone they still hold it, so the
 * claim is packed on paper as if they were, and then taken on top: what comes free is nobody else's.
 */
import type { Placement } from '@skyflow/contracts';
import { type Packing, type Room, copyRoom, pack, unpack } from '../room.js';
import { type Reservation, type RoundCluster, claim, giveBack } from '../round-table.js';
import { maskOf } from '../shape.js';
import { type SchedulingState, type WorkloadRecord, shareOn, wantedReplicas } from '../state.js';
import { type RoundContext, candidatesOf, leafOf, noteKept } from './round-context.js';
import { take } from './queue-tree.js';

/** Takes the room of all claims, the highest priority first. Returns whose they are, in that order. */
export function takeClaims(context: RoundContext): WorkloadRecord[] {
  const { state, queueing } = context;
  const claimants = [...queueing.claimants].flatMap((uid) => state.workloads.get(uid) ?? []);
  claimants.sort((a, b) => b.terms.priority - a.terms.priority || a.createdAt - b.createdAt);
  for (const workload of claimants) takeClaim(context, workload, workload.claims ?? []);
  return claimants;
}

function takeClaim(context: RoundContext, workload: WorkloadRecord, claims: readonly Placement[]): void {
  const { state, round } = context;
  for (const { cluster: name, replicas } of claims) {
    const cluster = round.table.clusters.find(({ record }) => record.name === name);
    if (cluster === undefined) continue;
    claimOn(context, workload, cluster, roomWhenLeft(state, cluster), replicas);
  }
}

/** Takes room on a cluster, where it is in `whenLeft`: the room there when those who leave are gone. */
export function claimOn(
  context: RoundContext,
  workload: WorkloadRecord,
  cluster: RoundCluster,
  whenLeft: Room,
  replicas: number,
): void {
  const { shape } = workload;
  const packing = pack(copyRoom(whenLeft), shape.request, replicas, maskOf(shape, whenLeft.layout));
  claimPacking(context, workload, cluster, replicas, packing);
}

function claimPacking(
  context: RoundContext,
  workload: WorkloadRecord,
  cluster: RoundCluster,
  replicas: number,
  packing: Packing,
): void {
  const { shape } = workload;
  const reservation = claim(context.round.table, cluster, shape, replicas, packing);
  const claimed = context.claims.get(workload.ref.uid) ?? [];
  context.claims.set(workload.ref.uid, [...claimed, reservation]);
  noteKept(context, cluster, workload);
  context.keepers.add(workload);
  take(leafOf(context, workload), shape.request, replicas);
}

/** Gives a workload the room of its claim, to be placed in it. Returns what was claimed. */
export function openClaim(context: RoundContext, workload: WorkloadRecord): readonly Reservation[] {
  const claimed = context.claims.get(workload.ref.uid) ?? [];
  for (const reservation of claimed) {
    giveBack(context.round.table, reservation);
    take(leafOf(context, workload), workload.shape.request, -reservation.replicas);
  }
  context.claims.delete(workload.ref.uid);
  return claimed;
}

/** Takes the room again that `openClaim` gave, on the same nodes: a round in which nobody looked has it there, too. */
export function closeClaim(context: RoundContext, workload: WorkloadRecord, opened: readonly Reservation[]): void {
  for (const { cluster, replicas, packing } of opened) claimPacking(context, workload, cluster, replicas, packing);
}

/** Whether its cluster would leave the claims of others alone, or those for whom it waits are still leaving. */
export function fitsItsClaim(context: RoundContext, workload: WorkloadRecord): boolean {
  if (context.claims.size < 2 || someoneLeaves(context.state, workload.claims ?? [])) return true;
  const claimed = openClaim(context, workload);
  const candidates = candidatesOf(context, workload.shape);
  const fits = claimed.every(({ cluster, replicas }) => (candidates[cluster.index]?.fits ?? 0) >= replicas);
  closeClaim(context, workload, claimed);
  return fits;
}

/** Whether any replicas are still leaving a cluster. */
export const someoneLeaves = (state: SchedulingState, claims: readonly Placement[]): boolean =>
  claims.some(({ cluster }) => {
    for (const uid of state.clusters.get(cluster)?.shares ?? []) {
      const share = shareOf(state, uid, cluster);
      if (share !== undefined && share.held > wantedReplicas(share)) return true;
    }
    return false;
  });

function roomWhenLeft(state: SchedulingState, cluster: RoundCluster): Room {
  const room = copyRoom(cluster.room);
  for (const uid of cluster.record.shares) {
    const share = shareOf(state, uid, cluster.record.name);
    const workload = state.workloads.get(uid);
    if (share === undefined || workload === undefined || share.held <= wantedReplicas(share)) continue;
    unpack(room, workload.shape.request, [...share.packing], share.held - wantedReplicas(share));
  }
  return room;
}

const shareOf = (state: SchedulingState, uid: string, cluster: string) => {
  const workload = state.workloads.get(uid);
  return workload === undefined ? undefined : shareOn(workload, cluster);
};
