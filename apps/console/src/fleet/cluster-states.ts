/**
 * What of clusters changes without being written: what is free, when each was last heard, and the state that follows. No watch tells it,
 * so it is asked for while something shows it.
 */
import type { Cluster, ClusterStatus } from '@skyflow/contracts';
import { type Api, ApiError } from '../api/api.js';

export interface ClusterState {
  name: string;
  uid: string;
  phase: ClusterStatus['phase'];
  reason?: string;
  message?: string;
  lastHeartbeatTime?: string;
  nodes: number;
  readyNodes: number;
  allocatable: Record<string, number>;
  free: Record<string, number>;
  drain?: ClusterStatus['drain'];
}

/** A cluster and how it is. */
export interface FleetCluster extends Cluster {
  /** Absent: not known, for the page of the cluster has them one by one. */
  nodeCounts?: { ready: number; all: number };
}

const ASKED_EVERY_MS = 2_000;
const NONE: ReadonlyMap<string, ClusterState> = new Map();

export class ClusterStates {
  private states = NONE;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private abort: AbortController | undefined;

  constructor(private readonly api: Pick<Api, 'json'>) {}

  /** It is asked for while anyone listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) void this.ask();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.rest();
    };
  };
  /** By uid. */
  readonly now = (): ReadonlyMap<string, ClusterState> => this.states;

  forget(): void {
    this.states = NONE;
  }

  private async ask(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    try {
      const { items } = await this.api.json<{ items: ClusterState[] }>('/clusterstates', { signal: abort.signal });
      this.states = new Map(items.map((state) => [state.uid, state]));
    } catch (error) {
      // Clusters are shown as they were told, then. Who may not ask is not made to ask again and again.
      if (abort.signal.aborted || (error instanceof ApiError && error.code === 403)) return;
    }
    if (abort.signal.aborted) return;
    for (const listener of this.listeners) listener();
    this.timer = setTimeout(() => void this.ask(), ASKED_EVERY_MS);
  }

  private rest(): void {
    this.abort?.abort();
    clearTimeout(this.timer);
  }
}

/** The clusters as they were told, each with what was asked of it. Those of which nothing changed are the same objects as before. */
export function withStates(
  clusters: readonly Cluster[],
  states: ReadonlyMap<string, ClusterState>,
  before: ReadonlyMap<string, { told: Cluster; state: ClusterState | undefined; shown: FleetCluster }>,
): Map<string, { told: Cluster; state: ClusterState | undefined; shown: FleetCluster }> {
  return new Map(
    clusters.map((told) => {
      const { uid } = told.metadata;
      const state = states.get(uid);
      const known = before.get(uid);
      const isSame = known !== undefined && known.told === told && isEqual(known.state, state);
      return [uid, isSame ? known : { told, state, shown: withState(told, state) }];
    }),
  );
}

function withState(told: Cluster, state: ClusterState | undefined): FleetCluster {
  if (state === undefined) {
    const nodes = told.status?.nodes;
    if (nodes === undefined) return told;
    return { ...told, nodeCounts: { ready: nodes.filter(({ ready }) => ready).length, all: nodes.length } };
  }
  const { name: _name, uid: _uid, nodes, readyNodes, ...status } = state;
  const { reason: _reason, message: _message, drain: _drain, ...kept } = told.status ?? {};
  return {
    ...told,
    status: { ...kept, ...status } as ClusterStatus,
    nodeCounts: { ready: readyNodes, all: nodes },
  };
}

const isEqual = (one: ClusterState | undefined, other: ClusterState | undefined): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
