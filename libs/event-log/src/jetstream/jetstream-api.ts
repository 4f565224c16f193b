/**
 * JetStream's request-reply API over a plain NATS connection: a few JSON requests and publishes with acknowledgement.
 *
 * Our own and small, because the client library's consumers and KV hide what the log depends on: which request may be retried,
 * when a read is answered by the leader, and how long a silent server is waited for.
 */
import {
  createInbox,
  NoRespondersError,
  RequestError,
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node';
import { untilAborted } from '../backoff.js';
import { LogUnavailableError } from '../event-log.js';
import { ConnectionState } from './connection-state.js';
import { DeafNode } from './deaf-node.js';
import { insist } from './insist.js';
import { isLed, ledAnswer, type StreamCluster } from './led-stream.js';
import { Patience } from './patience.js';
import { ownReaders, type Readers } from './readers.js';
import { storedAtIn } from './restored.js';

/** Error codes of nats-server (server/errors.json) that the log reacts to. */
export const errorCode = {
  wrongLastSequence: 10071,
  wrongLastSequenceUnknown: 10164,
  duplicateInProcess: 10158,
  noMessageFound: 10037,
  streamNotFound: 10059,
  streamNameInUse: 10058,
  temporarilyUnavailable: 10008,
  jetStreamNotEnabled: 10076,
  jetStreamNotEnabledForAccount: 10039,
} as const;

/** The server's refusal. */
export class JetStreamRefusal extends Error {
  override readonly name = 'JetStreamRefusal';
  constructor(
    /** HTTP-like. */
    readonly status: number,
    /** One of nats-server's error codes. */
    readonly code: number,
    readonly description: string,
  ) {
    super(`${description} (${code})`);
  }
}

export interface PublishAck {
  stream: string;
  seq: number;
  duplicate?: boolean;
}

/** A message read back by sequence or as the last of its subject, from the stream's leader. */
export interface StoredMessage {
  subject: string;
  seq: number;
  data: Uint8Array;
  /** The raw header block. */
  headers: string;
  storedAt: number;
}

export interface PublishOptions {
  messageId?: string;
  /** Stream sequence of the last message on the subject; 0: there must be none. */
  lastSubjectSequence: number;
  stream: string;
  headers?: readonly (readonly [string, string])[];
  /** W3C trace context, for whoever follows the stream with tools of its own; entries have theirs. */
  traceparent?: string | undefined;
}

/** A new inbox where this connection may have one: under the prefix that it was made with. */
export const newInbox = (connection: NatsConnection): string =>
  createInbox((connection as { options?: { inboxPrefix?: string } }).options?.inboxPrefix);

const API_TIMEOUT_MS = 5_000;
/** Commits by the million are removed. */
const LONG_WORK_MS = 120_000;

export class JetStreamApi {
  readonly connection: NatsConnection;
  readonly state: ConnectionState;
  readonly #patience = new Patience();
  readonly #node: DeafNode;
  /** Up to this sequence commits say themselves when they were stored; see restored.ts. */
  restoredTo = 0;

  /** @param readers how readers of a stream come to be */
  constructor(
    connection: NatsConnection,
    readonly readers: Readers = ownReaders,
  ) {
    this.connection = connection;
    this.state = new ConnectionState(connection);
    this.#node = new DeafNode(connection);
  }

  /**
   * What is asked here may be asked again, and is, when its answer is late: see {@link Patience}.
   * @throws JetStreamRefusal, LogUnavailableError
   */
  async request<T>(verb: string, body?: unknown, timeoutMs = API_TIMEOUT_MS): Promise<T> {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const reply = await this.#insistently(timeoutMs, (ms) =>
      this.#ofStreams(this.#roundTrip(`$JS.API.${verb}`, payload, undefined, ms)),
    );
    return parseReply(reply) as T;
  }

  /**
   * STREAM.INFO of a leader that is to be believed, see {@link isLed}: nothing that anybody was acknowledged before it was asked is missing in it.
   * @throws JetStreamRefusal, LogUnavailableError
   */
  async ledInfo<T extends { cluster?: StreamCluster }>(stream: string): Promise<T> {
    const isBelieved = (reply: Msg): boolean => isLed(reply.json<{ cluster?: StreamCluster }>().cluster ?? {});
    return ledAnswer(stream, async () => {
      const reply = await this.#insistently(API_TIMEOUT_MS, (ms) =>
        this.#ofStreams(this.#roundTrip(`$JS.API.STREAM.INFO.${stream}`, '', undefined, ms), isBelieved),
      );
      return parseReply(reply) as T;
    });
  }

  /** What takes the server long, and is not to be begun twice: asked once, and waited for. @throws JetStreamRefusal, LogUnavailableError */
  async carryOut<T>(verb: string, body?: unknown, timeoutMs = LONG_WORK_MS): Promise<T> {
    const payload = body === undefined ? '' : JSON.stringify(body);
    return parseReply(await this.#roundTrip(`$JS.API.${verb}`, payload, undefined, timeoutMs)) as T;
  }

  /** A question to another service than JetStream. @throws LogUnavailableError */
  async ask<T>(subject: string, body: unknown, timeoutMs = API_TIMEOUT_MS): Promise<T> {
    const reply = await this.#roundTrip(subject, JSON.stringify(body), undefined, timeoutMs);
    return reply.json<T>();
  }

  /**
   * Publishes and waits for the stream's acknowledgement. With a `messageId`, by which the stream knows it again, it is published again when
   * the acknowledgement is late; without, it is not: whoever asked looks at what came of it. @throws JetStreamRefusal, LogUnavailableError
   */
  async publish(
    subject: string,
    payload: Uint8Array | string,
    options: PublishOptions,
    timeoutMs: number,
  ): Promise<PublishAck> {
    const sent = headers();
    if (options.messageId !== undefined) sent.set('Nats-Msg-Id', options.messageId);
    sent.set('Nats-Expected-Last-Subject-Sequence', String(options.lastSubjectSequence));
    sent.set('Nats-Expected-Stream', options.stream);
    for (const [name, value] of options.headers ?? []) sent.set(name, value);
    if (options.traceparent !== undefined) sent.set('traceparent', options.traceparent);
    const ask = (ms: number): Promise<Msg> => this.#ofStreams(this.#roundTrip(subject, payload, sent, ms));
    const reply = await (options.messageId === undefined
      ? this.#once(timeoutMs, ask)
      : this.#insistently(timeoutMs, ask));
    return parseReply(reply) as PublishAck;
  }

  /** Undefined if there is no such message. */
  async message(
    stream: string,
    which: { seq: number; next_by_subj?: string } | { last_by_subj: string },
  ): Promise<StoredMessage | undefined> {
    try {
      const { message } = await this.request<{
        message: { subject: string; seq: number; data?: string; hdrs?: string; time: string };
      }>(`STREAM.MSG.GET.${stream}`, which);
      const headers = Buffer.from(message.hdrs ?? '', 'base64').toString();
      return {
        subject: message.subject,
        seq: message.seq,
        data: Buffer.from(message.data ?? '', 'base64'),
        headers,
        storedAt: storedAtIn(headers) ?? Date.parse(message.time),
      };
    } catch (error) {
      if (error instanceof JetStreamRefusal && error.code === errorCode.noMessageFound) return undefined;
      throw error;
    }
  }

  #insistently(withinMs: number, ask: (ms: number) => Promise<Msg>): Promise<Msg> {
    return insist({ ask, isUnderWay, withinMs }, this.#patience);
  }

  /** For as long as answers take. */
  async #once(mostMs: number, ask: (ms: number) => Promise<Msg>): Promise<Msg> {
    const askedAt = performance.now();
    const reply = await ask(this.#patience.within(mostMs));
    this.#patience.answered(performance.now() - askedAt);
    return reply;
  }

  /** A question about streams is answered wherever there is a leader: who has no answer to any for long is left. */
  async #ofStreams(asked: Promise<Msg>, isAnswer = (_: Msg): boolean => true): Promise<Msg> {
    const askedAt = performance.now();
    try {
      const reply = await asked;
      if (isWithoutLeader(reply) || !isAnswer(reply)) this.#node.unanswered(askedAt);
      else this.#node.answered();
      return reply;
    } catch (error) {
      if (this.state.connected) this.#node.unanswered(askedAt);
      throw error;
    }
  }

  async #roundTrip(
    subject: string,
    payload: Uint8Array | string,
    sent: MsgHdrs | undefined,
    timeoutMs: number,
  ): Promise<Msg> {
    const { lost } = this.state;
    // A request made while disconnected would wait in the client's buffer and reach the server long after its caller gave up.
    if (lost.aborted) throw lost.reason as LogUnavailableError;
    const options = sent === undefined ? { timeout: timeoutMs } : { timeout: timeoutMs, headers: sent };
    try {
      return await untilAborted(this.connection.request(subject, payload, options), lost);
    } catch (error) {
      if (error instanceof LogUnavailableError) throw error;
      throw new LogUnavailableError(`${subject}: ${reasonOf(error, timeoutMs)}`, { cause: error });
    }
  }
}

