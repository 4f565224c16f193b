/**
 * How a reader of the stream comes to be. Services make a consumer themselves. An agent may not: whoever makes a consumer says what it reads
 * and where it sends it. A gateway makes one for it, about its own cluster only, and the agent may pull from that.
 */
import {
  type CheckpointReply,
  type CheckpointRequest,
  FIRST_LEVEL,
  type ReaderReply,
  type ReaderRequest,
  type LevelReply,
  type LevelRequest,
  READERS_PER_AGENT,
  readerSubject,
} from '@skyflow/contracts';
import { nuid, type NatsConnection } from '@nats-io/transport-node';
import { firstOf } from '../checkpoint/horizon.js';
import { LogUnavailableError } from '../event-log.js';
import { FeatureLevelError } from '../levels/level-in-force.js';
import type { StreamCluster } from './led-stream.js';
import { readingLevel, readingVersion } from '../levels/reading-level.js';

/** From a sequence on, or the last message of each subject. */
export type ReadFrom = number | 'last';

/** What it takes to ask for one: JetStreamApi. */
export interface ReaderApi {
  readonly connection: NatsConnection;
  request<T>(verb: string, body?: unknown): Promise<T>;
  ledInfo<T extends { cluster?: StreamCluster }>(stream: string): Promise<T>;
  ask<T>(subject: string, body: unknown): Promise<T>;
  message(stream: string, which: { last_by_subj: string }): Promise<{ seq: number } | undefined>;
}

export interface OpenedReader {
  /** Name of the consumer to pull from. */
  consumer: string;
  /** Last and first sequence of the stream, just before. */
  head: number;
  first: number;
  /** When the stream was made, which tells it from one that took its place; absent: an older gateway does not say. */
  created?: string;
  /** Messages that match, as the node counts them that the consumer is on. */
  pending: number;
  /**
   * Last sequence that matches, as the stream's leader has it, where several nodes hold the stream: the one that the consumer is on may be
   * behind. 0: there is none. Absent: there is one node, or an older gateway does not say.
   */
  last?: number;
  /** Asks for `last` again; absent where `last` is. @throws LogUnavailableError, JetStreamRefusal */
  lastNow?: () => Promise<number>;
  /** Tells the server that it is not needed any more; absent: it finds out. */
  forget?: () => void;
}

export interface Readers {
  /** @throws LogUnavailableError, JetStreamRefusal */
  open(api: ReaderApi, stream: string, from: ReadFrom, subjects: readonly string[]): Promise<OpenedReader>;
}

/** The server deletes a consumer that nobody asked for this long. */
const INACTIVE_MS = 10_000;
const NS_PER_MS = 1_000_000;

/** A consumer of one's own. */
export const ownReaders: Readers = {
  async open(api, stream, from, subjects) {
    const opened = await createReader(api, stream, `sky_${nuid.next()}`, from, subjects);
    const lastNow = async (): Promise<number> => {
      await api.ledInfo(stream);
      return lastOf(api, stream, subjects);
    };
    return {
      ...opened,
      ...(opened.last === undefined ? {} : { lastNow }),
      // No answer is awaited: a consumer that is not deleted now is deleted for inactivity.
      forget: () => api.connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${opened.consumer}`),
    };
  },
};

export async function createReader(
  api: ReaderApi,
  stream: string,
  name: string,
  from: ReadFrom,
  subjects: readonly string[],
): Promise<OpenedReader> {
  const info = await api.ledInfo<{
    cluster?: StreamCluster;
    config: { num_replicas: number } & Record<string, unknown>;
    created: string;
    state: { first_seq: number; last_seq: number };
  }>(stream);
  const last = info.config.num_replicas > 1 ? await lastOf(api, stream, subjects) : undefined;
  const start =
    from === 'last'
      ? { deliver_policy: 'last_per_subject' }
      : { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, from) };
  const { num_pending } = await api.request<{ num_pending: number }>(`CONSUMER.CREATE.${stream}.${name}`, {
    stream_name: stream,
    action: 'create',
    config: {
      name,
      ...start,
      ack_policy: 'none',
      max_deliver: 1,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: INACTIVE_MS * NS_PER_MS,
      ...(subjects.length === 0 ? {} : { filter_subjects: subjects }),
    },
  });
  return {
    consumer: name,
    head: info.state.last_seq,
    first: firstOf(info),
    created: info.created,
    pending: num_pending,
    ...(last === undefined ? {} : { last }),
  };
}

/** What the leader answers, and no other node. */
async function lastOf(api: ReaderApi, stream: string, subjects: readonly string[]): Promise<number> {
  const lasts = (subjects.length === 0 ? ['>'] : subjects).map((subject) =>
    api.message(stream, { last_by_subj: subject }),
  );
  return Math.max(...(await Promise.all(lasts)).map((message) => message?.seq ?? 0));
}

/** Readers that a gateway makes for the agent of `cluster`: of what is in the log for it, whatever subjects are asked for. */
export function grantedReaders(cluster: string): Readers {
  let next = Math.floor(Math.random() * READERS_PER_AGENT);
  return {
    async open(api, _stream, from) {
      next = (next + 1) % READERS_PER_AGENT;
      const request: ReaderRequest = { slot: next, from, level: readingLevel(), version: readingVersion() };
      const reply = await api.ask<ReaderReply>(readerSubject(cluster), request);
      if ('error' in reply && reply.tooOld === true) throw new FeatureLevelError(reply.error);
      if ('error' in reply) throw new LogUnavailableError(`no reader of the log for ${cluster}: ${reply.error}`);
      return reply;
    },
  };
}

/** The feature level in force, as a gateway says it; an older gateway does not know the question. @throws LogUnavailableError */
export async function grantedLevel(api: ReaderApi, cluster: string): Promise<number> {
  const reply = await api.ask<LevelReply>(readerSubject(cluster), { level: 'in force' } satisfies LevelRequest);
  return 'error' in reply ? FIRST_LEVEL : reply.level;
}

/** A piece of the checkpoint of a cluster's part of the log, from a gateway. @throws LogUnavailableError */
export async function grantedCheckpointPiece(
  api: ReaderApi,
  cluster: string,
  fold: string,
  piece: number,
): Promise<{ data?: Uint8Array; pieces: number; folds: readonly string[] }> {
  const request: CheckpointRequest = { checkpoint: { fold, piece } };
  const reply = await api.ask<CheckpointReply>(readerSubject(cluster), request);
  if ('error' in reply) throw new LogUnavailableError(`no checkpoint of the log for ${cluster}: ${reply.error}`);
  const { data, pieces, folds } = reply;
  return { ...(data === undefined ? {} : { data: Buffer.from(data, 'base64') }), pieces, folds };
}
