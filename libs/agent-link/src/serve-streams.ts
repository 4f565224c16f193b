/**
 * The agent's end: answers each request on a subject with a stream of bytes, any number at once.
 *
 * Promised: never more than the client granted is on its way, so a slow client holds back the source instead of filling
 * memory; a client that leaves, aborts or dies ends the handler's work by its signal; an error of the handler reaches the
 * client as code and message. A request without the link's header gets everything in one plain reply.
 */
import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { CHUNK_BYTES, decodeFrame, encodeFrame, type Frame } from './frames.js';
import { AgentLinkError, faultOf } from './link-error.js';
import {
  ALIVE_MS,
  ERROR_CODE_HEADER,
  ERROR_HEADER,
  LINK_HEADER,
  SILENCE_MS,
  WINDOW_BYTES,
  type LinkTimes,
} from './link-options.js';
import { Silence } from './silence.js';

/**
 * Gives the bytes of one request. Until its promise settles the request may be refused by throwing (a numeric `code` 400–599
 * is passed on as it is); afterwards an error ends the stream. `signal` aborts when nobody wants the bytes any more.
 */
export type StreamHandler = (request: unknown, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

export interface ServeOptions extends LinkTimes {
  /** Stops serving: takes no more requests and ends those under way. */
  signal: AbortSignal;
}

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
  private readonly control = createInbox();
  private readonly inbox: string;
  private credit: number;
  private sent = 0;
  private index = 0;
  private readonly silence: Silence;
  private spokeAt = performance.now();
  private wake: (() => void) | undefined;

  constructor(
    private readonly nc: NatsConnection,
    private readonly message: Msg,
    private readonly options: ServeOptions,
  ) {
    this.inbox = message.reply ?? '';
    this.silence = new Silence(options.silenceMs ?? SILENCE_MS, options.aliveMs ?? ALIVE_MS);
    const window = Number(message.headers?.get('Sky-Link-Window'));
    this.credit = Number.isFinite(window) && window > 0 ? window : WINDOW_BYTES;
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
    try {
      await this.pump(handler);
    } catch (error) {
      const { signal } = this.stop;
      if (!signal.aborted) this.send({ type: 'error', ...faultOf(error) });
      else if (this.options.signal.aborted) this.send({ type: 'error', ...faultOf(signal.reason) });
    } finally {
      clearInterval(ticker);
      this.options.signal.removeEventListener('abort', end);
      subscription.unsubscribe();
      this.end(new Error('the stream is over'));
    }
  }

  private async pump(handler: StreamHandler): Promise<void> {
    const { signal } = this.stop;
    const bytes = await handler(parseRequest(this.message), signal);
    this.send({ type: 'opened' });
    for await (const chunk of bytes) {
      for (let start = 0; start < chunk.length;) {
        while (this.sent >= this.credit) await this.creditOrEnd();
        signal.throwIfAborted();
        const size = Math.min(CHUNK_BYTES, this.credit - this.sent, chunk.length - start);
        this.send({ type: 'data', index: this.index, bytes: chunk.subarray(start, start + size) });
        this.index += 1;
        this.sent += size;
        start += size;
      }
    }
    signal.throwIfAborted();
    this.send({ type: 'end', index: this.index });
  }

  private creditOrEnd(): Promise<void> {
    this.stop.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.wake = () => {
        this.wake = undefined;
        if (this.stop.signal.aborted) reject(this.stop.signal.reason as Error);
        else resolve();
      };
    });
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
    if (frame?.type === 'credit' && frame.bytes > this.credit) {
      this.credit = frame.bytes;
      this.wake?.();
    }
  }

  private tick(): void {
    const now = performance.now();
    if (this.silence.isTooLong()) this.end(new Error('the client fell silent'));
    else if (now - this.spokeAt >= (this.options.aliveMs ?? ALIVE_MS) * 0.9) this.send({ type: 'alive' });
  }

  private end(reason: Error): void {
    this.stop.abort(reason);
    this.wake?.();
  }

  private send(frame: Frame): void {
    if (this.nc.isClosed()) return;
    this.spokeAt = performance.now();
    this.nc.publish(this.inbox, encodeFrame(frame), { reply: this.control });
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
    for await (const chunk of await handler(parseRequest(message), signal)) {
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
