/**
 * What the mesh controller knows: the fold of the log over services, their endpoints per cluster, and the health of clusters.
 * Changed in place by evolve.ts only.
 */
import type {
  ClusterHealth,
  Endpoint,
  EntryData,
  FeatureName,
  LinkSpec,
  ObjectRef,
  PathState,
  Plane,
  Position,
  ServiceSpec,
  StoredObject,
} from '@skyflow/contracts';
import type { PodLeases, PortBook } from './leases.js';
import type { Exported } from './mcs/merge-exports.js';
import type { TraceOrigin } from '../objects/trace-life.js';

export type Reached = Omit<EntryData<'ReachObserved'>, 'peer'>;

export interface MeshCluster {
  name: string;
  uid: string;
  health: ClusterHealth;
  /** Since when it is so, ms since the epoch. */
  healthSince: number;
  deleting: boolean;
  /** Its mesh gateway, as its agent last reported it. */
  gateway: EntryData<'GatewayObserved'> | undefined;
  /** By other cluster: whether its pods reach pods there at their own addresses, and whether its nodes do. */
  reaches: Map<string, Reached>;
  /** JSON of the peers that its gateway was told. */
  peers: string;
  /** Ports of its gateway. */
  ports: PortBook;
}

/** Endpoints of one source that a primary was given. */
export interface Given {
  hash: string;
  plane: Plane;
  /** By uid of the pod. */
  leases: Map<string, PodLeases>;
}

/** What a cluster was told about a service. */
export interface Participation {
  primary: boolean;
  /** Generation of the service that it was told. */
  generation: number;
  /** By source cluster: what it was given last. */
  given: Map<string, Given>;
  /** Clusters that it lets in. */
  consumers: readonly string[];
  /** Told that it has no part any more, and not reported as cleaned up. */
  withdrawing: boolean;
}

export interface ObservedEndpoints {
  endpoints: readonly Endpoint[];
  hash: string;
  /** ms since the epoch. */
  at: number;
}

/** The native Service as the primary's agent last reported it. */
export interface NativeService {
  cluster: string;
  generation: number;
  clusterIP: string | undefined;
  ipFamilies: readonly string[] | undefined;
  externalIPs: readonly string[];
  reason: string | undefined;
  message: string | undefined;
  at: number;
}

export interface ObservedPath {
  state: PathState;
  message: string;
  /** Since when the state is this one. */
  since: number;
  /** uids of pods that do not answer. */
  failing: readonly string[];
}

export interface ServiceRecord {
  ref: ObjectRef;
  object: StoredObject;
  spec: ServiceSpec;
  generation: number;
  createdAt: Position;
  deleting: boolean;
  /** The cluster that `auto` came to; kept as long as that cluster is there. */
  chosen: string | undefined;
  /** Why that one. */
  chosenBecause: string | undefined;
  /** By cluster. */
  participants: Map<string, Participation>;
  /** By cluster. */
  observed: Map<string, ObservedEndpoints>;
  native: NativeService | undefined;
  /** Of the primary to each source, by source. */
  paths: Map<string, ObservedPath>;
  /** JSON of the status decided last. */
  status: string;
  /** What somebody did with it last. */
  origin: TraceOrigin;
  /** Of one by which a cluster imports; absent: a user's. */
  derived?: DerivedFrom;
}

/** What a service by which a cluster imports was made from. */
export interface DerivedFrom {
  /** Of {@link MeshState.exports}. */
  key: string;
  /** That imports. */
  cluster: string;
  /** By cluster that exports, the oldest export first. */
  exported: ReadonlyMap<string, Exported>;
}

/** What is known of the exports of one Service name (KEP-1645): who exports it, and what was made of that. */
export interface ExportBook {
  namespace: string;
  name: string;
  /** The ServiceExport at the gateway; undefined: there is none. */
  object: StoredObject | undefined;
  /** By cluster: what it was told. */
  told: Map<string, EntryData<'ExportAssigned'>>;
  /** By cluster: what it has under the name. */
  observed: Map<string, EntryData<'ExportObserved'>>;
  /** JSON of the status of `object` that was decided last; ''. */
  status: string;
  /** JSON of the ServiceImport that was decided last; '': there is none. */
  import: string;
}

export interface MeshState {
  position: Position;
  /** Greatest epoch of the mesh controller; of the scheduler. */
  epochs: { mesh: number; scheduler: number };
  clusters: Map<string, MeshCluster>;
  /** By uid. */
  services: Map<string, ServiceRecord>;
  /** By `namespace/name`. */
  exports: Map<string, ExportBook>;
  /** By name: what somebody asked of a Link. */
  links: Map<string, LinkSpec & { uid: string }>;
  /** Worked out: grows with everything that peers of gateways depend on. */
  topology: number;
  /** Worked out: uids of services about which something may have to be decided or told. */
  due: Set<string>;
  /** Worked out: exports of which the same is true. */
  dueExports: Set<string>;
  /** Told from outside: features that nothing may be written of yet. */
  off: ReadonlySet<FeatureName>;
}

export const initialMesh = (): MeshState => ({
  position: 0,
  epochs: { mesh: 0, scheduler: 0 },
  clusters: new Map(),
  services: new Map(),
  exports: new Map(),
  links: new Map(),
  topology: 0,
  due: new Set(),
  dueExports: new Set(),
  off: new Set(),
});

/** The cluster of the native Service: named, or what `auto` came to. */
export const primaryOf = ({ spec, chosen }: ServiceRecord): string | undefined =>
  spec.cluster === 'auto' ? chosen : spec.cluster;

/** Whether a cluster's pods are behind the service; behind an external name there are none. */
export const isSource = ({ spec }: ServiceRecord, cluster: string): boolean =>
  spec.type !== 'ExternalName' && (spec.sources === undefined || spec.sources.includes(cluster));
