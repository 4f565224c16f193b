/**
 * The fold of the log into what a scheduler knows. Deterministic; changes the state in place; never throws, whatever the log
 * holds. Decisions of an epoch smaller than the greatest one started are ignored.
 */
import { decisionSubject, type Entry, observationSubject, workSubject } from '@skyflow/contracts';
import { clusterBuilt, clusterHealthDecided, clusterObserved, nodesObserved } from './evolve-clusters.js';
import { rolloutAdvanced } from './moving/rollout/evolve-rollout.js';
import { evictionDecided, evictionProgressed } from './moving/evolve-moving.js';
import { noteWait } from './explain/note-wait.js';
import { isThere, objectDeleted, objectStored } from './evolve-objects.js';
import {
  namespaceWithdrawn,
  objectReleased,
  placementDecided,
  serviceAssigned,
  workAssigned,
  workObserved,
  workRemoved,
  workWithdrawn,
} from './evolve-work.js';
import { EntryOrigin } from './origin.js';
import type { EntryPlace, Origin, SchedulingState } from './state.js';

/** Version of the state's form: a snapshot of another version is not used. */
export const SCHEDULING_STATE_VERSION = 'scheduling-state/4';

export function evolveScheduling(state: SchedulingState, entry: Entry, place: EntryPlace): SchedulingState {
  const at = place.position;
  const origin = (): Origin => EntryOrigin.of(entry, place, state.originTexts);
  state.position = at;
  switch (entry.type) {
    case 'ObjectCreated':
    case 'ObjectUpdated':
      if (entry.type === 'ObjectUpdated' && !isThere(state, entry.data.object)) break;
      objectStored(state, entry.data.object, { position: at, atMs: entry.at }, origin());
      break;
    case 'ObjectDeleted':
      objectDeleted(state, entry.data.ref, entry.data.force === true, at, origin());
      break;
    case 'EpochStarted':
      // Every decider has epochs of its own.
      if (place.subject === decisionSubject('scheduler')) state.epoch = Math.max(state.epoch, entry.data.epoch);
      break;
    case 'PlacementDecided':
      placementDecided(state, entry.data, { position: at, atMs: entry.at }, origin());
      break;
    case 'ObjectReleased':
      objectReleased(state, entry.data, at, origin());
      break;
    case 'ClusterHealthDecided':
      clusterHealthDecided(state, entry.data, { position: at, atMs: entry.at });
      break;
    case 'ProvisioningStatusDecided':
      clusterBuilt(state, entry.data, at);
      break;
    case 'EvictionDecided':
      evictionDecided(state, entry.data, origin());
      break;
    case 'RolloutAdvanced':
      rolloutAdvanced(state, entry.data, at, origin());
      break;
    case 'EvictionProgressed':
      evictionProgressed(state, entry.data, at, origin());
      break;
    case 'ClusterObserved':
      clusterObserved(state, observedCluster(place), entry.data, at);
      break;
    case 'NodesObserved':
      nodesObserved(state, observedCluster(place), entry.data, at);
      break;
    case 'WorkAssigned':
      workAssigned(state, workCluster(place), entry.data, at);
      break;
    case 'WorkWithdrawn':
      workWithdrawn(state, workCluster(place), entry.data, at);
      break;
    case 'ServiceAssigned':
      // Its namespace is made on the cluster, and must be withdrawn there when it goes.
      serviceAssigned(state, workCluster(place), entry.data.object);
      break;
    case 'NamespaceWithdrawn':
      namespaceWithdrawn(state, workCluster(place), entry.data);
      break;
    case 'WorkObserved':
      workObserved(state, observedCluster(place), entry.data, { position: at, atMs: entry.at });
      break;
    case 'WorkRemoved':
      workRemoved(state, observedCluster(place), entry.data, at);
      break;
    case 'ServiceStatusDecided':
    case 'FeatureLevelRaised':
    case 'GatewayObserved':
    case 'ReachObserved':
    case 'PeersAssigned':
    case 'ProvisioningAdvanced':
    case 'MachineAdvanced':
    case 'OrphanAdvanced':
    case 'EndpointsAssigned':
    case 'ServiceWithdrawn':
    case 'EndpointsObserved':
    case 'ServiceObserved':
    case 'PathObserved':
    case 'ServiceImportDecided':
    case 'ExportAssigned':
    case 'ExportWithdrawn':
    case 'ExportObserved':
    case 'ServiceRemoved':
      break;
  }
  noteWait(state, entry);
  return state;
}

const workCluster = ({ subject }: EntryPlace): string => subject.slice(workSubject('').length);
const observedCluster = ({ subject }: EntryPlace): string => subject.slice(observationSubject('').length);
