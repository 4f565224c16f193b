/**
 * What a scheduler knows: the fold of the log, kept so that a round costs what changed and not what exists.
 * Everything below "worked out" follows from the rest; it is kept so that a round need not look at everything.
 */
import type {
  ClusterHealth,
  EvictionCause,
  MoveTerms,
  NodeObservation,
  ObjectRef,
  Placement,
  Position,
  StoredObject,
} from '@skyflow/contracts';
import { Interner } from '../objects/bounded-cache.js';
import type { QueueRecord } from './queueing/queue-record.js';
import type { Line, Queueing } from './queueing/queueing-records.js';
import type { PriorityClassRecord, QueueTerms } from './queueing/terms.js';
import { type ResourceColumns, newResourceColumns } from './resource-columns.js';
import type { Packing, Room } from './room.js';
import type { ClusterFacts, DeclaredFacts, HeldTaint } from './placement/cluster-facts.js';
import type { Policies } from './placement/policies.js';
import { type WorkloadTerms, noWorkloadTerms } from './placement/workload-terms.js';
import { type WaitRecords, newWaitRecords } from './explain/wait-records.js';
import type { Balanced, Rebalance } from './moving/rebalance/rebalance.js';
import type { Rollout } from './moving/rollout/rollout.js';
import type { Shape } from './shape.js';

export interface ClusterRecord {
  name: string;
  uid: string;
  labels: Readonly<Record<string, string>>;
  /** Per hour: of a core, of a GiB of memory, of one piece of anything else; undefined: it costs nothing. */
  prices: Readonly<Record<string, number>> | undefined;
  /** Where its spec says that it is. */
  declared: DeclaredFacts;
  taints: readonly HeldTaint[];
  /** '': not known yet. */
  kubernetesVersion: string;
  /** Worked out: fields that placements can ask for. */
  facts: ClusterFacts;
  deleting: boolean;
  /** `sinceMs`: when it came into this state, wall clock of the log. */
  health: { state: ClusterHealth; reason: string; message: string; sinceMs: number };
  /** Of one that SkyFlow builds, while it is not there: how far it is. */
  built?: { phase: string; progress: number };
  /** No new replicas. */
  unschedulable: boolean;
  /** What is there must leave; since when, wall clock of the log. */
  drain: { sinceMs: number; graceMs: number } | undefined;
  /** Since when it may take new replicas, as far as its spec goes; wall clock of the log. */
  openSinceMs: number;
  /** When it was lost lately, newest last; wall clock of the log. Replaced, never changed. */
  setbacks: readonly number[];
  /** Whether it was READY once. */
  everReady: boolean;
  /** What the agent reported last; undefined: nothing yet. */
  nodes: readonly NodeObservation[] | undefined;
  room: Room;
  /** uids of workloads with a share here, of any state. */
  shares: Set<string>;
  /** Position of the last entry that could have made something fit here. */
  improvedAt: Position;
}

/**
 * service: runs for ever (Deployment, or Job with restartPolicy Always). batch: runs to completion. indexed: batch that one
 * cluster must take whole.
 */
export type WorkloadMode = 'service' | 'batch' | 'indexed';

/** A workload's share on one cluster: what was decided, what the cluster was told, what it said. */
export interface Share {
  cluster: string;
  /** By the last decision; 0: it must go. */
  replicas: number;
  completions: number | undefined;
  /** Position of the decision that last changed this share. */
  decision: Position;
  /** What sky.work says. withdrawing: told to remove it, not reported as removed. */
  work: 'none' | 'assigned' | 'withdrawing';
  /** What the last WorkAssigned carried. */
  carried: { decision: Position; replicas: number; dependencies: string };
  /** The cluster reported that it ran to its end. */
  finished: boolean;
  /** Ready replicas by its last report. */
  ready: number;
  /** The version that its last report is of, and how many replicas there still are of an older one. Replaced, never changed. */
  reported: { generation: number; failed: boolean; outdated?: number } | undefined;
  /** Replicas that its cluster's scheduler finds no node for, and since when. Replaced, never changed. */
  stuck: { replicas: number; sinceMs: number } | undefined;
  /** Replicas beyond `replicas` that stay until those placed elsewhere are ready. */
  leaving: number;
  /** Decided, and not placed elsewhere yet. */
  eviction: Eviction | undefined;
  /** Until when replicas that leave may stay, ms since the epoch; 0: nothing leaves. */
  leavingUntilMs: number;
  /** Replicas that hold capacity, and where on paper. */
  held: number;
  packing: Packing;
}

