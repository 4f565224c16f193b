/**
 * What an agent knows from the log: what its cluster must have (`sky.work.<cluster>`), and what it has reported of that last
 * (`sky.obs.<cluster>`), so that after a restart it reports differences only.
 */
import { entryId, type Entry, type EntryData, type ObjectRef, type Position } from '@skyflow/contracts';
import { withNodeChanges, withObservation } from '../capacity/node-changes.js';
import {
  decodeDesiredServices,
  encodeDesiredServices,
  evolveDesiredServices,
  initialDesiredServices,
  namespacesOfServices,
  type DesiredServices,
} from '../mesh/desired.js';
import type { WorkObservation } from '../native/observe-work.js';
import { liveTrace, traceOrigin, type TraceOrigin } from '../objects/trace-life.js';
import {
  evolveDesired,
  initialDesired,
  removableNamespaces,
  workloadOf,
  type DesiredState,
  type DesiredWork,
  type WithdrawnWork,
} from './desired.js';

export type ClusterObservation = EntryData<'ClusterObserved'>;

/** Last report about the cluster itself, and the uid of the Cluster object that it was for: a namesake made later needs its own. */
interface ReportedCluster {
  uid: string;
  observation: ClusterObservation;
}

/** Where an assignment came from: what reports about it carry on. */
interface Origin extends TraceOrigin {
  corr: string;
  cause: string;
}

/** The trace that what is done or seen of a workload or service now belongs to; undefined: none, or its story is told. */
export const traceOf = ({ origins }: AgentState, uid: string, nowMs: number): string | undefined =>
  liveTrace(origins.get(uid) ?? {}, nowMs);

export interface AgentState {
  desired: DesiredState;
  /** Last report by workload uid. */
  reported: Map<string, WorkObservation>;
  cluster: ReportedCluster | undefined;
  /** By uid of a workload, and of a service that is traced. */
  origins: Map<string, Origin>;
  services: DesiredServices;
  /**
   * Work that was reported as removed, the latest MOST_REMOVED: a request that a stopped API server carries out only after that
   * would otherwise leave what nobody asks for.
   */
  removed: Map<string, ObjectRef>;
}

const MOST_REMOVED = 10_000;

/** Where an entry stands. */
interface AgentPlace {
  position: Position;
  commitId: string;
  index: number;
}

/** In the shape that projections take. */
export const agentFold = {
  version: 'agent-7',
  initial: (): AgentState => ({
    desired: initialDesired(),
    reported: new Map(),
    cluster: undefined,
    origins: new Map(),
    services: initialDesiredServices(),
    removed: new Map(),
  }),
  evolve,
  encode,
  decode,
};

function evolve(state: AgentState, entry: Entry, context: AgentPlace): AgentState {
  evolveDesired(state.desired, entry, context.position);
  evolveDesiredServices(state.services, entry, context.position);
  switch (entry.type) {
    case 'WorkAssigned':
    case 'WorkWithdrawn': {
      const ref = workloadOf(entry);
      if (ref === undefined) break;
      state.origins.set(ref.uid, originOf(entry, context));
      state.removed.delete(ref.uid);
      break;
    }
    case 'ServiceAssigned':
    case 'EndpointsAssigned':
    case 'ServiceWithdrawn': {
      const uid = entry.type === 'ServiceAssigned' ? entry.data.object.metadata.uid : entry.data.ref.uid;
      if (entry.trace !== undefined) state.origins.set(uid, originOf(entry, context));
      break;
    }
    case 'ServiceRemoved':
      state.origins.delete(entry.data.ref.uid);
      break;
    case 'WorkObserved':
      state.reported.set(entry.data.ref.uid, entry.data);
      break;
    case 'WorkRemoved':
      state.reported.delete(entry.data.ref.uid);
      if (state.desired.work.has(entry.data.ref.uid)) break;
      state.origins.delete(entry.data.ref.uid);
      rememberRemoved(state, entry.data.ref);
      break;
    case 'ClusterObserved':
      state.cluster = {
        uid: entry.corr,
        // Of a Cluster object made anew nothing was told before.
        observation: withObservation(
          state.cluster?.uid === entry.corr ? state.cluster.observation : undefined,
          entry.data,
        ),
      };
      break;
    case 'NodesObserved':
      if (state.cluster === undefined) break;
      state.cluster.observation = {
        ...state.cluster.observation,
        nodes: withNodeChanges(state.cluster.observation.nodes, entry.data),
      };
      break;
    default:
      break;
  }
  return state;
}

