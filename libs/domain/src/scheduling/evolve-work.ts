/** Decisions, the work that carries them out, and what clusters report of it, folded. */
import type { EntryData, ObjectRef, Position, StoredObject } from '@skyflow/contracts';
import { forget, forgetEmptyNamespace, refresh } from './membership.js';
import { fingerprintOf } from './dependencies.js';
import { loseCluster } from './evolve-clusters.js';
import { namespaceOf, refOf } from './evolve-objects.js';
import { letGo, settle } from './holding.js';
import { displace } from './moving/displaced.js';
import { leave } from './moving/evolve-moving.js';
import { sharedReason } from './reasons.js';
import { isReleased } from './moving/rollout/rollout.js';
import { fileStuck, stuckReplicas } from './moving/stuck.js';
import {
  type Moment,
  type Origin,
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  shareOn,
  wantedReplicas,
} from './state.js';

export function placementDecided(
  state: SchedulingState,
  data: EntryData<'PlacementDecided'>,
  { position: at, atMs }: Moment,
  origin: Origin,
): void {
  const workload = state.workloads.get(data.ref.uid);
  if (data.epoch < state.epoch || workload === undefined || workload.deleting) return;
  const edited = workload.decision === undefined || workload.decision.basis < workload.objectAt;
  workload.decision = { position: at, basis: data.basis, unplaced: data.unplaced, reason: sharedReason(data.reason) };
  if (workload.claims !== undefined && data.claims === undefined && state.queueing !== undefined) {
    state.queueing.changedAt = at;
  }
  workload.claims = data.claims;
  workload.origin = origin;

  const placed = new Map(data.placements.map((placement) => [placement.cluster, placement]));
  for (const cluster of placed.keys()) {
    if (shareOn(workload, cluster) === undefined) addShare(state, workload, cluster);
  }
  const leaving = new Map(data.leaving?.map((each) => [each.cluster, each.replicas]));
  for (const share of workload.shares) {
    const { replicas = 0, completions } = placed.get(share.cluster) ?? {};
    const wanted = wantedReplicas(share);
    share.replicas = replicas;
    if (share.eviction !== undefined) displace(state, workload, share.cluster, share.eviction);
    leave(share, leaving.get(share.cluster) ?? 0, atMs);
    const isNew = edited && isReleased(workload.moves?.rollout, share.cluster);
    if (isNew || wantedReplicas(share) !== wanted || completions !== share.completions) share.decision = at;
    share.completions = completions;
    // What it still held is its own again: there is more of it to displace, though nothing more is held.
    if (wantedReplicas(share) > wanted) state.queueing?.takenAt.set(workload.terms.priority, at);
    settle(state, workload, share, at);
  }
  refresh(state, workload);
}

export function objectReleased(
  state: SchedulingState,
  { epoch, ref }: EntryData<'ObjectReleased'>,
  at: Position,
  origin: Origin,
): void {
  if (epoch < state.epoch) return;
  const workload = state.workloads.get(ref.uid);
  if (workload !== undefined) {
    for (const share of workload.shares) {
      // Its assignment was on the way while the release was decided: nobody else would ever withdraw it.
      if (share.work === 'assigned' && state.clusters.has(share.cluster)) {
        orphan(state, share.cluster, ref, Math.max(share.decision, share.carried.decision));
      }
      letGo(state, workload, share);
    }
    forget(state, workload);
    return;
  }
  const cluster = ref.kind === 'Cluster' ? state.clusters.get(ref.name) : undefined;
  if (cluster?.uid === ref.uid) loseCluster(state, cluster, at, origin);
}

/**
 * Work on the subject of a cluster. Taken by the rule of the cluster's agent (the greatest epoch on that subject): what an
 * agent may act on has to be known here, even if a scheduler that had lost its lease wrote it, or it would never be withdrawn.
 */
export function workAssigned(
  state: SchedulingState,
  cluster: string,
  data: EntryData<'WorkAssigned'>,
  at: Position,
): void {
  if (!acceptsWork(state, cluster, data.epoch)) return;
  const ref = refOf(data.object);
  if (ref.namespace !== undefined) namespaceOf(state, ref.namespace).clusters.add(cluster);
  const workload = state.workloads.get(ref.uid);
  if (workload === undefined) {
    orphan(state, cluster, ref, data.decision);
    return;
  }
  const share = shareOn(workload, cluster) ?? addShare(state, workload, cluster);
  share.work = 'assigned';
  share.carried = {
    decision: data.decision,
    replicas: data.replicas,
    dependencies: fingerprintOf(data.dependencies ?? []),
  };
  settle(state, workload, share, at);
  refresh(state, workload);
}

