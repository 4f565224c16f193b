/** What agents say outside the log, over core NATS. Nothing here is durable. */
import { z } from 'zod';
import { READERS_PER_AGENT } from '../log/subjects.js';
import { gatewayStatusSchema } from '../mesh/gateway.js';

/** An agent's sign of life, sent every HEARTBEAT_INTERVAL_MS on `heartbeatSubject`. */
export const heartbeatSchema = z.object({
  cluster: z.string().min(1),
  /** uid of the Cluster object that this agent serves. */
  uid: z.string().min(1),
  /** Process instance of the agent. */
  instance: z.string().min(1),
  at: z.int(),
  /** Whether the cluster's API answered lately, and if not, what it said. */
  reachable: z.boolean(),
  message: z.string().optional(),
  /** Stream sequence of the last work commit that the agent has folded. */
  workSeq: z.int(),
  /** Since when nothing but what belongs to every cluster has run there, ms since the epoch. Absent: something runs, or it is not known. */
  idleSince: z.int().optional(),
  /** Version of the agent. Absent: one from before agents said it. */
  version: z.string().optional(),
  /** Highest feature level that it reads. Absent: one from before there were levels. */
  level: z.int().min(1).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export const HEARTBEAT_INTERVAL_MS = 1_000;

/** Request on `agentRequestSubject(cluster, 'pods')`: pods of SkyFlow's workloads there, from the agent's cache. */
export const podsRequestSchema = z.object({
  namespace: z.string().optional(),
  /** Only pods of this workload. */
  uid: z.string().optional(),
});
export type PodsRequest = z.infer<typeof podsRequestSchema>;

/** Reply: native core/v1 Pods, and when the cache was last known good (ms since the epoch). */
export const podsReplySchema = z.object({
  cluster: z.string(),
  asOf: z.int(),
  pods: z.array(z.looseObject({})),
});
export type PodsReply = z.infer<typeof podsReplySchema>;

/** Request on `agentRequestSubject(cluster, 'events')`: native Events about what SkyFlow made there. */
export const eventsRequestSchema = z.object({
  namespace: z.string().optional(),
  /** Only about this workload and what belongs to it. */
  uid: z.string().optional(),
});
export type EventsRequest = z.infer<typeof eventsRequestSchema>;

/** Reply: native core/v1 Events, each with the uid of the workload that it is about. */
export const eventsReplySchema = z.object({
  cluster: z.string(),
  asOf: z.int(),
  events: z.array(z.looseObject({ workload: z.string().optional() })),
});
export type EventsReply = z.infer<typeof eventsReplySchema>;

/** Request on `agentRequestSubject(cluster, 'logs')`; the bytes come back over an agent-link stream. */
export const logsRequestSchema = z.object({
  namespace: z.string(),
  pod: z.string(),
  container: z.string().optional(),
  follow: z.boolean().optional(),
  tailLines: z.int().min(0).optional(),
  sinceSeconds: z.int().min(1).optional(),
  /** RFC 3339. */
  sinceTime: z.iso.datetime({ offset: true }).optional(),
  limitBytes: z.int().min(1).optional(),
  timestamps: z.boolean().optional(),
  previous: z.boolean().optional(),
});
export type LogsRequest = z.infer<typeof logsRequestSchema>;

/** Subresources of a pod that are a connection in both directions. */
export const podConnections = ['exec', 'attach', 'portforward'] as const;
export type PodConnection = (typeof podConnections)[number];

/**
 * Request on `agentRequestSubject(cluster, 'connect')`: the agent asks the cluster's API for the subresource with the client's
 * own upgrade (WebSocket or SPDY). When the API switches protocols, the head of the agent-link stream is a ConnectReply, and
 * from then on bytes pass both ways as they are: the protocol is between the client and the API.
 */
export const connectRequestSchema = z.object({
  namespace: z.string(),
  pod: z.string(),
  subresource: z.enum(podConnections),
  method: z.enum(['GET', 'POST']),
  /** Parameters as they came: command may be there several times. */
  query: z.string(),
  /** Headers of the upgrade: connection, upgrade, sec-websocket-*, x-stream-protocol-version. */
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});
export type ConnectRequest = z.infer<typeof connectRequestSchema>;

export const connectReplySchema = z.object({
  /** Of the 101 answer; one that came several times is a list. */
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});
export type ConnectReply = z.infer<typeof connectReplySchema>;

/** A service's sign of life, sent every HEARTBEAT_INTERVAL_MS * 5 on `serviceHeartbeatSubject`; the gateway's /status shows it. */
export const serviceHeartbeatSchema = z.object({
  service: z.string().min(1),
  instance: z.string().min(1),
  at: z.int(),
  version: z.string(),
  /** Highest feature level that it reads. Absent: one from before there were levels. */
  level: z.int().min(1).optional(),
  /** Holds the lease of its role; the others are standbys. */
  active: z.boolean(),
  /** Last stream sequence that it has folded. */
  foldedSeq: z.int(),
  /** What is not ready, by part; empty: healthy. */
  failures: z.record(z.string(), z.string()),
});
export type ServiceHeartbeat = z.infer<typeof serviceHeartbeatSchema>;

/**
 * Request on `unsealSubject(cluster)`: the key of a Secret that came with this cluster's work. A gateway answers with the key
 * sealed to the cluster's public key (`ClusterObserved.sealingKey`).
 */
export const unsealRequestSchema = z.object({
  cluster: z.string().min(1),
  /** uid of the Cluster object that the agent serves. */
  uid: z.string().min(1),
  /** The workload whose pods need it. */
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string(), uid: z.string() }),
  /** Name of the Secret, in the namespace of the workload. */
  secret: z.string().min(1),
  /** `kid` and `key` of its {@link SealedData}. */
  kid: z.string(),
  key: z.string(),
});
export type UnsealRequest = z.infer<typeof unsealRequestSchema>;

