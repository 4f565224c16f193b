/**
 * What one cluster must have of services and has reported of them: the fold of its work subject and of its observation subject,
 * so that after a restart it reports differences only. Work of an older mesh controller changes nothing; only a withdrawal ever takes a service away.
 */
import type {
  AssignedEndpoint,
  Entry,
  EntryData,
  GatewayPeer,
  ObjectRef,
  Plane,
  Position,
  StoredObject,
} from '@skyflow/contracts';
import { endpointsHash } from './endpoints.js';

/** Endpoints of another cluster, and how they are reached. */
export interface RemoteEndpoints {
  plane: Plane;
  endpoints: readonly AssignedEndpoint[];
}

export interface DesiredService {
  ref: ObjectRef;
  object: StoredObject;
  /** Whether the native Service is on this cluster. */
  primary: boolean;
  /** Endpoints of other clusters to add, by source. */
  remote: Map<string, RemoteEndpoints>;
  /** Clusters whose gateways may reach its pods here. */
  consumers: readonly string[];
  position: Position;
}

/** What was last reported of a service. */
export interface ReportedService {
  /** Hash of its endpoints here. */
  endpoints?: string;
  native?: EntryData<'ServiceObserved'>;
  /** How many those were. */
  total?: number;
  /** By source cluster: its state, and the pods that do not answer. */
  paths: Record<string, string>;
}

export interface DesiredServices {
  /** Greatest epoch of a mesh controller seen. */
  epoch: number;
  /** By uid. */
  services: Map<string, DesiredService>;
  /** By uid: to be removed and not reported as removed; disjoint from `services`. */
  withdrawn: Map<string, ObjectRef>;
  /** By uid. */
  reported: Map<string, ReportedService>;
  /** By `namespace/name`: Services that are exported, of which this cluster says what it has. */
  exports: Map<string, EntryData<'ExportAssigned'>>;
  /** By `namespace/name`: JSON of what was last reported of one. */
  reportedExports: Map<string, string>;
  /** Of the gateway of this cluster. */
  peers: readonly GatewayPeer[];
  /** By other cluster: JSON of what was last reported of whether pods there are reached. */
  reaches: Map<string, string>;
  /** What was last reported of that gateway. */
  gateway: EntryData<'GatewayObserved'> | undefined;
}

export const initialDesiredServices = (): DesiredServices => ({
  epoch: 0,
  services: new Map(),
  withdrawn: new Map(),
  reported: new Map(),
  exports: new Map(),
  reportedExports: new Map(),
  peers: [],
  reaches: new Map(),
  gateway: undefined,
});

/** Changes `state` in place and returns it. */
export function evolveDesiredServices(state: DesiredServices, entry: Entry, position: Position): DesiredServices {
  switch (entry.type) {
    case 'ServiceAssigned': {
      const { epoch, object, primary, consumers = [] } = entry.data;
      if (!accepts(state, epoch)) break;
      const { namespace, name, uid } = object.metadata;
      const before = state.services.get(uid);
      state.withdrawn.delete(uid);
      state.services.set(uid, {
        ref: { kind: object.kind, ...(namespace === undefined ? {} : { namespace }), name, uid },
        object,
        primary,
        remote: primary && before?.primary === true ? before.remote : new Map<string, RemoteEndpoints>(),
        consumers,
        position,
      });
      break;
    }
    case 'EndpointsAssigned': {
      const { epoch, ref, source, plane = 'flat', endpoints } = entry.data;
      const service = state.services.get(ref.uid);
      if (!accepts(state, epoch) || service?.primary !== true) break;
      if (endpoints.length === 0) service.remote.delete(source);
      else service.remote.set(source, { plane, endpoints });
      service.position = position;
      break;
    }
    case 'ServiceWithdrawn':
      if (!accepts(state, entry.data.epoch)) break;
      state.services.delete(entry.data.ref.uid);
      state.withdrawn.set(entry.data.ref.uid, entry.data.ref);
      break;
    case 'PeersAssigned':
      if (accepts(state, entry.data.epoch)) state.peers = entry.data.peers;
      break;
    case 'ExportAssigned':
      if (accepts(state, entry.data.epoch)) state.exports.set(exportKeyOf(entry.data), entry.data);
      break;
    case 'ExportWithdrawn':
      if (accepts(state, entry.data.epoch)) state.exports.delete(exportKeyOf(entry.data));
      // Asked again, it is told anew.
      state.reportedExports.delete(exportKeyOf(entry.data));
      break;
    case 'ExportObserved':
      // Taken back, nothing more is said of it until it is asked for.
      if (entry.data.declared === undefined && !state.exports.has(exportKeyOf(entry.data))) {
        state.reportedExports.delete(exportKeyOf(entry.data));
      } else state.reportedExports.set(exportKeyOf(entry.data), JSON.stringify(entry.data));
      break;
    case 'ReachObserved':
      state.reaches.set(entry.data.peer, JSON.stringify(entry.data));
      break;
    case 'GatewayObserved':
      state.gateway = entry.data;
      break;
    case 'ServiceRemoved':
      state.withdrawn.delete(entry.data.ref.uid);
      state.reported.delete(entry.data.ref.uid);
      break;
    case 'EndpointsObserved':
      report(state, entry.data.ref, {
        endpoints: endpointsHash(entry.data.endpoints),
        total: entry.data.endpoints.length,
      });
      break;
    case 'ServiceObserved':
      report(state, entry.data.ref, { native: entry.data });
      break;
    case 'PathObserved': {
      const paths = state.reported.get(entry.data.ref.uid)?.paths;
      report(state, entry.data.ref, { paths: { ...paths, [entry.data.source]: pathText(entry.data) } });
      break;
    }
    default:
      break;
  }
  return state;
}

const exportKeyOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

/** The service that an entry of this fold is about: what to reconcile after it. */
export function serviceOf(entry: Entry): string | undefined {
  if (entry.type === 'ServiceAssigned') return entry.data.object.metadata.uid;
  if (entry.type === 'EndpointsAssigned' || entry.type === 'ServiceWithdrawn') return entry.data.ref.uid;
  return entry.type === 'ServiceRemoved' ? entry.data.ref.uid : undefined;
}

/** Namespaces that services here are in, or still have something in. */
export function namespacesOfServices({ services, withdrawn }: DesiredServices): Set<string> {
  const refs = [...[...services.values()].map(({ ref }) => ref), ...withdrawn.values()];
  return new Set(refs.flatMap(({ namespace }) => namespace ?? []));
}

/** For snapshots: plain data, taken at once. */
export const encodeDesiredServices = ({
  epoch,
  services,
  withdrawn,
  reported,
  exports,
  reportedExports,
  peers,
  reaches,
  gateway,
}: DesiredServices): unknown => ({
  epoch,
  services: [...services.values()].map((service) => ({ ...service, remote: [...service.remote] })),
  withdrawn: [...withdrawn.values()],
  reported: [...reported],
  exports: [...exports],
  reportedExports: [...reportedExports],
  peers,
  reaches: [...reaches],
  gateway,
});

export function decodeDesiredServices(piece: unknown): DesiredServices {
  const { epoch, services, withdrawn, reported, exports, reportedExports, peers, reaches, gateway } = piece as {
    epoch: number;
    services: (Omit<DesiredService, 'remote'> & { remote: [string, RemoteEndpoints][] })[];
    withdrawn: ObjectRef[];
    reported: [string, ReportedService][];
    exports: [string, EntryData<'ExportAssigned'>][];
    reportedExports: [string, string][];
    peers: GatewayPeer[];
    reaches: [string, string][];
    gateway?: EntryData<'GatewayObserved'>;
  };
  return {
    epoch,
    services: new Map(services.map((each) => [each.ref.uid, { ...each, remote: new Map(each.remote) }])),
    withdrawn: new Map(withdrawn.map((ref) => [ref.uid, ref])),
    reported: new Map(reported),
    exports: new Map(exports),
    reportedExports: new Map(reportedExports),
    peers,
    reaches: new Map(reaches),
    gateway,
  };
}

/** Equal for what need not be reported again. */
export const pathText = ({
  state,
  message,
  plane,
  ofPod,
  failing = [],
}: Pick<EntryData<'PathObserved'>, 'state' | 'message' | 'plane' | 'ofPod' | 'failing'>): string =>
  [
    state,
    ...(plane === undefined ? [] : [plane]),
    // What proved that it is up differs by milliseconds every time, and says more once it was a pod; why it is down is news.
    ...(state === 'UP' ? [ofPod === true ? 'to a pod' : 'to its gateway'] : [message]),
    ...failing,
  ].join(' ');

function report(state: DesiredServices, { uid }: ObjectRef, news: Partial<ReportedService>): void {
  state.reported.set(uid, { paths: {}, ...state.reported.get(uid), ...news });
}

function accepts(state: DesiredServices, epoch: number): boolean {
  if (epoch < state.epoch) return false;
  state.epoch = epoch;
  return true;
}
