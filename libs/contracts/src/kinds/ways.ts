/** How the pods of another cluster are reached, and what is known of that. */

/** How pods of another cluster are reached: at their own addresses, or through the gateways of both clusters. */
export const planes = ['flat', 'gateway'] as const;
export type Plane = (typeof planes)[number];
/** `auto`: through gateways, but flat where everything that was looked at speaks for that. */
export const PLANE_CHOICES = ['auto', ...planes] as const;
export type PlaneChoice = (typeof PLANE_CHOICES)[number];

/** How traffic from the service's cluster to the pods of another one is. */
export const pathStates = ['UNKNOWN', 'UP', 'DOWN', 'OVERLAP'] as const;
/** UP: connections were made. DOWN: none could. OVERLAP: addresses there mean something else here. UNKNOWN: not tried yet. */
export type PathState = (typeof pathStates)[number];

/** One thing that was looked at to know how another cluster is reached. */
export interface LinkEvidence {
  /**
   * networks: the pod networks of both. addresses: where pods say they are. pods: whether pods here reach those there at their own
   * addresses, with packets of full size; back: the same the other way. nodes, nodesBack: the same from nodes, which is where what comes
   * by ports of nodes or by a load balancer comes from.
   */
  check: 'networks' | 'addresses' | 'pods' | 'back' | 'nodes' | 'nodesBack';
  /** Whether it speaks for the flat plane; absent: it is not known. */
  ok?: boolean;
  message: string;
}

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
  /** Of other clusters than the primary: what was looked at besides. */
  evidence?: LinkEvidence[];
  /** Of other clusters than the primary: how they are reached, and who or what decided that. */
  plane?: Plane;
  planeBecause?: string;
  /** Of new connections, in per cent: what the endpoints of this cluster that are used get of all. */
  share?: number;
  /** Why the numbers are old or the endpoints are not used. */
  reason?: string;
  message?: string;
  /** When the agent there last reported its endpoints; absent: never. */
  observedAt?: string;
}
