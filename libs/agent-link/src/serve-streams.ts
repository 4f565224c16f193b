/**
 * The agent's end: answers each request on a subject with a stream of bytes, any number at once.
 *
 * Promised: never more than the client granted is on its way, so a slow client holds back the source instead of filling
 * memory; a client that leaves, aborts or dies ends the handler's work by its signal; an error of the handler reaches the
 * client as code and message. A request without the link's header gets everything in one plain reply.
 */
import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { followSpan } from '@skyflow/telemetry';
import { downOf, questionOn } from './addresses.js';
import { decodeFrame, encodeFrame, type Frame } from './frames.js';
import { Incoming } from './incoming.js';
import { AgentLinkError, faultOf, STREAM_BROKEN } from './link-error.js';
import {
  ALIVE_MS,
  ERROR_CODE_HEADER,
  ERROR_HEADER,
  INPUT_HEADER,
  LINK_HEADER,
  SILENCE_MS,
  TRACE_HEADER,
  WINDOW_BYTES,
  WINDOW_HEADER,
  type LinkTimes,
} from './link-options.js';
import { Outgoing } from './outgoing.js';
import { Silence } from './silence.js';

/**
 * Gives the bytes of one request. Until its promise settles the request may be refused by throwing (a numeric `code` 400–599
 * is passed on as it is); afterwards an error ends the stream. `signal` aborts when nobody wants the bytes any more.
 * `input` gives what the client sends (nothing, if it sends nothing): no more than a window of it waits here, and it throws
 * when the stream is over.
 */
export type StreamHandler = (
  request: unknown,
  signal: AbortSignal,
  input: AsyncIterable<Uint8Array>,
) => Promise<Served>;

/** The bytes of an answer. */
export interface Served extends AsyncIterable<Uint8Array> {
  /** What the client is told before the first byte (JSON). */
  head?: unknown;
}

export interface ServeOptions extends LinkTimes {
  /** Stops serving: takes no more requests and ends those under way. */
  signal: AbortSignal;
  /** Bytes of a client's input that may wait for the handler. */
  inputWindowBytes?: number;
}

const NO_INPUT: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

/** Serves until the signal aborts; resolves when every stream has ended. */
export async function serveStreams(
  nc: NatsConnection,
  subject: string,
  handler: StreamHandler,
  options: ServeOptions,
): Promise<void> {
  const streams = new Set<Promise<void>>();
  const subscription = nc.subscribe(subject, {
    callback: (error, message) => {
      if (error !== null || message.reply === undefined || message.reply === '') return;
      const work = message.headers?.has(LINK_HEADER)
        ? new ServedStream(nc, message, options).run(handler)
        : replyPlainly(nc, message, handler, options.signal);
      streams.add(work);
      void work.finally(() => streams.delete(work));
    },
  });
  await aborted(options.signal);
  subscription.unsubscribe();
  await Promise.all(streams);
}

class ServedStream {
  private readonly stop = new AbortController();
  private readonly control: string;
  /** Both sides know where the other listens, so that frames need not say it. */
  private readonly isLink: boolean;
  private readonly inbox: string;
  private readonly outgoing: Outgoing;
  private readonly input: Incoming;
  private readonly silence: Silence;
  private spokeAt = performance.now();

  constructor(
    private readonly nc: NatsConnection,
    private readonly message: Msg,
    private readonly options: ServeOptions,
  ) {
    this.inbox = message.reply ?? '';
    const down = downOf(this.inbox);
    this.isLink = down !== undefined;
    this.control = down ?? createInbox();
    this.silence = new Silence(options.silenceMs ?? SILENCE_MS, options.aliveMs ?? ALIVE_MS);
    const window = Number(message.headers?.get(WINDOW_HEADER));
    const credit = Number.isFinite(window) && window > 0 ? window : WINDOW_BYTES;
    this.outgoing = new Outgoing((frame) => this.send(frame), this.stop.signal, credit);
    this.input = new Incoming({
      windowBytes: options.inputWindowBytes ?? WINDOW_BYTES,
      grant: (bytes) => this.send({ type: 'credit', bytes }),
      // What the client sends beyond its credit waits at the client; the handler just does not read it.
      onLeft: () => undefined,
    });
    if (message.headers?.has(INPUT_HEADER) !== true) this.input.finish('end');
  }