/** Either the key, or why there is none. */
export const unsealReplySchema = z.union([z.object({ key: z.string() }), z.object({ error: z.string() })]);
export type UnsealReply = z.infer<typeof unsealReplySchema>;

/**
 * Request on `readerSubject(cluster)`, where older history has been purged: a piece of what the fold of this version had made of the
 * cluster's part of it.
 */
export const checkpointRequestSchema = z.object({
  checkpoint: z.object({ fold: z.string().min(1), piece: z.int().min(0) }),
});
export type CheckpointRequest = z.infer<typeof checkpointRequestSchema>;

/**
 * Base64 of the piece and how many there are; or, without `data`, that nothing is there: nothing was purged of this cluster
 * (`folds` is empty), or it is of folds of other versions.
 */
export type CheckpointReply = { data?: string; pieces: number; seq: number; folds: string[] } | { error: string };

/** Request on `readerSubject(cluster)`: a consumer with what the log holds for the cluster. */
export const readerRequestSchema = z.object({
  /** Which of its readers: what is there of an earlier one is given up. */
  slot: z
    .int()
    .min(0)
    .max(READERS_PER_AGENT - 1),
  /** Sequence to begin at; last: only the last commit of each subject. */
  from: z.union([z.int().min(0), z.literal('last')]),
  /** Highest feature level that the agent reads, and its version. Absent: one from before there were levels. */
  level: z.int().min(1).optional(),
  version: z.string().optional(),
});
export type ReaderRequest = z.infer<typeof readerRequestSchema>;

/** What the stream held just before, and the feature level in force; or why there is no reader: `tooOld`, and never will be. */
export type ReaderReply =
  | { consumer: string; head: number; first: number; created?: string; pending: number; last?: number; level?: number }
  | { error: string; tooOld?: true };

/** Request on `readerSubject(cluster)`: which feature level is in force. Only that is answered. */
export const levelRequestSchema = z.object({ level: z.literal('in force') });
export type LevelRequest = z.infer<typeof levelRequestSchema>;
export type LevelReply = { level: number } | { error: string };

/**
 * What SkyFlow's own pods request of each node, sent on `nodeUsageSubject` when it changed and every {@link USAGE_INTERVAL_MS}. It
 * changes with every pod, so it is not in the log. Many nodes come in several parts of the same `at`.
 */
export const nodeUsageSchema = z.object({
  cluster: z.string().min(1),
  /** uid of the Cluster object that the agent serves. */
  uid: z.string().min(1),
  /** When it was counted, ms since the epoch. */
  at: z.int(),
  part: z.int().min(0),
  parts: z.int().min(1),
  /** Nodes with pods of SkyFlow, with what those request, base units. */
  nodes: z.record(z.string(), z.record(z.string(), z.number())),
});
export type NodeUsageReport = z.infer<typeof nodeUsageSchema>;
export const USAGE_INTERVAL_MS = 10_000;

/** Request on `agentRequestSubject(cluster, 'mesh')`: the mesh as this cluster has it. */
export const meshRequestSchema = z.object({
  /** Also connect to endpoints of other clusters now, the way that clients go. */
  tries: z.boolean().optional(),
});

/** Reply: the gateway beside the agent, and attempts where they were asked for. */
export const meshReplySchema = z.object({
  cluster: z.string(),
  /** Absent: no gateway runs here, for the reason of `message`. */
  gateway: gatewayStatusSchema.optional(),
  message: z.string().optional(),
  attempts: z.array(
    z.object({
      /** `namespace/name`. */
      service: z.string(),
      source: z.string(),
      plane: z.string(),
      pod: z.string(),
      /** Where the connection went here. */
      place: z.string(),
      ms: z.number(),
      /** Absent: it arrived. */
      error: z.string().optional(),
    }),
  ),
});
export type MeshReply = z.infer<typeof meshReplySchema>;
