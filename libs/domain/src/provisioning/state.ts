/** What the provisioner knows: the fold of the log over the clusters that SkyFlow builds. Changed in place by evolve.ts only. */
import type {
  ClusterStep,
  DriverCommand,
  MachineDriver,
  MachineStep,
  NodeRole,
  ObjectRef,
  PlannedMachine,
  Position,
  ProvisionAttempt,
  ProvisionFailure,
  ProvisionOffer,
  ProvisionOperation,
  ProvisionRequests,
  ProvisionSnapshot,
  ProvisionSpec,
  ResourceList,
  TriedOffer,
} from '@skyflow/contracts';
import type { TraceOrigin } from '../objects/trace-life.js';
import type { FailureCounts } from './failures.js';

export type ProvisionPhase =
  /** Asked for; no plan yet. */
  | 'Requested'
  /** Machines, then Kubernetes on them. */
  | 'Building'
  | 'Active'
  /** An active cluster is being changed. */
  | 'Operating'
  | 'RollingBack'
  /** No work may come; nothing runs on it; then what was made is taken away. */
  | 'Stopping'
  /** Nothing is there as nobody needs it; built when it is wanted. */
  | 'Stopped'
  | 'Removing'
  /** Nothing is left of it but the reason; another spec, or deletion, goes on. */
  | 'Failed';

export type MachinePhase =
  | 'CreateIntended'
  | 'CreateUnknown'
  | 'CreateFailed'
  | 'Created'
  | 'HostFailed'
  | 'Prepared'
  /** Gone, and nobody here asked for it. */
  | 'Lost'
  | 'Deleting'
  /** The provider was told; it may still be listed. */
  | 'Lingering';

export interface ProvisionMachine {
  name: string;
  driver: MachineDriver;
  roles: NodeRole[];
  token: string;
  phase: MachinePhase;
  /** Since when it is in this phase, or failed last; ms since the epoch. */
  sinceMs: number;
  /** When its creation was last intended. */
  intendedMs: number;
  host?: string;
  offer?: PlannedMachine['offer'];
  providerId?: string;
  address?: string;
  internalAddress?: string;
  hostKey?: string;
  facts?: Record<string, string>;
  login?: MachineLogin;
  /** In a row. */
  failures: FailureCounts;
  failure?: ProvisionFailure;
}

/** How one gets into a rented machine. */
export type MachineLogin = NonNullable<Extract<MachineStep, { type: 'Created' }>['login']>;

/** What rented machines of a cluster share in a region: key pair, firewall. */
export interface Groundwork {
  provider: MachineDriver;
  region: string;
  phase: 'Intended' | 'Laid';
  /** When it was last about to be asked for, ms since the epoch. */
  intendedMs: number;
  facts: Record<string, string>;
}

/** An offer that had no room: passed over by all clusters for a while, longer each time. */
export interface BlockedOffer {
  times: number;
  untilMs: number;
  why: string;
}

/** A rented machine, or what such machines share, with the mark of this installation that belongs to no cluster of it. */
export interface Orphan {
  provider: string;
  region: string;
  /** As the provider names it. */
  id: string;
  name: string;
  /** Uid and name of the cluster that it was for. */
  cluster: string;
  clusterName: string;
  /** When it was first seen; ms since the epoch. */
  seenMs: number;
  phase: 'Seen' | 'Ending';
  /** Since when it is in this phase, or failed last. */
  sinceMs: number;
  failures: number;
  failure?: ProvisionFailure;
  /** It is a part of what machines of a cluster share. */
  ground?: true | undefined;
}

/** What is kept of a cluster, sealed. */
export type EscrowKind = Extract<ClusterStep, { type: 'Escrowed' }>['what'];

export interface EscrowedCopy {
  version: number;
  sha256: string;
  caFingerprint: string;
  key: string;
  sealed: string;
  position: Position;
  atMs: number;
  endpoint?: string | undefined;
  notAfterMs?: number | undefined;
}

/** An older copy, to be read again at its position. */
export type EscrowRecord = Omit<EscrowedCopy, 'sealed'> & { what: EscrowKind };

export interface DriverRun {
  run: number;
  operation: ProvisionOperation;
  command: DriverCommand;
  configSha256: string;
  recovery: boolean;
  host: string;
  startedMs: number;
  deadlineMs: number;
  /** The last one seen. */
  stage: string | undefined;
  ended?: {
    atMs: number;
    outcome: 'Done' | 'Partial' | 'Failed' | 'Unknown';
    hosts: string[];
    failure: ProvisionFailure | undefined;
  };
}

/** What is being done to an active cluster. */
export interface Operation {
  type: ProvisionOperation;
  /** Machines that leave. */
  remove: string[];
  /** Runs before it. */
  startedRun: number;
  /** That is taken, or gone back to. */
  snapshot?: string;
}

/** Fields of the spec that ask for something to be done once. */
export type RequestName = keyof ProvisionRequests;

export interface ProvisionPlan {
  attempt: number;
  kubernetesVersion: string | undefined;
  podCidr: string;
  serviceCidr: string;
  /** By name: what the cluster is to be made of. */
  machines: PlannedMachine[];
  offers: ProvisionOffer[];
}

