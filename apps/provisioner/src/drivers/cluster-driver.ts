/** What makes Kubernetes of machines: one interface for all drivers. Drivers decide nothing; they do, and say what came of it. */
import type {
  ClusterDriver as DriverName,
  DriverCommand,
  NodeRole,
  ProvisionFailure,
  ProvisionSpec,
} from '@skyflow/contracts';

/** A machine as a driver sees it. */
export interface DriverNode {
  name: string;
  address: string;
  port: number;
  /** Pinned when the host was looked at. */
  hostKey?: string;
  internalAddress?: string;
  user: string;
  keyPath: string;
  roles: readonly NodeRole[];
  labels: Readonly<Record<string, string>>;
  dockerSocket?: string;
}

/** The cluster that a driver works on. */
export interface DriverCluster {
  name: string;
  uid: string;
  spec: ProvisionSpec;
  kubernetesVersion: string | undefined;
  podCidr: string;
  serviceCidr: string;
  nodes: readonly DriverNode[];
}

/** What a cluster cannot be without: made before any host is touched. */
export interface InitialState {
  state: string;
  kubeconfig: string;
  /** SHA-256 of the certificate authority. */
  caFingerprint: string;
  configSha256: string;
}

export interface RunOptions {
  run: number;
  command: DriverCommand;
  /** Name of the snapshot that is taken, or gone back to. */
  snapshot?: string;
  /** By the way of a first installation. */
  recovery: boolean;
  /** The newest copy in escrow. */
  state: string;
  signal: AbortSignal;
  onLines: (lines: readonly string[]) => void;
  onStage: (stage: string) => void;
  /** The driver has written its state anew. */
  onState: (state: string) => void;
}

export interface RunResult {
  outcome: 'Done' | 'Partial' | 'Failed' | 'Unknown';
  hosts: string[];
  failure?: ProvisionFailure;
  warnings: string[];
  /** As it is at the end, if it can be read. */
  state?: string;
  kubeconfig?: string;
}

/** What is left of a run whose watcher is gone. */
export interface LeftRun {
  /** It had come to its good end before it was looked at. */
  isDone: boolean;
  state?: string;
  stage?: string;
}

export interface ClusterDriver {
  readonly name: DriverName;
  /** Whether hosts must have it. */
  readonly needsDocker: boolean;
  /** SHA-256 of the authority in a state of its; undefined for what is cut off, or none. */
  fingerprintOf(state: string): string | undefined;
  /** Throws ProvisionError if this cluster cannot be made with what there is. */
  check(cluster: DriverCluster): Promise<void>;
  /** Of what it would be given: another one, another run. */
  configSha256(cluster: DriverCluster): string;
  initialise(cluster: DriverCluster): Promise<InitialState>;
  /** Rejects only for faults of ours; a driver that fails is a result. */
  run(cluster: DriverCluster, options: RunOptions): Promise<RunResult>;
  /** Ends what an earlier process of ours has left running, and says what it had come to. */
  endRun(uid: string, run: number, command: DriverCommand): Promise<LeftRun>;
  /** Nothing of a run is kept: it holds keys. */
  forget(uid: string): Promise<void>;
}