  async run(handler: StreamHandler): Promise<void> {
    const subscription = this.nc.subscribe(this.control, {
      callback: (error, message) => this.receive(error, message),
    });
    const ticker = setInterval(() => {
      this.tick();
    }, this.options.aliveMs ?? ALIVE_MS);
    const end = (): void => {
      this.end(new AgentLinkError('503', 'the agent is stopping; try again'));
    };
    if (this.options.signal.aborted) end();
    this.options.signal.addEventListener('abort', end, { once: true });
    // Tells the client where to send credit, before a handler that takes its time.
    this.send({ type: 'alive' });
    this.input.grant();
    const { signal } = this.stop;
    try {
      await this.traced(async () => {
        const bytes = await handler(parseRequest(this.message), signal, this.input);
        this.send(bytes.head === undefined ? { type: 'opened' } : { type: 'opened', head: bytes.head });
        await this.outgoing.pump(bytes);
      });
    } catch (error) {
      if (!signal.aborted) this.send({ type: 'error', ...faultOf(error) });
      else if (signal.reason instanceof AgentLinkError) this.send({ type: 'error', ...faultOf(signal.reason) });
    } finally {
      clearInterval(ticker);
      this.options.signal.removeEventListener('abort', end);
      subscription.unsubscribe();
      this.end(new Error('the stream is over'));
    }
  }

  /** In the trace of whoever asks, for as long as it is served; that the client has had enough is no failure. */
  private async traced(work: () => Promise<void>): Promise<void> {
    const span = followSpan(`serve ${questionOn(this.message.subject)}`, this.message.headers?.get(TRACE_HEADER), {
      kind: 'server',
    });
    try {
      await span.run(work);
    } catch (error) {
      if (!this.stop.signal.aborted) span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  }

  private receive(error: Error | null, message: Msg): void {
    if (error !== null) {
      this.end(error);
      return;
    }
    if (message.headers?.code === 503) {
      this.end(new Error('the client is gone'));
      return;
    }
    const frame = decodeFrame(message.data);
    this.silence.heard();
    if (frame?.type === 'cancel') this.end(new Error('the client cancelled'));
    else if (frame?.type === 'credit') this.outgoing.grant(frame.bytes);
    else if ((frame?.type === 'data' || frame?.type === 'end') && !this.input.take(frame)) {
      this.end(new AgentLinkError(STREAM_BROKEN, 'the stream broke off: part of the input was lost on the way'));
    }
  }

  private tick(): void {
    const now = performance.now();
    if (this.silence.isTooLong()) this.end(new Error('the client fell silent'));
    else {
      this.input.grant();
      if (now - this.spokeAt >= (this.options.aliveMs ?? ALIVE_MS) * 0.9) this.send({ type: 'alive' });
    }
  }

  private end(reason: Error): void {
    this.stop.abort(reason);
    this.input.finish({ error: reason });
  }

  private send(frame: Frame): void {
    if (this.nc.isClosed()) return;
    this.spokeAt = performance.now();
    // Between accounts, nats-server keeps a record of every address for answers: those of the signs of life are enough to learn from
    // it that the client is gone.
    const reply = this.isLink && frame.type !== 'alive' ? {} : { reply: this.control };
    this.nc.publish(this.inbox, encodeFrame(frame), reply);
  }
}

async function replyPlainly(
  nc: NatsConnection,
  message: Msg,
  handler: StreamHandler,
  signal: AbortSignal,
): Promise<void> {
  const limit = nc.info?.max_payload ?? 1 << 20;
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of await handler(parseRequest(message), signal, NO_INPUT)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > limit) throw new AgentLinkError('413', 'the answer is too large for one reply; ask for a stream');
    }
    if (!nc.isClosed()) message.respond(Buffer.concat(chunks));
  } catch (error) {
    if (nc.isClosed()) return;
    const fault = faultOf(error);
    const head = headers();
    head.set(ERROR_CODE_HEADER, fault.code);
    head.set(ERROR_HEADER, fault.message.replaceAll(/[\r\n]+/g, ' '));
    message.respond('', { headers: head });
  }
}

function parseRequest(message: Msg): unknown {
  try {
    return message.data.length === 0 ? {} : message.json();
  } catch (error) {
    throw new AgentLinkError('400', 'the request is not JSON', { cause: error });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
