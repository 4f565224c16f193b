/** What happens to clusters, folded: observations, health, and that they go. */
import type { EntryData, NodeObservation, Position } from '@skyflow/contracts';
import { withNodeChanges } from '../capacity/node-changes.js';
import { improved, repack, settle } from './holding.js';
import { refresh } from './membership.js';
import { leave } from './moving/evolve-moving.js';
import { isSetback, withSetback } from './moving/setbacks.js';
import { factsOf } from './placement/cluster-facts.js';
import { account } from './queueing/queueing-state.js';
import { emptyRoom } from './room.js';
import {
  type ClusterRecord,
  type Moment,
  type Origin,
  type SchedulingState,
  inQueueOrderOf,
  shareOn,
} from './state.js';

export function clusterObserved(
  state: SchedulingState,
  name: string,
  { nodes, kubernetesVersion, keepsNodes }: EntryData<'ClusterObserved'>,
  at: Position,
): void {
  const cluster = state.clusters.get(name);
  if (cluster === undefined) return;
  cluster.kubernetesVersion = kubernetesVersion;
  nodesAre(state, cluster, keepsNodes === true ? (cluster.nodes ?? []) : nodes, at);
}

/** Some nodes of a cluster of many have changed. */
export function nodesObserved(
  state: SchedulingState,
  name: string,
  changes: EntryData<'NodesObserved'>,
  at: Position,
): void {
  const cluster = state.clusters.get(name);
  if (cluster !== undefined) nodesAre(state, cluster, withNodeChanges(cluster.nodes ?? [], changes), at);
}

function nodesAre(
  state: SchedulingState,
  cluster: ClusterRecord,
  nodes: readonly NodeObservation[],
  at: Position,
): void {
  const { kubernetesVersion } = cluster;
  cluster.nodes = nodes;
  const facts = factsOf(cluster.declared, cluster.labels, nodes, kubernetesVersion);
  if (JSON.stringify(facts) !== JSON.stringify(cluster.facts)) state.topologyAt = at;
  cluster.facts = facts;
  cluster.room = emptyRoom(nodes, state.columns);
  repack(state, cluster);
  improved(state, cluster, at);
}

export function clusterHealthDecided(
  state: SchedulingState,
  { epoch, cluster: name, uid, state: health, reason, message }: EntryData<'ClusterHealthDecided'>,
  { position, atMs }: Moment,
): void {
  const cluster = state.clusters.get(name);
  if (epoch < state.epoch || cluster?.uid !== uid) return;
  const sinceMs = cluster.health.state === health ? cluster.health.sinceMs : atMs;
  if (isSetback(health) && !isSetback(cluster.health.state)) cluster.setbacks = withSetback(cluster.setbacks, atMs);
  cluster.health = { state: health, reason, message, sinceMs };
  cluster.everReady ||= health === 'READY';
  state.topologyAt = position;
  // Whether jobs wait for their removal there depends on whether the cluster can be seen.
  for (const workload of inQueueOrderOf(state, cluster.shares)) {
    if (workload.mode !== 'service') refresh(state, workload);
  }
}

/** How far a cluster is that SkyFlow builds: what is not there, or is being taken away, gets nothing. */
export function clusterBuilt(
  state: SchedulingState,
  { ref, status }: EntryData<'ProvisioningStatusDecided'>,
  at: Position,
): void {
  const cluster = state.clusters.get(ref.name);
  if (cluster?.uid !== ref.uid) return;
  const before = cluster.built?.phase;
  const { phase, progress } = status;
  if (phase === 'ACTIVE' || phase === 'UPDATING') delete cluster.built;
  else cluster.built = { phase, progress: typeof progress === 'number' ? progress : 0 };
  if (before === cluster.built?.phase) return;
  state.topologyAt = at;
  improved(state, cluster, at);
}

/** The cluster is no more: its shares hold nothing, and what it had been told to remove is gone with it. */
export function loseCluster(
  state: SchedulingState,
  cluster: ClusterRecord,
  at: Position,
  origin: Origin | undefined,
): void {
  state.clusters.delete(cluster.name);
  state.topologyAt = at;
  for (const workload of inQueueOrderOf(state, cluster.shares)) {
    const share = shareOn(workload, cluster.name);
    if (share === undefined) continue;
    account(state, workload, -share.held);
    share.held = 0;
    leave(share, 0);
    share.packing = [];
    if (share.work === 'withdrawing') share.work = 'none';
    workload.origin ??= origin;
    refresh(state, workload);
  }
}

/**
 * A cluster is back under a name before a round took away the shares that were there: its agent reads the work that the name was
 * told, so they are there again, and hold room as soon as there is any.
 */
export function rejoinShares(state: SchedulingState, cluster: ClusterRecord, at: Position): void {
  const { name, shares } = cluster;
  // Whoever has a share where there was no cluster waits for a round or for its withdrawal.
  for (const uid of [...state.undecided, ...state.unissued]) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined && shareOn(workload, name) !== undefined) shares.add(uid);
  }
  for (const workload of inQueueOrderOf(state, shares)) {
    const share = shareOn(workload, name);
    if (share !== undefined) settle(state, workload, share, at);
    refresh(state, workload);
  }
}
