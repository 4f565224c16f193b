/**
 * What a cluster is that SkyFlow builds itself: what users ask for, the words of its life, and what they see of it. A Cluster without
 * `spec.provision` is attached: it is never built, changed or torn down.
 */

/** What makes Kubernetes out of machines. */
export const CLUSTER_DRIVERS = ['rke', 'k3s', 'rke2'] as const;
export type ClusterDriver = (typeof CLUSTER_DRIVERS)[number];

/** Where machines come from. */
export const MACHINE_DRIVERS = ['static', 'aws', 'gcp', 'azure', 'docker'] as const;
export type MachineDriver = (typeof MACHINE_DRIVERS)[number];

export type CloudProvider = Exclude<MachineDriver, 'static'>;
export const CLOUD_PROVIDERS: readonly CloudProvider[] = MACHINE_DRIVERS.filter((driver) => driver !== 'static');

/** RKE's names of what a node is for. */
export const NODE_ROLES = ['controlplane', 'etcd', 'worker'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** A machine that is there already, reached over SSH. */
export interface ProvisionHost {
  /** Name or IP, as the provisioner reaches it. */
  address: string;
  /** Of sshd. Default 22. */
  port?: number;
  /** Member of the group docker; root is not needed. */
  user: string;
  /** Private key file on the provisioner's machine. Default: that of the cluster (`ssh.keyPath`). */
  keyPath?: string;
  /** Public key of the host, `ssh-ed25519 AAAA…`: any other is refused. Absent: the one seen first is pinned. */
  hostKey?: string;
  /** By which the nodes reach one another. */
  internalAddress?: string;
  /** Default: all three. */
  roles?: NodeRole[];
  labels?: Record<string, string>;
  /** Default /var/run/docker.sock. */
  dockerSocket?: string;
}

/** A host to jump over. */
export interface ProvisionBastion {
  address: string;
  port?: number;
  user: string;
  keyPath?: string;
  hostKey?: string;
}

/** Machines to be rented. */
export interface ProvisionCloud {
  provider: CloudProvider;
  /** Clouds whose offers count the same: the cheapest of all is taken, and when it is no use the next one. */
  alternatives?: CloudProvider[];
  /** Absent: any that the provisioner knows of. */
  region?: string;
  zone?: string;
  /** Machines. */
  nodes: number;
  /** Least processors of each. */
  cpus: number;
  /** Least memory of each, GiB. */
  memoryGiB: number;
  /** `TYPE:COUNT` of each. */
  accelerators?: string;
  /** Root disk of each, GiB. Default 50. */
  diskGiB?: number;
  /** Opened to the world besides those that Kubernetes needs. */
  ports?: number[];
  /** Cheaper machines that the cloud may take back. */
  spot?: boolean;
  /** Absent: as many as `nodes` says. */
  autoscale?: ProvisionAutoscale;
}

/** Machines are added while work waits that they would admit, and taken away when nothing runs on them. */
export interface ProvisionAutoscale {
  /** 0: the whole cluster is built while work waits that it would admit, and stopped when nothing runs on it. */
  minNodes: number;
  maxNodes: number;
  /** All machines of the cluster together cost no more, in the currency of the price list. */
  maxHourly?: number;
  /** For so long nothing but what runs on every node has run there. Default 600. */
  scaleDownAfterSeconds?: number;
}

export interface ProvisionSpec extends ProvisionRequests {
  /** Default rke. */
  driver?: ClusterDriver;
  /** As the driver names it: `v1.28.12-rancher1-1`. Absent: the driver's default. */
  kubernetesVersion?: string;
  /** Exactly one of `hosts` and `cloud`. */
  hosts?: ProvisionHost[];
  cloud?: ProvisionCloud;
  ssh?: { keyPath?: string; bastion?: ProvisionBastion };
  /** Absent: leased, so that no two clusters of the super-cluster have the same. */
  network?: { podCidr?: string; serviceCidr?: string };
  /** What becomes of machines and Kubernetes when the Cluster is deleted: taken down (default), or left as they are. */
  deletionPolicy?: 'Delete' | 'Retain';
  /** While true nothing new is begun, deletion included. */
  paused?: boolean;
}

/** Fields of the spec that ask for something to be done once, in the order in which they are done: what mends comes first. */
export const PROVISION_REQUESTS = [
  'etcdSnapshotRestore',
  'repair',
  'rotateCertificates',
  'etcdSnapshotCreate',
] as const satisfies (keyof ProvisionRequests)[];

/** Each is carried out once when its number grows (as in Rancher's provisioning API). */
export interface ProvisionRequests {
  /** Raised: the driver runs again over all machines. Rented machines that are gone are replaced without it. */
  repair?: ProvisionRequest;
  /** Raised: certificates are issued anew; the authority stays. */
  rotateCertificates?: ProvisionRequest;
  /** Raised: a snapshot of etcd is taken, `snapshot-GENERATION`. */
  etcdSnapshotCreate?: ProvisionRequest;
  /** Raised: the cluster goes back to a snapshot; what was written since is lost. */
  etcdSnapshotRestore?: ProvisionRequest & { name: string };
}

export interface ProvisionRequest {
  generation: number;
}

/** A snapshot of etcd that lies on the etcd hosts. */
export interface ProvisionSnapshot {
  name: string;
  at: string;
}

/**
 * Classes of failures, by what can be done. capacity: elsewhere. quota, auth, config: a person must change something. host: again, then
 * another machine. network, docker, healthcheck, addon, stalled, interrupted, unknown: again, so often. stuckUpgrade: again by the way of a
 * first installation. stateMissing: again with the escrowed state. dangerous: nothing is done, not even taken down, until a person decides.
 */
export const FAILURE_CLASSES = [
  'capacity',
  'quota',
  'auth',
  'config',
  'host',
  'network',
  'docker',
  'healthcheck',
  'addon',
  'stuckUpgrade',
  'stateMissing',
  'dangerous',
  'stalled',
  'interrupted',
  'unknown',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** What is being done to a cluster. */
export const PROVISION_OPERATIONS = [
  'Create',
  'Scale',
  'Upgrade',
  'Repair',
  'RotateCertificates',
  'Snapshot',
  'Restore',
  'Stop',
  'Delete',
] as const;
export type ProvisionOperation = (typeof PROVISION_OPERATIONS)[number];

/** What a driver is run for. */
export const DRIVER_COMMANDS = ['up', 'remove', 'rotateCertificates', 'snapshot', 'restore'] as const;
export type DriverCommand = (typeof DRIVER_COMMANDS)[number];

/** What users see of a cluster that SkyFlow builds: `status.provisioning`. */
export interface ProvisioningStatus {
  /**
   * PROVISIONING while it is built or rolled back; ACTIVE; UPDATING while it is changed; STOPPING and STOPPED while it is not wanted (its
   * minimum is 0); FAILED; DELETING; DELETED ends the object.
   */
  phase: 'PROVISIONING' | 'ACTIVE' | 'UPDATING' | 'STOPPING' | 'STOPPED' | 'FAILED' | 'DELETING' | 'DELETED';
  operation: ProvisionOperation;
  /** Where in it: Requested, Machines, then RKE's own words (etcd, controlplane, …). */
  stage: string;
  /** 0 to 100. */
  progress: number;
  message: string;
  driver: ClusterDriver;
  kubernetesVersion?: string;
  podCidr?: string;
  serviceCidr?: string;
  machines: ProvisionedMachineStatus[];
  /** Runs of the driver, newest last; the last few. */
  attempts: ProvisionAttempt[];
  /** Why it is not going on as it should. */
  failure?: ProvisionFailure;
  /** Offers that it was to be built on, in vain, oldest first; the last few. */
  tried?: TriedOffer[];
  /** SHA-256 of the cluster's certificate authority; never changes. */
  caFingerprint?: string;
  /** What the autoscaler wants, and why. */
  autoscale?: { nodes: number; reason: string; at: string };
  /** Of etcd, oldest first. */
  snapshots?: ProvisionSnapshot[];
  /** Generations of the requests of the spec that were taken up. */
  requests?: Partial<Record<keyof ProvisionRequests, number>>;
}

export interface ProvisionedMachineStatus {
  name: string;
  driver: MachineDriver;
  roles: NodeRole[];
  phase: string;
  address?: string;
  providerId?: string;
  message?: string;
}

/** Why a cluster is not where it was to be at first. */
export interface TriedOffer {
  provider: string;
  region: string;
  zone?: string;
  machineType: string;
  message: string;
  at: string;
}

export interface ProvisionAttempt {
  run: number;
  operation: ProvisionOperation;
  startedAt: string;
  endedAt?: string;
  outcome?: string;
  /** How far it came. */
  stage?: string;
}

export interface ProvisionFailure {
  class: FailureClass;
  message: string;
  /** The driver's own words. */
  line?: string | undefined;
  /** What a person can do. */
  advice: string;
}

/** Keeps a Cluster that SkyFlow built until it is taken down. */
export const FINALIZER_PROVISIONER = 'skyflow.io/provisioner';