function rememberRemoved({ removed }: AgentState, ref: ObjectRef): void {
  removed.set(ref.uid, ref);
  const [oldest] = removed.keys();
  if (removed.size > MOST_REMOVED && oldest !== undefined) removed.delete(oldest);
}

const originOf = (entry: Entry, { commitId, index }: AgentPlace): Origin => ({
  corr: entry.corr,
  cause: entryId(commitId, index),
  ...traceOrigin(entry),
});

/** Withdrawn namespaces that hold nothing more of ours, sorted: what may be deleted now. */
export function namespacesToRemove({ desired, services }: AgentState): string[] {
  const used = namespacesOfServices(services);
  return removableNamespaces(desired).filter((name) => !used.has(name));
}

/** One piece of a snapshot. */
type Piece =
  | { type: 'head'; epoch: number; namespaces: [string, number][]; cluster?: ReportedCluster | undefined }
  | { type: 'work'; items: DesiredWork[] }
  | { type: 'withdrawn'; items: WithdrawnWork[] }
  | { type: 'reported'; items: WorkObservation[] }
  | { type: 'origins'; items: [string, Origin][] }
  | { type: 'removed'; items: ObjectRef[] }
  | { type: 'services'; state: unknown };

const PIECE_ITEMS = 100;

/** Everything is collected before the first piece is given, as the fold goes on between pieces. */
function encode(state: AgentState): Iterable<Piece> {
  const { epoch, work, withdrawn, withdrawnNamespaces } = state.desired;
  const head: Piece = { type: 'head', epoch, namespaces: [...withdrawnNamespaces], cluster: state.cluster };
  return [
    head,
    ...slices([...work.values()]).map((items): Piece => ({ type: 'work', items })),
    ...slices([...withdrawn.values()]).map((items): Piece => ({ type: 'withdrawn', items })),
    ...slices([...state.reported.values()]).map((items): Piece => ({ type: 'reported', items })),
    ...slices([...state.origins]).map((items): Piece => ({ type: 'origins', items })),
    ...slices([...state.removed.values()]).map((items): Piece => ({ type: 'removed', items })),
    { type: 'services', state: encodeDesiredServices(state.services) },
  ];
}

async function decode(pieces: AsyncIterable<unknown>): Promise<AgentState> {
  const state = agentFold.initial();
  for await (const piece of pieces as AsyncIterable<Piece>) {
    switch (piece.type) {
      case 'head':
        state.desired.epoch = piece.epoch;
        state.desired.withdrawnNamespaces = new Map(piece.namespaces);
        state.cluster = piece.cluster;
        break;
      case 'work':
        for (const item of piece.items) state.desired.work.set(item.ref.uid, item);
        break;
      case 'withdrawn':
        for (const item of piece.items) state.desired.withdrawn.set(item.ref.uid, item);
        break;
      case 'reported':
        for (const item of piece.items) state.reported.set(item.ref.uid, item);
        break;
      case 'origins':
        for (const [uid, origin] of piece.items) state.origins.set(uid, origin);
        break;
      case 'removed':
        for (const ref of piece.items) state.removed.set(ref.uid, ref);
        break;
      case 'services':
        state.services = decodeDesiredServices(piece.state);
        break;
    }
  }
  return state;
}

function slices<T>(items: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += PIECE_ITEMS) result.push(items.slice(start, start + PIECE_ITEMS));
  return result;
}
