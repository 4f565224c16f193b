/**
 * The client's end of a byte stream over core NATS.
 *
 * Promised: bytes come in order without holes, or the iteration throws AgentLinkError; at most `windowBytes` wait in memory
 * however slowly the caller reads; leaving the loop, or aborting, stops the agent's side; an agent that is away, or that dies
 * half-way, is an error within a moment (nats-server tells) or `silenceMs` (it does not).
 */
import { createInbox, headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { decodeFrame, encodeFrame, type Frame } from './frames.js';
import { AGENT_UNAVAILABLE, AgentLinkError, STREAM_BROKEN } from './link-error.js';
import { ALIVE_MS, LINK_HEADER, LINK_VERSION, SILENCE_MS, WINDOW_BYTES, type LinkTimes } from './link-options.js';
import { Silence } from './silence.js';

export interface OpenOptions extends LinkTimes {
  signal?: AbortSignal;
  windowBytes?: number;
}

/** Iterate it once. */
export interface AgentStream extends AsyncIterable<Uint8Array> {
  /** Resolves when the agent took the request; rejects as the iteration would. For answers that need a status first. */
  readonly opened: Promise<void>;
}

/**
 * Asks for a stream. The iteration throws AgentLinkError: AGENT_UNAVAILABLE when nobody serves the subject, the agent's own
 * code and message when it refuses or fails, STREAM_BROKEN when it vanished; or the signal's reason when that aborts.
 */
export function openStream(
  nc: NatsConnection,
  subject: string,
  request: unknown,
  options: OpenOptions = {},
): AgentStream {
  const stream = new ClientStream(nc, subject, options);
  stream.ask(request);
  return stream;
}

class ClientStream implements AgentStream, AsyncIterator<Uint8Array> {
  readonly opened: Promise<void>;
  private readonly opening = Promise.withResolvers<undefined>();
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly windowBytes: number;
  private readonly silenceMs: number;
  private readonly ticker: NodeJS.Timeout;
  private readonly chunks: Uint8Array[] = [];
  private waiting: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  private control: string | undefined;
  private nextIndex = 0;
  private consumed = 0;
  private granted: number;
  private readonly silence: Silence;
  private outcome: { error: Error } | 'end' | undefined;

  constructor(
    private readonly nc: NatsConnection,
    private readonly subject: string,
    private readonly options: OpenOptions,
  ) {
    this.opened = this.opening.promise;
    // Whoever iterates learns of the same error; not asking for `opened` is fine.
    this.opened.catch(() => undefined);
    this.windowBytes = options.windowBytes ?? WINDOW_BYTES;
    this.granted = this.windowBytes;
    this.silenceMs = options.silenceMs ?? SILENCE_MS;
    this.silence = new Silence(this.silenceMs, options.aliveMs ?? ALIVE_MS);
    this.inbox = createInbox();
    this.subscription = nc.subscribe(this.inbox, {
      callback: (error, message) => {
        if (error !== null) this.finish({ error: this.broken(error.message) });
        else this.receive(message);
      },
    });
    this.ticker = setInterval(() => {
      this.tick();
    }, options.aliveMs ?? ALIVE_MS);
    if (options.signal?.aborted === true) this.abort();
    else options.signal?.addEventListener('abort', this.abort, { once: true });
  }

  ask(request: unknown): void {
    if (this.outcome !== undefined) return;
    const head = headers();
    head.set(LINK_HEADER, LINK_VERSION);
    head.set('Sky-Link-Window', String(this.windowBytes));
    try {
      this.nc.publish(this.subject, JSON.stringify(request), { reply: this.inbox, headers: head });
    } catch (error) {
      this.finish({ error: this.unavailable(error) });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.chunks.shift();
    if (chunk !== undefined) {
      this.consume(chunk.length);
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.outcome === 'end') return Promise.resolve({ done: true, value: undefined });
    if (this.outcome !== undefined) {
      const { error } = this.outcome;
      // Told once; a generator too is over after it threw.
      this.outcome = 'end';
      return Promise.reject(error);
    }
    this.waiting ??= Promise.withResolvers<IteratorResult<Uint8Array>>();
    return this.waiting.promise;
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.chunks.length = 0;
    this.cancel();
    this.finish('end');
    return Promise.resolve({ done: true, value: undefined });
  }

  private readonly abort = (): void => {
    this.chunks.length = 0;
    this.cancel();
    this.finish({ error: (this.options.signal?.reason as Error | undefined) ?? new Error('aborted') });
  };

  private receive(message: Msg): void {
    if (this.outcome !== undefined) return;
    if (message.headers?.code === 503) {
      const gone = this.control !== undefined ? this.broken('the agent is gone') : this.unavailable();
      this.finish({ error: gone });
      return;
    }
    const frame = decodeFrame(message.data);
    if (frame === undefined) return;
    this.silence.heard();
    this.control ??= message.reply === '' ? undefined : message.reply;
    this.take(frame);
  }

  private take(frame: Frame): void {
    switch (frame.type) {
      case 'opened':
        this.opening.resolve(undefined);
        break;
      case 'data':
        if (frame.index !== this.nextIndex) {
          this.lost();
          return;
        }
        this.nextIndex += 1;
        this.deliver(frame.bytes);
        break;
      case 'end':
        if (frame.index !== this.nextIndex) {
          this.lost();
          return;
        }
        this.opening.resolve(undefined);
        this.finish('end');
        break;
      case 'error':
        this.finish({ error: new AgentLinkError(frame.code, frame.message) });
        break;
      case 'alive':
      case 'credit':
      case 'cancel':
        break;
    }
  }

  private lost(): void {
    this.cancel();
    this.finish({ error: this.broken('part of the stream was lost on the way') });
  }

  private deliver(bytes: Uint8Array): void {
    if (this.waiting === undefined) {
      this.chunks.push(bytes);
      return;
    }
    this.waiting.resolve({ done: false, value: bytes });
    this.waiting = undefined;
    this.consume(bytes.length);
  }

  /** Grants more once half of the window was read, so that credit frames stay few. */
  private consume(bytes: number): void {
    this.consumed += bytes;
    if (this.consumed + this.windowBytes - this.granted >= this.windowBytes / 2) this.grant();
  }

  private grant(): void {
    this.granted = this.consumed + this.windowBytes;
    this.send({ type: 'credit', bytes: this.granted });
  }

  private tick(): void {
    if (this.silence.isTooLong()) {
      const silent = `the agent was silent for ${this.silenceMs} ms`;
      this.finish({ error: this.control === undefined ? this.unavailable(undefined, silent) : this.broken(silent) });
    } else this.grant();
  }

  private cancel(): void {
    if (this.outcome === undefined) this.send({ type: 'cancel' });
  }

  private send(frame: Frame): void {
    if (this.control === undefined || this.outcome !== undefined || this.nc.isClosed()) return;
    this.nc.publish(this.control, encodeFrame(frame), { reply: this.inbox });
  }

  private finish(outcome: { error: Error } | 'end'): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    clearInterval(this.ticker);
    this.options.signal?.removeEventListener('abort', this.abort);
    this.subscription.unsubscribe();
    if (outcome === 'end') this.opening.resolve(undefined);
    else this.opening.reject(outcome.error);
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) this.next().then(waiting.resolve, waiting.reject);
  }

  private unavailable(cause?: unknown, why = 'nobody answers'): AgentLinkError {
    const cluster = /^sky\.agent\.([^.]+)\./.exec(this.subject)?.[1];
    const who = cluster === undefined ? `the service at ${this.subject}` : `the agent of cluster ${cluster}`;
    return new AgentLinkError(
      AGENT_UNAVAILABLE,
      `${who} is not reachable (${why}); see the status of the cluster, and try again`,
      { cause },
    );
  }

  private broken(why: string): AgentLinkError {
    return new AgentLinkError(STREAM_BROKEN, `the stream broke off: ${why}; ask again for the rest`);
  }
}