/** Replicas of a share that the next decision places elsewhere. */
export interface Eviction {
  cause: EvictionCause;
  replicas: number;
  /** Only there; undefined: anywhere else. */
  to: string | undefined;
  /** Until when they may stay for their replacement, ms since the epoch; undefined: they go at once. */
  untilMs: number | undefined;
}

/** What the next entry about a workload follows from. */
export interface Origin {
  readonly corr: string;
  readonly cause: string;
  readonly trace?: string;
}

/** What a workload says of moves itself, and what is remembered of them. */
export interface WorkloadMoves {
  terms?: MoveTerms;
  /** Replicas that had to leave clusters, to go back there. */
  displaced?: readonly { cluster: string; replicas: number }[];
  /** Clusters whose own scheduler found no node for its pods. */
  stuckOn?: readonly string[];
  /** Of its pod template, where changes of it go step by step. */
  template?: string;
  rollout?: Rollout;
  /** What it was last asked to move to where it would be better off. */
  rebalance?: Rebalance;
  /** Of what moves by itself: the last move. */
  balanced?: Balanced;
}

export interface WorkloadRecord {
  ref: ObjectRef;
  /** As stored; undefined once everything is decided and issued (a million of them would fill the memory): see stored-objects.ts. */
  object: StoredObject | undefined;
  /** The version that clusters have which a rollout has not come to; read again like `object`. */
  heldObject: StoredObject | undefined;
  /** Place in the queue. */
  createdAt: Position;
  /** Position of the entry that `object` is from. */
  objectAt: Position;
  /** Position of the last entry, of its own or of a policy, that changed what its placement is. */
  rulesAt: Position;
  generation: number;
  /** JSON of its labels; '' for none. Policies and other workloads select it by them. */
  labels: string;
  replicas: number;
  mode: WorkloadMode;
  /** Successful pods needed in all; undefined for services. */
  completions: number | undefined;
  shape: Shape;
  /** What it says of moves, and what is remembered of them; undefined: nothing. Replaced, never changed. */
  moves: WorkloadMoves | undefined;
  terms: QueueTerms;
  /** When it was written, ms since the epoch. */
  createdAtMs: number;
  /** Keys of the ConfigMaps and Secrets that its pods refer to. */
  dependencies: readonly string[];
  deleting: boolean;
  /** Deleted with force: nobody waits for its release. */
  forced: boolean;
  decision: { position: Position; basis: Position; unplaced: number; reason: string | undefined } | undefined;
  /** Sorted by cluster. Replaced, never changed. */
  shares: readonly Share[];
  origin: Origin | undefined;
  /** Room that is kept for its waiting replicas while others leave; by its last decision. */
  claims: readonly Placement[] | undefined;
  /** Worked out: the line that it waits in, once queues are used. */
  line: Line | undefined;
  /** Worked out: the waiting group that it is in, and the reason it is counted under there. */
  waitsIn: WaitsIn | undefined;
}

/** No shares: one for all workloads that have none. */
export const NO_SHARES: readonly Share[] = Object.freeze([]);

export interface NamespaceRecord {
  deleted: boolean;
  /** Workloads in it, deleting ones included. */
  workloads: number;
  /** Clusters that were given work in it. */
  clusters: Set<string>;
}

