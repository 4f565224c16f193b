/** Services over clusters: a native Service on one cluster whose endpoints are pods of all of them. */
import type { Condition } from './kinds.js';
import type { ServiceImportSpec } from './mcs.js';
import type { LinkEvidence, PathState, Plane, PlaneChoice, ServiceClusterStatus } from './ways.js';

/** As core/v1 has it. */
export interface ServicePort {
  /** Needed when there are several. */
  name?: string;
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  /** Port that clients use. */
  port: number;
  /** Port of the pods, by number or by the name that their containers give it. Default: `port`. */
  targetPort?: number | string;
  nodePort?: number;
  appProtocol?: string;
}

export const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** `clusterIP` of a headless service: names in DNS lead to the pods themselves. */
export const HEADLESS = 'None';

export const IP_FAMILIES = ['IPv4', 'IPv6'] as const;
export type IpFamily = (typeof IP_FAMILIES)[number];
export const IP_FAMILY_POLICIES = ['SingleStack', 'PreferDualStack', 'RequireDualStack'] as const;
export const TRAFFIC_POLICIES = ['Cluster', 'Local'] as const;

/**
 * What connections are shared over. `pods`: each pod alike, wherever it is. `clusters`: each cluster alike. `local-first`: pods of the
 * service's cluster, and of others as many as are missing to the minimum.
 */
export const SPREADS = ['pods', 'clusters', 'local-first'] as const;
export type Spread = (typeof SPREADS)[number];

/** Of `spread: local-first`. */
export interface LocalFirst {
  /** Ready pods on the service's cluster from which on no other cluster is needed. Default 1. */
  minReady?: number;
  /** Over how many seconds all pods of other clusters are let go when local ones are back; they come at once. Default 30. */
  rampSeconds?: number;
}

/** `cluster: auto`: the cluster with the most ready endpoints when the service is first placed. */
export const AUTO_CLUSTER = 'auto';

export interface ServiceSpec {
  /** The cluster that has the native Service; `auto` lets SkyFlow choose once. */
  cluster: string;
  type: ServiceType;
  /** {@link HEADLESS}, or absent: the cluster chooses one. */
  clusterIP?: string;
  /** DNS name that the service is another name of; with type ExternalName only, which has neither selector nor endpoints. */
  externalName?: string;
  /** As core/v1 has them. */
  ipFamilies?: IpFamily[];
  ipFamilyPolicy?: (typeof IP_FAMILY_POLICIES)[number];
  internalTrafficPolicy?: (typeof TRAFFIC_POLICIES)[number];
  externalTrafficPolicy?: (typeof TRAFFIC_POLICIES)[number];
  /** Labels of the pods, in the service's namespace on every source cluster. */
  selector: Record<string, string>;
  ports: ServicePort[];
  sessionAffinity?: 'None' | 'ClientIP';
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } };
  /** Clusters whose pods are behind it; absent: all. Pods on `cluster` itself always are: its own Service selects them. */
  sources?: string[];
  /** How pods of other clusters are reached. Default auto: as the {@link Link} says. */
  plane?: PlaneChoice;
  /** Default pods. */
  spread?: Spread;
  localFirst?: LocalFirst;
  /** Of a service by which a cluster imports (KEP-1645) only, never of a user's: what it imports. */
  import?: {
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    spec: ServiceImportSpec;
    /** Those that export it, the oldest first. */
    clusters: string[];
  };
  /** Of the same, where its cluster exports too: which of its pods, with which ports. */
  exported?: { selector: Record<string, string>; ports: ServicePort[] };
}

/** One pod behind the service. */
export interface ServiceEndpoint {
  cluster: string;
  address: string;
  ports: { name: string; port: number; protocol: string }[];
  pod: string;
  ready: boolean;
  /** Whether the service's cluster sends connections to it. */
  used: boolean;
}

export interface ServiceStatus {
  phase: 'PENDING' | 'READY' | 'DEGRADED' | 'FAILED' | 'UNKNOWN' | 'DELETING';
  reason?: string;
  message?: string;
  observedGeneration: number;
  /** The cluster that has the native Service. */
  cluster?: string;
  clusterIP?: string;
  /** Why this cluster, where SkyFlow chose it. */
  chosenBecause?: string;
  /** Address families that the cluster gave it. */
  ipFamilies?: string[];
  /** Addresses of the load balancer, once it has some. */
  externalIPs?: string[];
  ready: number;
  total: number;
  clusters: ServiceClusterStatus[];
  /** The first of them; `total` counts all. */
  endpoints: ServiceEndpoint[];
  conditions: Condition[];
}

/** What one service says of a link. */
export interface LinkService {
  /** `namespace/name`. */
  service: string;
  /** Of one by which the cluster imports (KEP-1645); absent: a Service. */
  kind?: 'ServiceImport';
  plane: Plane | 'undecided';
  /** Who or what decided that. */
  planeBecause?: string;
  state: PathState;
  /** The evidence. */
  message: string;
  since: string;
  ready: number;
  total: number;
}

export interface LinkStatus {
  /** UP: all services reach the pods; DEGRADED: some do; DOWN: none does; UNKNOWN: nothing was tried yet. */
  phase: 'UP' | 'DEGRADED' | 'DOWN' | 'UNKNOWN';
  /** Why, from the service that is worst off; for UP the evidence. */
  message: string;
  planes: string[];
  /** Ready endpoints, of all. */
  ready: number;
  total: number;
  services: LinkService[];
  /** There and back between the gateways, at the last ping; absent: not in the gateway plane, or not known. */
  rttMs?: number;
  /** Between the gateways now: HTTP/2 sessions, and connections of their own for one connection each; absent: not known. */
  sessions?: number;
  lanes?: number;
  /** What was looked at to know how pods are reached. */
  evidence?: LinkEvidence[];
  /** Since the gateway of `from` started, in the gateway plane; absent: it could not be asked. */
  traffic?: { connections: number; open: number; refused: number; sentBytes: number; receivedBytes: number };
}

export const LINK_KIND = 'Link';

/** Name of the link between two clusters, whose own names have no dots. */
export const linkName = (from: string, to: string): string => `${from}.${to}`;

/** There is one way between two clusters, whether or not somebody asked something of it: it is the same thing for ever. */
export const linkUid = (name: string): string => `link-${name}`;

export interface LinkSpec {
  from: string;
  to: string;
  /** How services of `from` that leave it open (`spec.plane: auto`) reach pods of `to`. */
  plane: PlaneChoice;
}

/**
 * The way from a cluster with services to another one with pods of theirs. What it says of itself is derived from what was proved; stored
 * is only what somebody asked of it.
 */
export interface Link {
  apiVersion: string;
  kind: typeof LINK_KIND;
  /** Name: {@link linkName}. */
  metadata: { name: string; uid: string; creationTimestamp: string };
  spec: LinkSpec;
  status: LinkStatus;
}

/** The pods behind a service on all clusters; derived from its status. */
export interface ServiceEndpoints {
  apiVersion: string;
  kind: 'Endpoints';
  metadata: { name: string; namespace: string; uid: string; creationTimestamp: string };
  status: { cluster?: string; ready: number; total: number; endpoints: ServiceEndpoint[] };
}

/** One thing that `skyctl mesh check` found. */
export interface MeshFinding {
  level: 'ok' | 'warning' | 'error';
  /** Cluster, link or service that it is about. */
  where: string;
  message: string;
  /** What to do. */
  hint?: string;
}

export interface MeshCheck {
  findings: MeshFinding[];
}
