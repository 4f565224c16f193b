/**
 * The fleet: which clusters are registered and how they are. What the mesh controller and the provisioner fold today;
 * their own aggregates stand beside it when they come. Epochs are per decider: each fences only its own subject.
 */
import type { ClusterHealth, Entry } from '@skyflow/contracts';

export interface FleetCluster {
  name: string;
  uid: string;
  health: ClusterHealth;
  /** Nodes that the agent last reported. */
  nodes: number;
  deleting: boolean;
}

export interface FleetState {
  clusters: Map<string, FleetCluster>;
  /** Greatest epoch seen, by subject of the decider. */
  epochs: Map<string, number>;
}

/** Changes when snapshots of older code must not be used. */
export const FLEET_VERSION = 'fleet-1';

export const initialFleet = (): FleetState => ({ clusters: new Map(), epochs: new Map() });

/** Where an entry stands; what this fold needs of it. */
export interface FleetPlace {
  subject: string;
}

/** Changes `state` in place. */
export function evolveFleet(state: FleetState, entry: Entry, place: FleetPlace): FleetState {
  switch (entry.type) {
    case 'ObjectCreated': {
      const { kind, metadata } = entry.data.object;
      if (kind === 'Cluster') {
        state.clusters.set(metadata.name, {
          name: metadata.name,
          uid: metadata.uid,
          health: 'INIT',
          nodes: 0,
          deleting: false,
        });
      }
      break;
    }
    case 'ObjectDeleted': {
      const cluster = clusterOf(state, entry.data.ref);
      if (cluster === undefined) break;
      if (entry.data.force === true) state.clusters.delete(cluster.name);
      else cluster.deleting = true;
      break;
    }
    case 'ObjectReleased': {
      const cluster = clusterOf(state, entry.data.ref);
      if (cluster !== undefined && isCurrent(state, entry.data.epoch, place)) state.clusters.delete(cluster.name);
      break;
    }
    case 'ClusterHealthDecided': {
      const cluster = state.clusters.get(entry.data.cluster);
      if (cluster?.uid === entry.data.uid && isCurrent(state, entry.data.epoch, place))
        cluster.health = entry.data.state;
      break;
    }
    case 'ClusterObserved': {
      const cluster = state.clusters.get(place.subject.slice(place.subject.lastIndexOf('.') + 1));
      if (cluster !== undefined && entry.data.keepsNodes !== true) cluster.nodes = entry.data.nodes.length;
      break;
    }
    case 'EpochStarted':
      if (isCurrent(state, entry.data.epoch, place)) state.epochs.set(place.subject, entry.data.epoch);
      break;
    default:
      break;
  }
  return state;
}

/** For snapshots: the pieces are a consistent cut. */
export const encodeFleet = (state: FleetState): unknown[] => [copiesOf(state.clusters), [...state.epochs]];

export async function decodeFleet(pieces: AsyncIterable<unknown>): Promise<FleetState> {
  const parts: unknown[] = [];
  for await (const piece of pieces) parts.push(piece);
  const [clusters, epochs] = parts as [FleetCluster[], [string, number][]];
  return { clusters: new Map(clusters.map((cluster) => [cluster.name, cluster])), epochs: new Map(epochs) };
}

const copiesOf = (clusters: Map<string, FleetCluster>): FleetCluster[] =>
  [...clusters.values()].map((cluster) => ({ ...cluster }));

const clusterOf = (state: FleetState, ref: { kind: string; name: string; uid: string }): FleetCluster | undefined => {
  const cluster = ref.kind === 'Cluster' ? state.clusters.get(ref.name) : undefined;
  return cluster?.uid === ref.uid ? cluster : undefined;
};

const isCurrent = (state: FleetState, epoch: number, { subject }: FleetPlace): boolean =>
  epoch >= (state.epochs.get(subject) ?? 0);