/** A service makes its namespace on the cluster too. */
export function serviceAssigned(state: SchedulingState, cluster: string, { metadata }: StoredObject): void {
  if (metadata.namespace !== undefined) namespaceOf(state, metadata.namespace).clusters.add(cluster);
}

export function workWithdrawn(
  state: SchedulingState,
  cluster: string,
  { epoch, ref }: EntryData<'WorkWithdrawn'>,
  at: Position,
): void {
  if (!acceptsWork(state, cluster, epoch)) return;
  state.orphans.delete(orphanKey(cluster, ref));
  const { workload, share } = find(state, cluster, ref);
  if (share === undefined) return;
  // A cluster that is gone removes nothing any more; its share is gone with it.
  share.work = state.clusters.has(cluster) ? 'withdrawing' : 'none';
  settle(state, workload, share, at);
  refresh(state, workload);
}

export function namespaceWithdrawn(
  state: SchedulingState,
  cluster: string,
  { epoch, namespace }: EntryData<'NamespaceWithdrawn'>,
): void {
  const record = state.namespaces.get(namespace);
  if (!acceptsWork(state, cluster, epoch) || record === undefined) return;
  record.clusters.delete(cluster);
  forgetEmptyNamespace(state, namespace);
}

export function workObserved(
  state: SchedulingState,
  cluster: string,
  data: EntryData<'WorkObserved'>,
  { position: at, atMs }: Moment,
): void {
  const { ref, phase, ready } = data;
  const { workload, share } = find(state, cluster, ref);
  if (share === undefined || !state.clusters.has(cluster)) return;
  share.ready = ready;
  share.reported = {
    ...{ generation: data.generation, failed: phase === 'FAILED' },
    ...(data.outdated === undefined ? {} : { outdated: data.outdated }),
  };
  share.stuck = stuckReplicas(share, data, atMs);
  fileStuck(state, workload);
  const finished = workload.mode !== 'service' && (phase === 'COMPLETED' || phase === 'FAILED');
  if (share.work === 'none' || share.finished === finished) return;
  share.finished = finished;
  settle(state, workload, share, at);
  refresh(state, workload);
}

/** A removal that crossed with a new assignment means nothing: the agent applies the assignment next. */
export function workRemoved(
  state: SchedulingState,
  cluster: string,
  { ref }: EntryData<'WorkRemoved'>,
  at: Position,
): void {
  const { workload, share } = find(state, cluster, ref);
  if (share === undefined || share.work !== 'withdrawing') return;
  share.work = 'none';
  share.ready = 0;
  share.stuck = undefined;
  fileStuck(state, workload);
  settle(state, workload, share, at);
  refresh(state, workload);
}

function addShare(state: SchedulingState, workload: WorkloadRecord, cluster: string): Share {
  const share: Share = {
    cluster,
    replicas: 0,
    completions: undefined,
    decision: 0,
    work: 'none',
    carried: { decision: 0, replicas: 0, dependencies: '' },
    finished: false,
    ready: 0,
    leaving: 0,
    eviction: undefined,
    leavingUntilMs: 0,
    stuck: undefined,
    reported: undefined,
    held: 0,
    packing: [],
  };
  workload.shares = [...workload.shares, share].sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  state.clusters.get(cluster)?.shares.add(workload.ref.uid);
  return share;
}

/** Work that is left on a cluster, of a workload that is not there any more. */
function orphan(state: SchedulingState, cluster: string, ref: ObjectRef, decision: Position): void {
  state.orphans.set(orphanKey(cluster, ref), { cluster, ref, decision });
}

const orphanKey = (cluster: string, ref: ObjectRef): string => `${cluster}/${ref.uid}`;

type Found = { workload: WorkloadRecord; share: Share } | { workload: undefined; share: undefined };

function find(state: SchedulingState, cluster: string, ref: ObjectRef): Found {
  const workload = state.workloads.get(ref.uid);
  const share = workload === undefined ? undefined : shareOn(workload, cluster);
  return workload === undefined || share === undefined
    ? { workload: undefined, share: undefined }
    : { workload, share };
}

function acceptsWork(state: SchedulingState, cluster: string, epoch: number): boolean {
  if (epoch < (state.workEpochs.get(cluster) ?? 0)) return false;
  state.workEpochs.set(cluster, epoch);
  return true;
}
