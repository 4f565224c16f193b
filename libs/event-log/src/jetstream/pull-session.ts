/**
 * One ephemeral consumer, read from a sequence on: what `follow` and `read` stand on.
 *
 * A session delivers messages in order and without a gap, or ends as lost; it never repairs itself. Whoever uses it opens another
 * one at the next sequence. It is lost when the connection is, when its consumer is gone, when a delivery is missing, when the
 * server was silent for longer than two heartbeats, or when the node that its consumer is on has nothing to deliver and is still behind. Heartbeats
 * do not say that: a node that is cut off from the others sends them, too. So where several nodes hold the stream, its leader is asked in a pause.
 * Requests for more are sent ahead, bounded by what the reader has not taken yet.
 */
import type { Msg, Subscription } from '@nats-io/transport-node';
import { LogUnavailableError } from '../event-log.js';
import { newInbox, type JetStreamApi } from './jetstream-api.js';
import { parseDelivery } from './delivery.js';
import type { OpenedReader, ReadFrom } from './readers.js';
import { storedAtOf } from './restored.js';

/** A message as it was delivered; `data` is a view that stays valid. */
export interface Delivered {
  seq: number;
  subject: string;
  storedAt: number;
  data: Uint8Array;
}

const PULL_MESSAGES = 5_000;
const PULL_BYTES = 16 * 1024 * 1024;
const BUFFERED_BYTES = 4 * 1024 * 1024;
const EXPIRES_MS = 5_000;
const HEARTBEAT_MS = 500;
const SILENCE_MS = 3 * HEARTBEAT_MS;
/** How long a node that is behind may bring nothing: another may have more, or what is waited for has been purged meanwhile. */
const BEHIND_MS = 5_000;
/** After so long without a delivery it is asked whether there is more. */
const PAUSE_MS = 5_000;
const NS_PER_MS = 1_000_000;

export class PullSession {
  readonly #api: JetStreamApi;
  readonly #stream: string;
  readonly #inbox: string;
  readonly #watchdog: NodeJS.Timeout;
  readonly #closing = new AbortController();
  #reader: OpenedReader | undefined;
  #subscription: Subscription | undefined;
  #buffer: Delivered[] = [];
  /** A former buffer that is being handed out, up to index `#taken`. */
  #taking: Delivered[] = [];
  #taken = 0;
  #bufferedBytes = 0;
  /** Messages that the server may still send for requests made. */
  #asked = 0;
  #lastConsumerSeq = 0;
  #lastSignOfLife = performance.now();
  /** Since when what is missing has not come: from the last delivery on, or from when it was known to be missing. */
  #lastDelivery = performance.now();
  #askedWhetherMore = performance.now();
  /** How many messages were handed out, and where the last one is; at first, up to where there was nothing to hand out. */
  #handedOut = 0;
  #reached = 0;
  #ended: Error | undefined;
  #wake: (() => void) | undefined;
  /** See OpenedReader. */
  #pending = 0;
  #last = 0;
  /** Last sequence and first sequence of the stream, just before the session was opened. */
  head = 0;
  first = 0;
  /** See OpenedReader. */
  created: string | undefined;

  private constructor(api: JetStreamApi, stream: string) {
    this.#api = api;
    this.#stream = stream;
    this.#inbox = newInbox(api.connection);
    this.#watchdog = setInterval(() => this.#watch(), HEARTBEAT_MS);
  }

