/**
 * One API object as the read model holds it: small, immutable, replaced on every change.
 *
 * What the user wrote is kept as JSON text (`meta`, `body`), shared between objects that say the same; what the log says about it
 * is kept as small records. A million of these must fit in memory, so nothing here is parsed before someone asks for it.
 */
import type {
  NodeObservation,
  ObservedPod,
  OwnerReference,
  Position,
  ResourceList,
  WorkloadPhase,
  WorkPhase,
} from '@skyflow/contracts';
import type { TemplateHistory } from './template-record.js';

export interface ObjectRecord {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  /** 0: this kind counts none. */
  readonly generation: number;
  /** Position of the last entry that changed anything about it. */
  readonly position: Position;
  /** Position of the last entry by which a user changed it; what optimistic concurrency compares. */
  readonly specPosition: Position;
  /** When deletion was asked for, ms since the epoch; 0: it was not. */
  readonly deletedAt: number;
  /** Whether nothing but its finalizers keeps it. */
  readonly released: boolean;
  /** JSON of the metadata that has no field above and is no managed field; '' if there is none. */
  readonly meta: string;
  /** JSON of metadata.managedFields; '' if there are none. */
  readonly managed: string;
  /** JSON of everything but apiVersion, kind and metadata. */
  readonly body: string;
  /** JSON of the status that a service decided for it; '' if none did. */
  readonly decided: string;
  /** Only of Job and Deployment. */
  readonly workload: WorkloadRecord | undefined;
  /** Only of Cluster, once its agent has reported. */
  readonly observation: ClusterObservation | undefined;
}

/** Which native kind carries a workload out on a cluster. */
export type NativeKind = 'Deployment' | 'Job';

/** What the fold reads in a workload's spec; shared by all objects of the same body. */
export interface WorkloadFacts {
  readonly native: NativeKind;
  readonly replicas: number;
  readonly completions: number | undefined;
  /** Requests of one pod, base units. */
  readonly requests: ResourceList;
  /** Limits of one pod, base units. */
  readonly limits: ResourceList;
  readonly queue: string;
  readonly priorityClass: string | undefined;
}

export interface WorkloadRecord {
  readonly facts: WorkloadFacts;
  readonly decision: DecisionRecord | undefined;
  /** By cluster name. */
  readonly shares: readonly ShareRecord[];
  /** Phase by the log alone, without regard to the health of clusters, and since when. */
  readonly phase: WorkloadPhase;
  readonly phaseAt: number;
  readonly rollout?: RolloutRecord | undefined;
  /** Only of a Deployment whose pod template has been changed. */
  readonly templates?: TemplateHistory | undefined;
  /** When it was first placed, ms since the epoch; 0: never. */
  readonly startedAt: number;
  /** Value of its priority class when it was written. */
  readonly priority: number;
  /** Where in the log it was created: its age in the queue. */
  readonly createdPosition: Position;
  /** Who asked for it, as the log has it: what it uses is this user's. */
  readonly createdBy: string;
}

/** A change of the pod template that goes over the clusters step by step. */
export interface RolloutRecord {
  readonly state: 'Progressing' | 'Stopped' | 'RolledBack';
  /** The new version, and the one that the other clusters have. */
  readonly generation: number;
  readonly from: number;
  readonly message: string;
  /** Clusters that have, or are to have, the new version. */
  readonly released: readonly { readonly cluster: string; readonly state: 'Updating' | 'Ready' | 'Failed' }[];
}

export interface DecisionRecord {
  readonly position: Position;
  readonly at: number;
  readonly generation: number;
  readonly unplaced: number;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** What one cluster was given of a workload, and what it said of it. */
export interface ShareRecord {
  readonly cluster: string;
  /** Whether the last decision gives this cluster a share; if not, it is being withdrawn. */
  readonly placed: boolean;
  readonly replicas: number;
  readonly completions: number | undefined;
  /** Replicas beyond `replicas` that stay until those placed elsewhere are ready. */
  readonly leaving: number;
  readonly observed: WorkObservation | undefined;
}

export interface WorkObservation {
  readonly at: number;
  readonly generation: number;
  readonly phase: WorkPhase;
  readonly replicas: number;
  readonly ready: number;
  readonly running: number;
  readonly pending: number;
  readonly succeeded: number;
  readonly failed: number;
  /** See WorkObserved; absent: none. */
  readonly outdated?: number | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** See WorkObserved; absent: not told. */
  readonly pods?: readonly ObservedPod[] | undefined;
  readonly morePods?: number | undefined;
}

export interface ClusterObservation {
  readonly at: number;
  readonly kubernetesVersion: string;
  readonly nodes: readonly NodeObservation[];
  readonly reachable: boolean;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** The agent's public key; see ClusterObserved. */
  readonly sealingKey?: string | undefined;
}

/** The metadata kept in `ObjectRecord.meta`. */
export interface OpenMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  generateName?: string;
}

export const readMeta = (record: ObjectRecord): OpenMetadata =>
  record.meta === '' ? {} : (JSON.parse(record.meta) as OpenMetadata);

/** Whether finalizers keep it from going. */
export const hasFinalizers = (record: ObjectRecord): boolean =>
  record.meta.includes('"finalizers"') && (readMeta(record).finalizers?.length ?? 0) > 0;
