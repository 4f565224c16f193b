/**
 * Where the replicas of a workload may go: the grammar of `spec.placement` and of PlacementPolicy. What restricts adds up (every
 * policy that applies and the workload itself must allow a cluster); what can be said only once is taken from the workload, then
 * from the policy that it names, then from the policies that select it, by priority and name. docs/adr has why.
 */

/** As of label selectors; `Gt` and `Lt` compare whole numbers, of `kubernetesVersion` versions. */
export const requirementOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
export type RequirementOperator = (typeof requirementOperators)[number];

export interface Requirement {
  key: string;
  operator: RequirementOperator;
  /** Of In and NotIn at least one, of Gt and Lt exactly one, of Exists and DoesNotExist none. */
  values?: string[];
}

/** What can be asked of a cluster beside its labels. */
export const clusterFields = ['provider', 'region', 'zone', 'kubernetesVersion'] as const;
export type ClusterField = (typeof clusterFields)[number];

/** All of it must hold. */
export interface ClusterSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
  /** `key` is one of `clusterFields`. A kubernetesVersion of fewer parts means all that begin with it: `1.36`. */
  matchFields?: Requirement[];
}

/** Clusters by name, by name not, and by what is true of them; all of it must hold. */
export interface ClusterSet {
  /** Only these; empty or absent: any. */
  clusters?: string[];
  /** Not these, whatever else allows them. */
  excludeClusters?: string[];
  clusterSelector?: ClusterSelector;
}

/** One of several groups of clusters that are tried in order. */
export interface ClusterGroup extends ClusterSet {
  name: string;
}

export interface PreferredClusters {
  /** 1 to 100, against the other preferences. */
  weight: number;
  preference: ClusterSelector;
}

export interface ClusterAffinity {
  /** One of these must match. */
  required?: ClusterSelector[];
  preferred?: PreferredClusters[];
}

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
export type TaintEffect = (typeof taintEffects)[number];

export interface ClusterTaint {
  key: string;
  value?: string;
  effect: TaintEffect;
  /** Since when; RFC 3339. Set by the gateway when it is left out. */
  timeAdded?: string;
}

export interface ClusterToleration {
  /** Absent, with operator Exists: every taint. */
  key?: string;
  operator?: 'Equal' | 'Exists';
  value?: string;
  effect?: TaintEffect;
  /** Of NoExecute: how long after `timeAdded` replicas may stay. Absent: for ever. */
  tolerationSeconds?: number;
}

/**
 * Replicas over groups of clusters. `topologyKey` is `cluster`, `provider`, `region`, `zone` or a label of Clusters; clusters with
 * the same value are a group, and clusters without one get no replicas.
 */
export interface SpreadConstraint {
  topologyKey: string;
  /** Holds inside each group by this key, each for itself. Absent: over all clusters. */
  within?: string;
  /**
   * No group gets a second replica before this many have one; copies (Duplicated) that would make up for groups that lack wait. With
   * `within`, an outer group that has fewer groups in it gets no replicas. Default 1.
   */
  minGroups?: number;
  /** Not more groups than this. */
  maxGroups?: number;
  /** Most by which a group may have more replicas than the one with the fewest. */
  maxSkew?: number;
  /** ScheduleAnyway: keeps to it as long as replicas can be placed so. Default DoNotSchedule. */
  whenUnsatisfiable?: 'DoNotSchedule' | 'ScheduleAnyway';
}

/**
 * How replicas are divided. Spread (default): evenly, more where more is free. Duplicated: all of them on every allowed cluster.
 * Aggregated: on as few clusters as can be. StaticWeights: by `weights`. DynamicWeights: by what fits where.
 */
export const divisionTypes = ['Spread', 'Duplicated', 'Aggregated', 'StaticWeights', 'DynamicWeights'] as const;
export type DivisionType = (typeof divisionTypes)[number];

export interface ClusterWeight extends ClusterSet {
  /** Whole number of at least 1. */
  weight: number;
}

export interface ReplicaDivision {
  type: DivisionType;
  /** Of StaticWeights: the first that a cluster is in counts; a cluster that is in none gets nothing. None: all weigh the same. */
  weights?: ClusterWeight[];
}

/** Other workloads, by their labels. */
export interface WorkloadAffinityTerm {
  labelSelector: { matchLabels?: Record<string, string>; matchExpressions?: Requirement[] };
  /** As of spread constraints: near is in the same group. */
  topologyKey: string;
  /** Default: the workload's own. */
  namespaces?: string[];
}

export interface WorkloadAffinity {
  /** All must hold. */
  required?: WorkloadAffinityTerm[];
  preferred?: { weight: number; term: WorkloadAffinityTerm }[];
}

/**
 * What becomes of replicas on a cluster that cannot be seen any more.
 *
 * Automatic: they are started elsewhere once the cluster was away for the grace time, and removed there before it is READY again.
 * Until then they may run in both places: a job that runs to completion may do its work twice (at least once). Never: they wait for
 * the cluster and never run in two places (at most once).
 */