  /** @throws LogUnavailableError, JetStreamRefusal */
  static async open(
    api: JetStreamApi,
    stream: string,
    from: ReadFrom,
    subjects: readonly string[],
  ): Promise<PullSession> {
    const session = new PullSession(api, stream);
    try {
      await session.#start(from, subjects);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /**
   * The messages that have arrived, at least one; waits for them. Empty: the wait was aborted.
   * @throws LogUnavailableError when the session is lost and everything that came before was taken.
   */
  async take(mostMessages: number, signal: AbortSignal): Promise<Delivered[]> {
    while (this.#taken === this.#taking.length) {
      if (this.#buffer.length > 0) {
        [this.#taking, this.#buffer, this.#taken] = [this.#buffer, [], 0];
        break;
      }
      if (signal.aborted) return [];
      if (this.#ended !== undefined) throw this.#ended;
      await this.#nextArrival(signal);
    }
    const taken = this.#taking.slice(this.#taken, this.#taken + mostMessages);
    this.#taken += taken.length;
    for (const { data } of taken) this.#bufferedBytes -= data.byteLength;
    this.#handedOut += taken.length;
    this.#reached = taken.at(-1)?.seq ?? this.#reached;
    this.#ask();
    return taken;
  }

  /**
   * Whether everything that matched up to `head` has been handed out. What was pending counts, so neither a filter nor writers that never pause
   * hide the moment; but the node that counted may itself be behind the stream.
   */
  get hasCaughtUp(): boolean {
    return this.#reached >= this.#last && (this.#reached >= this.head || this.#handedOut >= this.#pending);
  }

  /** Ends the session and tells the server to forget its consumer. */
  close(): void {
    clearInterval(this.#watchdog);
    this.#closing.abort();
    if (this.#subscription === undefined) return;
    this.#subscription.unsubscribe();
    this.#subscription = undefined;
    this.#end(new LogUnavailableError('the session is closed'));
    if (this.#api.state.connected) this.#reader?.forget?.();
  }

  get #name(): string {
    return this.#reader?.consumer ?? '';
  }

  async #start(from: ReadFrom, subjects: readonly string[]): Promise<void> {
    this.#reader = await this.#api.readers.open(this.#api, this.#stream, from, subjects);
    ({ head: this.head, first: this.first, created: this.created, pending: this.#pending } = this.#reader);
    this.#last = this.#reader.last ?? 0;
    this.#reached = from === 'last' ? 0 : from - 1;
    const { lost } = this.#api.state;
    lost.addEventListener('abort', () => this.#end(lost.reason as Error), { signal: this.#closing.signal });
    if (lost.aborted) this.#end(lost.reason as Error);
    this.#subscription = this.#api.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error !== null) this.#end(new LogUnavailableError(error.message, { cause: error }));
        else this.#receive(message);
      },
    });
    this.#lastSignOfLife = performance.now();
    this.#lastDelivery = this.#lastSignOfLife;
    this.#ask();
  }

  #ask(): void {
    if (this.#ended !== undefined || this.#asked > PULL_MESSAGES / 2 || this.#bufferedBytes > BUFFERED_BYTES) return;
    if (this.#asked === 0) this.#lastSignOfLife = performance.now();
    this.#asked += PULL_MESSAGES;
    this.#api.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#name}`,
      JSON.stringify({
        batch: PULL_MESSAGES,
        max_bytes: PULL_BYTES,
        expires: EXPIRES_MS * NS_PER_MS,
        idle_heartbeat: HEARTBEAT_MS * NS_PER_MS,
      }),
      { reply: this.#inbox },
    );
  }

  #receive(message: Msg): void {
    if (this.#ended !== undefined) return;
    this.#lastSignOfLife = performance.now();
    const { data, reply = '' } = message;
    if (data.byteLength === 0 && reply === '') {
      this.#receiveStatus(message);
      return;
    }
    const delivery = parseDelivery(reply);
    if (delivery?.consumerSeq !== this.#lastConsumerSeq + 1) {
      this.#end(new LogUnavailableError(`a delivery of consumer ${this.#name} is missing`));
      return;
    }
    this.#lastConsumerSeq++;
    this.#lastDelivery = this.#lastSignOfLife;
    this.#asked--;
    this.#bufferedBytes += data.byteLength;
    const { streamSeq: seq } = delivery;
    const storedAt = (seq <= this.#api.restoredTo ? storedAtOf(message.headers) : undefined) ?? delivery.storedAt;
    this.#buffer.push({ seq, subject: message.subject, storedAt, data });
    this.#ask();
    this.#signal();
  }

  /** Statuses are empty messages: 100 heartbeat, 404/408 request ended, 409 request or consumer ended, 503 nobody there. */
  #receiveStatus(message: Msg): void {
    const status = message.headers?.code ?? 0;
    if (status === 100) return;
    const description = message.headers?.description ?? '';
    const requestEnded =
      status === 404 || status === 408 || (status === 409 && /max_?bytes|batch completed/i.test(description));
    if (!requestEnded) {
      this.#end(new LogUnavailableError(`consumer ${this.#name} ended: ${status} ${description}`.trimEnd()));
      return;
    }
    const left = Number(message.headers?.get('Nats-Pending-Messages') ?? '');
    this.#asked = Number.isSafeInteger(left) && left > 0 ? Math.max(0, this.#asked - left) : 0;
    this.#ask();
  }

  #watch(): void {
    void this.#askWhetherMore();
    if (this.#silentMs() <= SILENCE_MS && this.#behindMs() <= BEHIND_MS) return;
    // If this process was busy, what the server sent is read only now, after the timers.
    setImmediate(() => {
      const silentMs = this.#silentMs();
      const behindMs = this.#behindMs();
      if (silentMs > SILENCE_MS) {
        this.#end(new LogUnavailableError(`consumer ${this.#name} has been silent for ${Math.round(silentMs)} ms`));
      } else if (behindMs > BEHIND_MS) {
        this.#end(
          new LogUnavailableError(
            `consumer ${this.#name} has brought nothing for ${Math.round(behindMs)} ms and is at ${this.#reached}, ` +
              `and there is more up to ${Math.max(this.#last, this.head)}`,
          ),
        );
      }
    });
  }

  async #askWhetherMore(): Promise<void> {
    const now = performance.now();
    const quietSince = Math.max(this.#lastDelivery, this.#askedWhetherMore);
    if (this.#ended !== undefined || !this.hasCaughtUp || now - quietSince < PAUSE_MS) return;
    this.#askedWhetherMore = now;
    try {
      const last = (await this.#reader?.lastNow?.()) ?? 0;
      if (last <= this.#last) return;
      this.#last = last;
      this.#lastDelivery = performance.now();
    } catch (error) {
      this.#end(
        new LogUnavailableError(`whether there is more cannot be known: ${messageOf(error)}`, { cause: error }),
      );
    }
  }

  /** How long nothing has come that could be handed out, while something is missing. */
  #behindMs(): number {
    const isWaiting = this.#buffer.length === 0 && this.#taken === this.#taking.length && !this.hasCaughtUp;
    return isWaiting ? performance.now() - this.#lastDelivery : 0;
  }

  #silentMs(): number {
    return this.#asked > 0 ? performance.now() - this.#lastSignOfLife : 0;
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    this.#signal();
  }

  #signal(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #nextArrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        signal.removeEventListener('abort', resume);
        resolve();
      };
      this.#wake = resume;
      signal.addEventListener('abort', resume, { once: true });
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
