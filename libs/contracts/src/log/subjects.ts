/**
 * The names on NATS. One JetStream stream; each writer role owns one subject in it (ARCHITECTURE.md, "The log").
 * Cluster names are DNS labels (see kinds/names.ts), so they are safe as subject tokens.
 */
export const STREAM = 'SKYFLOW';

/** Subjects that the stream stores. */
export const STREAM_SUBJECTS = ['sky.cmd.*', 'sky.evt.*', 'sky.work.*', 'sky.obs.*'] as const;

/** Services that decide; each has at most one active instance, chosen by a lease of this name. */
export type Decider = 'scheduler' | 'mesh' | 'provisioner';

/** What users asked for. Written by gateways. */
export const commandSubject = (shard = 0): string => `sky.cmd.${shard}`;
/** What a service decided. Written by its active instance. */
export const decisionSubject = (decider: Decider): string => `sky.evt.${decider}`;
/** What one cluster must have from now on. Written by the active scheduler. */
export const workSubject = (cluster: string): string => `sky.work.${cluster}`;
/** What changed in one cluster. Written by its agent. */
export const observationSubject = (cluster: string): string => `sky.obs.${cluster}`;

/**
 * Stream of checkpoints: what the folds of the log had made of it when older history was purged, so that services can start without it.
 * In pieces, each on a subject of its own; which of them counts is said by the log's stream itself.
 */
export const CHECKPOINT_STREAM = 'SKYFLOW_CHECKPOINT';
const CHECKPOINT_PREFIX = 'sky-checkpoint';
export const CHECKPOINT_SUBJECTS = [`${CHECKPOINT_PREFIX}.>`] as const;
/** All of one checkpoint. */
export const checkpointSubjects = (id: string): string => `${CHECKPOINT_PREFIX}.${id}.>`;
/** What is in it. */
export const checkpointIndexSubject = (id: string): string => `${CHECKPOINT_PREFIX}.${id}.index`;
/** One piece of one fold; `part` is its place in the index. */
export const checkpointPieceSubject = (id: string, part: number, piece: number): string =>
  `${CHECKPOINT_PREFIX}.${id}.part.${part}.${piece}`;
/** Something of purged history that is needed as it is, by its name. */
export const checkpointKeptSubject = (id: string, name: string): string => `${CHECKPOINT_PREFIX}.${id}.kept.${name}`;
/** Name of an entry that is kept, by its position in the log. */
export const keptEntryName = (position: number): string => `entry.${position}`;
/** Name of the pod templates that a workload has had. */
export const keptRevisionsName = (uid: string): string => `revisions.${uid}`;

/** KV bucket of leases (key: the decider's or agent's lease name). */
export const LEASE_BUCKET = 'SKYFLOW_LEASES';
/** KV bucket of coordination.k8s.io Leases, which are not part of the log. */
export const LEASE_OBJECT_BUCKET = 'SKYFLOW_COORDINATION';

/** Core NATS, not stored: an agent's sign of life. */
export const heartbeatSubject = (cluster: string): string => `sky.hb.${cluster}`;
/** Core NATS, not stored: a service's sign of life. */
export const serviceHeartbeatSubject = (service: string): string => `sky.svc.${service}`;
/** Core NATS, not stored: what SkyFlow's own pods take of each node. */
export const nodeUsageSubject = (cluster: string): string => `sky.usage.${cluster}`;
/** Core NATS, request-reply to the agent of a cluster. */
export const agentRequestSubject = (cluster: string, verb: AgentVerb): string => `sky.agent.${cluster}.${verb}`;
/** Requests that an agent answers. */
export type AgentVerb = 'pods' | 'logs' | 'connect' | 'events' | 'mesh';
/** Core NATS, request-reply from the agent of a cluster to a gateway: the key of a sealed Secret that its work refers to. */
export const unsealSubject = (cluster: string): string => `sky.unseal.${cluster}`;
/** Before the random part of every inbox of a service: replies to its own requests. Agents have inboxes in an account of their own. */
export const inboxPrefix = (service: string): string => `_INBOX.${service}`;
/**
 * Core NATS, between a gateway and the agent of a cluster while a stream of theirs is open: bytes of the agent go up, what the gateway
 * has to say goes down. Both subjects are told by one id, so that neither side needs an inbox that the other could not be let into.
 */
export const linkUpSubject = (cluster: string, id: string): string => `sky.link.${cluster}.up.${id}`;
export const linkDownSubject = (cluster: string, id: string): string => `sky.link.${cluster}.down.${id}`;
/** Core NATS, request-reply from the agent of a cluster to a gateway: to be let read what the log holds for it. */
export const readerSubject = (cluster: string): string => `sky.reader.${cluster}`;
/** Readers that an agent may have at a time. */
export const READERS_PER_AGENT = 4;
/** The consumer that a gateway makes for it; no label of a cluster has an underscore in it. */
export const readerConsumer = (cluster: string, slot: number): string => `agent_${cluster}_${slot}`;

/** Whether a pattern matches a subject: `*` is one token, `>` at the end is one or more. */
export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '>') return tokens.length > i;
    if (i >= tokens.length || (wanted[i] !== '*' && wanted[i] !== tokens[i])) return false;
  }
  return wanted.length === tokens.length;
}
