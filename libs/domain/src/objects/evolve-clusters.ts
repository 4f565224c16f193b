/** The fold of what is known of member clusters. */
import type { Entry, Position } from '@skyflow/contracts';
import { withNodeChanges } from '../capacity/node-changes.js';
import { observedCluster } from './evolve-workloads.js';
import { replaceRecord } from './object-writes.js';
import type { ClusterSight, EntryPlace, ObjectsState } from './objects-state.js';

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>;

export function evolveClusterHealth(
  state: ObjectsState,
  entry: EntryOf<'ClusterHealthDecided'>,
  { position }: EntryPlace,
): void {
  const { cluster, uid, state: health, reason, message } = entry.data;
  const record = state.table.get('Cluster', '', cluster);
  if (record?.uid !== uid) return;
  const old = state.sights.get(cluster);
  if (old?.health === health && old.reason === reason && old.message === message) return;
  const at = old?.health === health ? old.at : entry.at;
  setSight(state, cluster, { uid, health, reason, message, at, position });
  replaceRecord(state, record, { ...record, position });
  if (state.changes !== undefined) tellWorkloads(state, cluster, position);
}

export function evolveClusterObservation(
  state: ObjectsState,
  entry: EntryOf<'ClusterObserved'>,
  place: EntryPlace,
): void {
  const record = state.table.get('Cluster', '', observedCluster(place.subject));
  if (record === undefined) return;
  const { kubernetesVersion, reachable, reason, message, sealingKey } = entry.data;
  const nodes = entry.data.keepsNodes === true ? (record.observation?.nodes ?? []) : entry.data.nodes;
  const observation = {
    at: entry.at,
    kubernetesVersion,
    nodes,
    reachable,
    reason,
    message,
    ...(sealingKey === undefined ? {} : { sealingKey }),
  };
  replaceRecord(state, record, { ...record, position: place.position, observation });
}

export function evolveNodeChanges(state: ObjectsState, entry: EntryOf<'NodesObserved'>, place: EntryPlace): void {
  const record = state.table.get('Cluster', '', observedCluster(place.subject));
  if (record?.observation === undefined) return;
  const nodes = withNodeChanges(record.observation.nodes, entry.data);
  replaceRecord(state, record, { ...record, position: place.position, observation: { ...record.observation, nodes } });
}

/** Readers of earlier changes keep the health of then. */
function setSight(state: ObjectsState, cluster: string, sight: ClusterSight): void {
  if (state.changes !== undefined) state.sights = new Map(state.sights);
  state.sights.set(cluster, sight);
}

/** What a workload's status says depends on whether its clusters can be seen; its record does not change. */
function tellWorkloads(state: ObjectsState, cluster: string, position: Position): void {
  for (const kind of ['Job', 'Deployment']) {
    for (const record of state.table.ordered(kind)) {
      if (!record.workload?.shares.some((share) => share.cluster === cluster)) continue;
      state.changes?.push({ type: 'MODIFIED', position, record, previous: record, sights: state.sights });
    }
  }
}