/** The waiting group that a workload is in, and the reason that it is counted under there. */
export interface WaitsIn {
  readonly key: string;
  readonly reason: string;
}

/** Decided workloads that wait for the same thing; see waiting.ts. */
export interface WaitingGroup {
  key: string;
  /** uid → place in the queue. In queue order when `sorted`. */
  members: Map<string, Position>;
  sorted: boolean;
  last: Position;
  /** How many wait for which recorded reason. */
  reasons: Map<string, number>;
  /** By reason: what all of them refer to. */
  waitsIn: Map<string, WaitsIn>;
}

export interface SchedulingState {
  /** Last folded entry. */
  position: Position;
  /** Greatest epoch started. */
  epoch: number;
  clusters: Map<string, ClusterRecord>;
  workloads: Map<string, WorkloadRecord>;
  namespaces: Map<string, NamespaceRecord>;
  /** ConfigMaps and Secrets by dependency key. */
  dependencies: Map<string, StoredObject>;
  /** Work given to clusters for workloads that are not known any more, by `<cluster>/<uid>`: to be withdrawn. */
  orphans: Map<string, { cluster: string; ref: ObjectRef; decision: Position }>;
  /** Greatest epoch seen on the work subject of a cluster, deleted ones included: what its agent accepts. */
  workEpochs: Map<string, number>;
  columns: ResourceColumns;
  queues: Map<string, QueueRecord>;
  priorityClasses: Map<string, PriorityClassRecord>;
  /** Undefined until queues are used. */
  queueing: Queueing | undefined;
  policies: Policies;
  /** Equal texts of labels, to share them. */
  labelTexts: Interner;
  /** Equal texts of entries that came together, to share them. */
  originTexts: Interner;

  /** Worked out: which workloads are where, as far as others ask. */
  workloadTerms: WorkloadTerms;
  /** Worked out: shapes in use by key. */
  shapes: Map<string, Shape>;
  /** Worked out: terms in use by key, but for plain ones. */
  terms: Map<string, QueueTerms>;
  /** Worked out: uids by dependency key. */
  dependents: Map<string, Set<string>>;
  /** Worked out, in queue order: workloads without a decision that covers what is true now. */
  undecided: Set<string>;
  /** Worked out: decided workloads with replicas that wait for room, by what they wait for. */
  waiting: Map<string, WaitingGroup>;
  /** Worked out: workloads whose decisions sky.work does not carry yet. */
  unissued: Set<string>;
  /** Worked out: workloads with replicas that are being moved away from a cluster. */
  moving: Set<string>;
  /** Worked out: uids of workloads with replicas that had to leave a cluster, by that cluster. */
  displaced: Map<string, Set<string>>;
  /** Worked out: workloads whose rollout goes on. */
  rollouts: Set<string>;
  /** Worked out: workloads that were asked to move to where they would be better off, and may move further replicas. */
  rebalancing: Set<string>;
  /** Worked out: workloads whose replicas may move without being asked for, where they are better off. */
  balancing: Set<string>;
  /** Worked out: uids of workloads with replicas that a cluster finds no node for. */
  stuck: Set<string>;
  /** Worked out: deleting workloads with nothing left anywhere. */
  releasable: Set<string>;
  /** How long workloads waited lately; nothing is decided by it. */
  waits: WaitRecords;
  /** Worked out: deleted namespaces. */
  deletedNamespaces: Set<string>;
  /** Worked out: when something last came free anywhere. */
  improvedAt: Position;
  /** Worked out: when a cluster last came, went, or changed its labels or health. */
  topologyAt: Position;
}

/** Distinct label texts remembered for sharing. */
const LABEL_TEXTS = 16_384;
/** Names of requests and commits remembered for sharing: entries that have the same are near each other in the log. */
const ORIGIN_TEXTS = 256;

