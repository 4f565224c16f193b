/** Services over clusters: a native Service on one cluster whose endpoints are pods of all of them. */
import type { Condition } from './kinds.js';

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

/** How pods of another cluster are reached: at their own addresses, or through the gateways of both clusters. */
export const planes = ['flat', 'gateway'] as const;
export type Plane = (typeof planes)[number];
/** `auto`: through gateways where both clusters have one. */
export const PLANE_CHOICES = ['auto', ...planes] as const;
export type PlaneChoice = (typeof PLANE_CHOICES)[number];

export const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'] as const;
export type ServiceType = (typeof SERVICE_TYPES)[number];

/** `cluster: auto`: the cluster with the most ready endpoints when the service is first placed. */
export const AUTO_CLUSTER = 'auto';

export interface ServiceSpec {
  /** The cluster that has the native Service; `auto` lets SkyFlow choose once. */
  cluster: string;
  type: ServiceType;
  /** Labels of the pods, in the service's namespace on every source cluster. */
  selector: Record<string, string>;
  ports: ServicePort[];
  sessionAffinity?: 'None' | 'ClientIP';
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } };
  /** Clusters whose pods are behind it; absent: all. Pods on `cluster` itself always are: its own Service selects them. */
  sources?: string[];
  /** How pods of other clusters are reached. Default auto. */
  plane?: PlaneChoice;
}

/** How traffic from the service's cluster to the pods of another one is. */
export const pathStates = ['UNKNOWN', 'UP', 'DOWN', 'OVERLAP'] as const;
/** UP: connections were made. DOWN: none could. OVERLAP: addresses there mean something else here. UNKNOWN: not tried yet. */
export type PathState = (typeof pathStates)[number];

/** What is known of a service's pods on one cluster. */
export interface ServiceClusterStatus {
  cluster: string;
  /** Whether the native Service is on this one. */
  primary: boolean;
  /** Endpoints that take new connections, of all that the agent there reported. */
  ready: number;
  total: number;
  /** Of other clusters than the primary: whether the primary reaches them, as its agent proved it. */
  path?: { state: PathState; message: string; since: string };
  /** Of other clusters than the primary: how they are reached. */
  plane?: Plane;
  /** Why the numbers are old or the endpoints are not used. */
  reason?: string;
  message?: string;
  /** When the agent there last reported its endpoints; absent: never. */
  observedAt?: string;
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
  plane: Plane | 'undecided';
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
  /** Since the gateway of `from` started, in the gateway plane; absent: it could not be asked. */
  traffic?: { connections: number; open: number; refused: number; sentBytes: number; receivedBytes: number };
}

/** The way from a cluster with services to another one with pods of theirs; derived from what was proved, never stored. */
export interface Link {
  apiVersion: string;
  kind: 'Link';
  /** Name: `<from>.<to>`. */
  metadata: { name: string; uid: string; creationTimestamp: string };
  spec: { from: string; to: string };
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
