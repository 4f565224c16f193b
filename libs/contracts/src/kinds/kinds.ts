/** SkyFlow's API objects as they travel over HTTP. Kubernetes conventions; group `skyflow.io`, version `v1`. */
import type { ClusterTaint, PlacementPolicySpec, WorkloadPlacement } from './placement.js';
import type { ProvisioningStatus, ProvisionSpec } from './provisioning.js';
import type { Gang, WaitingPolicy, WorkloadQueueStatus } from './scheduling-terms.js';
import type { ClusterHealth, WorkloadPhase } from './status.js';

export const GROUP = 'skyflow.io';
export const VERSION = 'v1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
}

/** Kubernetes condition (KEP-1623). */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
}

/** A core/v1 Container; only what SkyFlow itself reads is typed. */
export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> };
  [field: string]: unknown;
}

/** A core/v1 PodTemplateSpec, kept whole; only what SkyFlow itself reads is typed. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown };
  spec: {
    containers: Container[];
    initContainers?: Container[];
    restartPolicy?: 'Always' | 'OnFailure' | 'Never';
    [field: string]: unknown;
  };
}

/** What a workload says to the scheduler besides where it may run. */
export interface SchedulingTerms {
  placement?: WorkloadPlacement;
  /** The queue that it waits in. Default: `default`. */
  queue?: string;
  gang?: Gang;
  waiting?: WaitingPolicy;
  /** How long its pods are expected to run; what waiting policies by run time count with. Default: `activeDeadlineSeconds`. */
  expectedRunSeconds?: number;
}

/**
 * A job: `replicas` copies of a pod over all clusters. restartPolicy Always (the default) runs for ever and becomes a native
 * Deployment on each chosen cluster; OnFailure and Never run to completion and become native Jobs.
 */
export interface JobSpec extends SchedulingTerms {
  /** Pods at a time over all clusters (batch/v1 parallelism). At least 1. */
  replicas: number;
  template: PodTemplate;
  /** batch/v1: successful pods needed in all. Default: `replicas`. */
  completions?: number;
  completionMode?: 'NonIndexed' | 'Indexed';
  backoffLimit?: number;
  activeDeadlineSeconds?: number;
  ttlSecondsAfterFinished?: number;
  suspend?: boolean;
  /** Further batch/v1 JobSpec fields, passed on unchanged (podFailurePolicy, successPolicy, …). */
  [field: string]: unknown;
}

/** A deployment: apps/v1 DeploymentSpec, its replicas spread over clusters, plus placement. */
export interface DeploymentSpec extends SchedulingTerms {
  replicas: number;
  selector: { matchLabels?: Record<string, string>; matchExpressions?: unknown[] };
  template: PodTemplate;
  /** Further apps/v1 DeploymentSpec fields, passed on unchanged (strategy, minReadySeconds, …). */
  [field: string]: unknown;
}

/** A change of the pod template that goes over the clusters step by step; only while it does, or when it ended before its end. */
export interface RolloutStatus {
  state: 'Progressing' | 'Stopped' | 'RolledBack';
  /** Generation that clusters have which are not named, or all of them when it is rolled back. */
  from: number;
  to: number;
  message: string;
  clusters: { cluster: string; state: 'Updating' | 'Ready' | 'Failed' }[];
}

/** Reason of a share some of whose pods are still of an earlier generation: its cluster is in the midst of its own rolling update. */
export const ROLLING_UPDATE = 'RollingUpdate';

/** Whether a share is not through with its cluster's own rolling update, whatever else troubles it. */
export const isRolling = ({
  reason,
  outdated = 0,
}: {
  reason?: string | undefined;
  outdated?: number | undefined;
}): boolean => reason === ROLLING_UPDATE || outdated > 0;

/** A workload's share on one cluster. */
export interface WorkloadClusterStatus {
  cluster: string;
  phase: WorkloadPhase;
  /** Replicas this cluster was given. */
  replicas: number;
  ready: number;
  running: number;
  succeeded: number;
  failed: number;
  /** Replicas of an older pod template that are still there: its cluster is in the midst of its own rolling update. */
  outdated?: number;
  reason?: string;
  message?: string;
  /** When the agent last reported this share. */
  observedAt?: string;
}

export interface WorkloadStatus {
  phase: WorkloadPhase;
  reason?: string;
  message?: string;
  observedGeneration: number;
  /** Only of workloads that name a queue or a priority, and of all others once there are queues. */
  queue?: WorkloadQueueStatus;
  /** Replicas placed, over all clusters. */
  placed: number;
  replicas: number;
  ready: number;
  running: number;
  succeeded: number;
  failed: number;
  clusters: WorkloadClusterStatus[];
  rollout?: RolloutStatus;
  conditions: Condition[];
}