interface Refused {
  error?: { code: number; err_code?: number; description: string };
}

/** Longer replies hold a message. */
const MOST_ERROR_BYTES = 1_024;

/** Of a node that has JetStream, but no leader for a moment. */
const isWithoutLeader = (reply: Msg): boolean =>
  reply.data.byteLength < MOST_ERROR_BYTES && errorCodeOf(reply) === errorCode.temporarilyUnavailable;

const isUnderWay = (reply: Msg): boolean => errorCodeOf(reply) === errorCode.duplicateInProcess;

const errorCodeOf = (reply: Msg): number | undefined => reply.json<Refused>().error?.err_code;

function parseReply(reply: Msg): unknown {
  const parsed = reply.json<Refused>();
  if (parsed.error?.err_code === errorCode.temporarilyUnavailable) {
    // Of a cluster without a leader, for a moment.
    throw new LogUnavailableError(parsed.error.description);
  }
  if (parsed.error !== undefined) {
    throw new JetStreamRefusal(parsed.error.code, parsed.error.err_code ?? 0, parsed.error.description);
  }
  return parsed;
}

/** Whether nobody listens on the subject: JetStream is off, or still starting. */
export const isNoResponders = (error: unknown): boolean =>
  error instanceof NoRespondersError ||
  (error instanceof RequestError && error.isNoResponders()) ||
  (error instanceof Error && error.cause !== undefined && isNoResponders(error.cause));

function reasonOf(error: unknown, timeoutMs: number): string {
  if (isNoResponders(error)) return 'JetStream does not answer (off, starting, or without a leader)';
  const message = error instanceof Error ? error.message : String(error);
  return message === 'timeout' ? `no answer within ${timeoutMs} ms` : message;
}