export const initialScheduling = (): SchedulingState => ({
  position: 0,
  epoch: 0,
  clusters: new Map(),
  workloads: new Map(),
  namespaces: new Map(),
  dependencies: new Map(),
  orphans: new Map(),
  workEpochs: new Map(),
  columns: newResourceColumns(['cpu', 'memory', 'pods']),
  queues: new Map(),
  priorityClasses: new Map(),
  queueing: undefined,
  policies: new Map(),
  labelTexts: new Interner(LABEL_TEXTS),
  originTexts: new Interner(ORIGIN_TEXTS),
  workloadTerms: noWorkloadTerms(),
  shapes: new Map(),
  terms: new Map(),
  dependents: new Map(),
  undecided: new Set(),
  waiting: new Map(),
  unissued: new Set(),
  moving: new Set(),
  displaced: new Map(),
  stuck: new Set(),
  rollouts: new Set(),
  rebalancing: new Set(),
  balancing: new Set(),
  releasable: new Set(),
  waits: newWaitRecords(),
  deletedNamespaces: new Set(),
  improvedAt: 0,
  topologyAt: 0,
});

/** When something was written: its place in the log, and the wall clock of its writer, ms since the epoch. */
export interface Moment {
  position: Position;
  atMs: number;
}

/** Where an entry stands in the log, and which entry it is. */
export interface EntryPlace {
  position: Position;
  subject: string;
  commitId: string;
  index: number;
}

/** The labels of a workload. */
export const labelsOf = ({ labels }: WorkloadRecord): Readonly<Record<string, string>> =>
  labels === '' ? NO_LABELS : (JSON.parse(labels) as Record<string, string>);

const NO_LABELS = Object.freeze({});

/** Whether every allowed cluster gets all of its replicas: then it has a use for each one that comes. */
export const isDuplicated = ({ shape }: Pick<WorkloadRecord, 'shape'>): boolean =>
  shape.rules?.division.type === 'Duplicated';

/** Position of the last entry that changed what is wanted of a workload: its own, or one of a policy. */
export const changedAt = ({ objectAt, rulesAt }: WorkloadRecord): Position => Math.max(objectAt, rulesAt);

/** Whether something was changed about it that no decision covers yet. */
export const isEdited = (workload: WorkloadRecord): boolean =>
  workload.decision === undefined || workload.decision.basis < changedAt(workload);

/** The cluster of a share, unless it is gone. */
export const clusterOf = (state: SchedulingState, share: Share): ClusterRecord | undefined =>
  state.clusters.get(share.cluster);

/** What the cluster must have of this share: what was decided, and what leaves and may still stay. */
export const wantedReplicas = (share: Share): number => share.replicas + share.leaving;

/** Whether the cluster must have this share. */
export function isWanted(state: SchedulingState, workload: WorkloadRecord, share: Share): boolean {
  return wantedReplicas(share) > 0 && !workload.deleting && state.clusters.get(share.cluster)?.deleting === false;
}

/** Workloads by uid, oldest first: sets of uids have the order of the log and of snapshots, which must not matter. */
export const inQueueOrderOf = (state: SchedulingState, uids: Iterable<string>): WorkloadRecord[] =>
  [...uids].flatMap((uid) => state.workloads.get(uid) ?? []).sort((a, b) => a.createdAt - b.createdAt);

export const shareOn = (workload: WorkloadRecord, cluster: string): Share | undefined =>
  workload.shares.find((share) => share.cluster === cluster);

/** Replicas of a share that must be moved: its cluster is gone or going, or they are evicted, and it has not run to its end. */
export function strandedReplicas(state: SchedulingState, share: Share): number {
  if (share.replicas === 0 || share.finished) return 0;
  if (state.clusters.get(share.cluster)?.deleting !== false) return share.replicas;
  return Math.min(share.eviction?.replicas ?? 0, share.replicas);
}

export const isStranded = (state: SchedulingState, share: Share): boolean => strandedReplicas(state, share) > 0;
