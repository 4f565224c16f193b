/** Why a cluster was refused, or why replicas wait. Constants for machines; the messages beside them carry the numbers. */
export const Reason = {
  /** A filter refused the cluster. */
  NOT_IN_PLACEMENT: 'NOT_IN_PLACEMENT',
  EXCLUDED: 'EXCLUDED',
  LABELS_DO_NOT_MATCH: 'LABELS_DO_NOT_MATCH',
  FIELDS_DO_NOT_MATCH: 'FIELDS_DO_NOT_MATCH',
  AFFINITY_DOES_NOT_MATCH: 'AFFINITY_DOES_NOT_MATCH',
  NO_TOPOLOGY: 'NO_TOPOLOGY',
  TAINT_NOT_TOLERATED: 'TAINT_NOT_TOLERATED',
  POLICY_NOT_FOUND: 'POLICY_NOT_FOUND',
  /** The division allows no more there. */
  SPREAD_LIMIT: 'SPREAD_LIMIT',
  NO_WEIGHT: 'NO_WEIGHT',
  OTHER_GROUP: 'OTHER_GROUP',
  WORKLOAD_AFFINITY: 'WORKLOAD_AFFINITY',
  WORKLOAD_ANTI_AFFINITY: 'WORKLOAD_ANTI_AFFINITY',
  CLUSTER_DELETING: 'CLUSTER_DELETING',
  CLUSTER_NOT_READY: 'CLUSTER_NOT_READY',
  CLUSTER_UNSCHEDULABLE: 'CLUSTER_UNSCHEDULABLE',
  EVICTED: 'EVICTED',
  FINISHED_THERE: 'FINISHED_THERE',
  COMPLETIONS_FIXED: 'COMPLETIONS_FIXED',
  NO_USABLE_NODE: 'NO_USABLE_NODE',
  NO_NODE_MATCHES: 'NO_NODE_MATCHES',
  INSUFFICIENT_RESOURCES: 'INSUFFICIENT_RESOURCES',
  /** Replicas wait although no single cluster's refusal says it all. */
  NO_CLUSTERS: 'NO_CLUSTERS',
  NO_CLUSTER_MATCHES: 'NO_CLUSTER_MATCHES',
  INVALID_REQUESTS: 'INVALID_REQUESTS',
  ALL_OR_NOTHING: 'ALL_OR_NOTHING',
  /** Queues: the quota is used up, others go first, the rest of the gang is not there or finds no place. */
  QUOTA_EXCEEDED: 'QUOTA_EXCEEDED',
  GANG_INCOMPLETE: 'GANG_INCOMPLETE',
  GANG_DOES_NOT_FIT: 'GANG_DOES_NOT_FIT',
  /** What is free there is for who comes first. */
  ROOM_KEPT: 'ROOM_KEPT',
  /** It was displaced by one of higher priority. */
  PREEMPTED: 'PREEMPTED',
  /** Others leave to make room for it. */
  PREEMPTING: 'PREEMPTING',
  /** It would rather wait than pay. */
  TOO_DEAR_YET: 'TOO_DEAR_YET',
  CHEAPER_ELSEWHERE: 'CHEAPER_ELSEWHERE',
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

const texts: ReadonlyMap<string, string> = new Map(Object.values(Reason).map((reason) => [reason, reason]));

/** The same reason, in memory once however often it was read. */
export const sharedReason = (reason: string | undefined): string | undefined =>
  reason === undefined ? undefined : (texts.get(reason) ?? reason);

/** Waiting for this ends only when the workload itself is changed. */
export const isPermanent = (reason: string | undefined): boolean => reason === Reason.INVALID_REQUESTS;