export interface ProvisionedCluster {
  ref: ObjectRef;
  spec: ProvisionSpec;
  requestedMs: number;
  phase: ProvisionPhase;
  /** Since when; ms since the epoch. */
  phaseSinceMs: number;
  deletion: { atMs: number } | undefined;
  /** None of SkyFlow's work is there any more. */
  vacated: boolean;
  plan: ProvisionPlan | undefined;
  /** Plans so far. */
  attempts: number;
  /** Names given to machines so far. */
  machineCount: number;
  machines: Map<string, ProvisionMachine>;
  operation: Operation | undefined;
  /** Generations of the requests in the spec that were taken up. */
  requests: Partial<Record<RequestName, number>>;
  /** Of etcd, oldest first. */
  snapshots: ProvisionSnapshot[];
  caFingerprint: string | undefined;
  initialised: { configSha256: string } | undefined;
  escrow: Record<EscrowKind, EscrowedCopy | undefined>;
  groundwork: Groundwork | undefined;
  escrowed: EscrowRecord[];
  run: DriverRun | undefined;
  runs: ProvisionAttempt[];
  runCount: number;
  /** A driver has begun to change machines, and has not taken everything away since. */
  touched: boolean;
  /** Since something was begun anew. */
  failures: FailureCounts;
  failure: (ProvisionFailure & { atMs: number }) | undefined;
  rollback: { next: 'Plan' | 'Fail'; failure: ProvisionFailure } | undefined;
  /** Offers that did not have what they said. */
  refused: string[];
  /** Those that it was to be built on before. */
  tried: TriedOffer[];
  retain: boolean;
  /** Of the last time that it was active. */
  active: { kubernetesVersion: string; nodes: number; configSha256: string; atMs: number } | undefined;
  /** By the autoscaler. */
  wanted: { nodes: number; remove: string[]; reason: string; atMs: number } | undefined;
  /** It is being stopped; confirmed: neither the scheduler nor its own API knows of work there. */
  stop: { reason: string; atMs: number; confirmed: boolean } | undefined;
  /** What one of its nodes had for work when it was last looked at; base units. */
  allocatable: ResourceList | undefined;
  /** JSON of the spec that an operation failed on: not tried again until it changes. */
  givenUp: string | undefined;
  /** Machines that could not be had: asked for again after a pause, for ever. */
  shortage: { times: number; atMs: number } | undefined;
  /** JSON of the status decided last. */
  status: string;
  /** What somebody did that is not carried out yet. */
  origin: TraceOrigin;
}

export interface ProvisioningState {
  position: Position;
  /** Greatest epoch of the provisioner; of the scheduler. */
  epochs: { provisioner: number; scheduler: number };
  /** Tells machines of this installation from those of others in the same account; from the log, so that it is never lost. */
  installation: string;
  /** By key of the offer. */
  blocked: Map<string, BlockedOffer>;
  /** By `provider/region/id`. */
  orphans: Map<string, Orphan>;
  /** By uid. */
  clusters: Map<string, ProvisionedCluster>;
  /** What stays of clusters that are deleted, by their uid: their deletion policy says so, and nobody ends it. */
  retained: Map<string, Retained>;
  /** `provider/region` wherever machines were ever to be rented: what is late to appear there may be seen when its cluster is long gone. */
  rentedIn: Set<string>;
}

export interface Retained {
  /** Names. */
  machines: string[];
  groundwork: Groundwork | undefined;
}

export const initialProvisioning = (): ProvisioningState => ({
  position: 0,
  epochs: { provisioner: 0, scheduler: 0 },
  installation: '',
  blocked: new Map(),
  orphans: new Map(),
  clusters: new Map(),
  retained: new Map(),
  rentedIn: new Set(),
});

export const requestedCluster = (ref: ObjectRef, spec: ProvisionSpec, atMs: number): ProvisionedCluster => ({
  ref,
  spec,
  requestedMs: atMs,
  phase: 'Requested',
  phaseSinceMs: atMs,
  deletion: undefined,
  vacated: false,
  plan: undefined,
  attempts: 0,
  machineCount: 0,
  machines: new Map(),
  operation: undefined,
  requests: {},
  snapshots: [],
  caFingerprint: undefined,
  initialised: undefined,
  escrow: { state: undefined, kubeconfig: undefined, sshKey: undefined },
  groundwork: undefined,
  escrowed: [],
  run: undefined,
  runs: [],
  runCount: 0,
  touched: false,
  failures: {},
  failure: undefined,
  rollback: undefined,
  refused: [],
  tried: [],
  retain: false,
  active: undefined,
  wanted: undefined,
  stop: undefined,
  allocatable: undefined,
  givenUp: undefined,
  shortage: undefined,
  status: '',
  origin: {},
});

/** How a host is told from others: one machine has one sshd per port. */
export const hostKeyOf = ({ address, port = 22 }: { address: string; port?: number }): string =>
  `${address}:${String(port)}`;