export interface ClusterSpec {
  /** Kind of cluster manager; `k8` in the seed system, `k8s` and `kubernetes` are the same. */
  manager: 'k8';
  /** kubeconfig context that the agent supervisor uses; any text a kubeconfig may hold. */
  context?: string;
  /** Path of the kubeconfig on the supervisor's machine. Absent: the supervisor's own. */
  kubeconfig?: string;
  /** Cordoned: no new replicas; those that are there stay. */
  unschedulable?: boolean;
  /** Everything must leave; goes with `unschedulable`. */
  drain?: ClusterDrain;
  /**
   * What an hour costs: of a core, of a GiB of memory, of one piece of any other resource; amounts in a currency of your own. A
   * cluster without prices costs nothing and is used first.
   */
  prices?: Record<string, number>;
  /** Who runs it: aws, gcp, onprem. Absent: the label `skyflow.io/provider` of the Cluster. */
  provider?: string;
  /** Absent: the label `topology.kubernetes.io/region` of the Cluster, or of all its nodes where they agree. */
  region?: string;
  /** As region, of `topology.kubernetes.io/zone`. */
  zone?: string;
  /** Keep workloads away that do not tolerate them. */
  taints?: ClusterTaint[];
  /** SkyFlow builds the cluster and takes it down. Absent: it is there already and is only attached. */
  provision?: ProvisionSpec;
}

export interface ClusterDrain {
  /** How long what leaves may wait for its replacement, and jobs that run to completion for their end. Default 600. */
  graceSeconds?: number;
}

export interface ClusterNodeStatus {
  name: string;
  ready: boolean;
  unschedulable?: boolean;
  /** Base units: millicores, bytes, counts. */
  allocatable: Record<string, number>;
  /** Allocatable less the requests of all pods; while `usageTime` of the cluster is absent, of those that SkyFlow did not make. */
  free: Record<string, number>;
  /** Label topology.kubernetes.io/zone. */
  zone?: string;
  taints?: { key: string; value?: string | undefined; effect: string }[];
}

/** A pod that still fits on a node, and no larger one. */
export interface LargestPod {
  node: string;
  /** All that is free there, base units. */
  free: Record<string, number>;
}

export interface ClusterStatus {
  phase: ClusterHealth | 'PROVISIONING' | 'STOPPING' | 'STOPPED' | 'FAILED' | 'DELETING';
  reason?: string;
  message?: string;
  /** Only of clusters with `spec.provision`. */
  provisioning?: ProvisioningStatus;
  kubernetesVersion?: string;
  /** Sums over schedulable nodes, base units. */
  allocatable: Record<string, number>;
  /** Allocatable less requests of all pods there and of what SkyFlow has placed and not yet seen there. */
  free: Record<string, number>;
  nodes: ClusterNodeStatus[];
  /** What a single pod can still get, by each resource; while `usageTime` is absent, as if SkyFlow had no pods there. */
  largestPods?: LargestPod[];
  /** When the agent counted what SkyFlow's own pods take of each node; absent: it has not told this gateway yet. */
  usageTime?: string;
  lastHeartbeatTime?: string;
  /** Only while `spec.drain` is set. */
  drain?: ClusterDrainStatus;
  conditions: Condition[];
}

/** How far a drain is. Workloads and replicas that are still there; done when there are none. */
export interface ClusterDrainStatus {
  phase: 'Draining' | 'Drained';
  workloads: number;
  replicas: number;
}

export interface ApiObject<Spec = unknown, Status = unknown> {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: Spec;
  status?: Status;
}

export type Job = ApiObject<JobSpec, WorkloadStatus> & { spec: JobSpec };
export type Deployment = ApiObject<DeploymentSpec, WorkloadStatus> & { spec: DeploymentSpec };
export type Cluster = ApiObject<ClusterSpec, ClusterStatus> & { spec: ClusterSpec };
export type PlacementPolicy = ApiObject<PlacementPolicySpec> & { spec: PlacementPolicySpec };
export type Namespace = ApiObject<Record<string, never>, { phase: 'Active' | 'Terminating' }>;

/** Kinds that are spread over clusters. */
export const WORKLOAD_KINDS = ['Job', 'Deployment'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];
export const isWorkloadKind = (kind: string): kind is WorkloadKind =>
  (WORKLOAD_KINDS as readonly string[]).includes(kind);