export interface FailoverPolicy {
  /** Default: Automatic. */
  mode?: 'Automatic' | 'Never';
  /** Since the cluster was found LOST or UNREACHABLE. Default: 30 s when LOST, 300 s when only its API does not answer. */
  graceSeconds?: number;
}

/**
 * Whether replicas of services that had to leave a cluster go back when it is there again, as far as they fit. A cluster must have been
 * well for the stabilization time, twice that for each further loss in the hour before, at most an hour. Never for jobs that run to
 * completion.
 */
export interface FailbackPolicy {
  /** Default: Automatic. */
  mode?: 'Automatic' | 'Never';
  /** Default: 300. */
  stabilizationSeconds?: number;
}

/**
 * Whether replicas of services move by themselves to where they are better off. What is said by a policy is said of all its workloads
 * together. Where nothing is said of it, replicas stay until somebody asks (`ANNOTATION_REBALANCE`). Never for jobs that run to completion.
 */
export interface RebalancePolicy {
  /** Default: Automatic. Never: not even where a policy asks for it. */
  mode?: 'Automatic' | 'Never';
  /** How often replicas are looked at, and how long they rest after a move. Default 300. */
  intervalSeconds?: number;
  /** Replicas that move in an interval. Default 10. */
  maxReplicas?: number;
  /** By how much a place must be better, of 100: nothing moves for less, so nothing goes back and forth. Default 20. */
  minImprovement?: number;
}

/**
 * How a change of the pod template of a service goes over its clusters. All: everywhere at once. Progressive: `maxConcurrency`
 * clusters at a time, in order of name. ProgressivePerGroup: one group of clusters after the other. Where nothing is said of it, a
 * change goes everywhere at once and is left to the clusters: nobody waits for it, and nothing is rolled back.
 */
export const rolloutTypes = ['All', 'Progressive', 'ProgressivePerGroup'] as const;
export interface RolloutStrategy {
  /** Default: what the policies of the workload say, of which the other fields then change some; else All. */
  type?: (typeof rolloutTypes)[number];
  /** Clusters that are changed at a time. Default of Progressive: 1; of ProgressivePerGroup: all of the group. */
  maxConcurrency?: number;
  /** Of ProgressivePerGroup: `provider`, `region` (default), `zone`, or a label of Clusters. */
  groupBy?: string;
  /** How long all replicas of a cluster must be ready before the next. Default 0. */
  minReadySeconds?: number;
  /** How long a cluster may take before it has failed. Default 600. */
  progressDeadlineSeconds?: number;
  /** Clusters that may fail before the rollout ends. Default 0. */
  maxFailures?: number;
  /** What then: Rollback (default): all clusters get what they had. Pause: it stops as it is. */
  onFailure?: 'Rollback' | 'Pause';
  /** No further clusters are changed. `spec.paused` of a Deployment says the same, and that its clusters stop, too. */
  paused?: boolean;
}

/**
 * Annotation of workloads: another text than before asks that replicas move to where they are better off now, once; JSON with
 * `maxReplicas` says how many at most. `skyctl rebalance` sets it.
 */
export const ANNOTATION_REBALANCE = 'skyflow.io/rebalance';

/** Annotation of policies and clusters: how many replicas a change or deletion of it may move, or `all`; absent: not more than go without saying. */
export const ANNOTATION_ALLOW_MOVES = 'skyflow.io/allow-moves';

/** What can be said of moves. Each is said once: by the workload, else by its policies (see `RolloutStrategy.type`). */
export interface MoveTerms {
  failover?: FailoverPolicy;
  failback?: FailbackPolicy;
  rebalance?: RebalancePolicy;
  rollout?: RolloutStrategy;
}

/** What workloads and policies can say. */
export interface PlacementTerms extends ClusterSet, MoveTerms {
  tolerations?: ClusterToleration[];
  clusterAffinity?: ClusterAffinity;
  /** In this order: the first in which all replicas fit takes them; if there is none, the one in which most fit. */
  groups?: ClusterGroup[];
  /** Replicas that do not fit in a group go on to the next. */
  overflow?: boolean;
  spreadConstraints?: SpreadConstraint[];
  division?: ReplicaDivision;
  workloadAffinity?: WorkloadAffinity;
  workloadAntiAffinity?: WorkloadAffinity;
  /** Place nothing unless everything that is missing can be placed. Default: place what fits, the rest waits. */
  allOrNothing?: boolean;
}

/** `spec.placement` of a workload. */
export interface WorkloadPlacement extends PlacementTerms {
  /** Name of a PlacementPolicy in the same namespace. */
  policy?: string;
}

/** PlacementPolicy: placement for the workloads that name it, and for those that it selects. */
export interface PlacementPolicySpec extends PlacementTerms {
  /** Workloads of the namespace by their labels. Empty: all of them. Absent: only those that name it. */
  workloadSelector?: { matchLabels?: Record<string, string>; matchExpressions?: Requirement[] };
  /** Of several that select a workload, the greatest says what only one can say. Default 0. */
  priority?: number;
}
