/**
 * The client's end of a byte stream over core NATS, in one direction or in both.
 *
 * Promised: bytes come in order without holes, or the iteration throws AgentLinkError; at most `windowBytes` wait in memory
 * however slowly the caller reads, and no more of `input` is read than the agent has room for; leaving the loop, or aborting,
 * stops the agent's side; an agent that is away, or that dies half-way, is an error within a moment (nats-server tells) or
 * `silenceMs` (it does not).
 */
import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { activeTrace, followSpan, type Span } from '@skyflow/telemetry';
import { addressesFor, questionOn, type Addresses } from './addresses.js';
import { decodeFrame, encodeFrame, type Frame } from './frames.js';
import { Incoming } from './incoming.js';
import { AGENT_UNAVAILABLE, AgentLinkError, STREAM_BROKEN } from './link-error.js';
import {
  ALIVE_MS,
  INPUT_HEADER,
  LINK_HEADER,
  LINK_VERSION,
  SILENCE_MS,
  TRACE_HEADER,
  WINDOW_BYTES,
  WINDOW_HEADER,
  type LinkTimes,
} from './link-options.js';
import { Outgoing } from './outgoing.js';
import { Silence } from './silence.js';

export interface OpenOptions extends LinkTimes {
  signal?: AbortSignal;
  windowBytes?: number;
  /**
   * Bytes for the agent. Their end is told to the agent and does not end the stream; an error of theirs does. The caller ends
   * them when the stream is over: until then the last read of them may be under way.
   */
  input?: AsyncIterable<Uint8Array>;
}

/** Iterate it once. */
export interface AgentStream extends AsyncIterable<Uint8Array> {
  /**
   * Resolves when the agent took the request, with what it said of the bytes first, if anything; rejects as the iteration
   * would. For answers that need a status first.
   */
  readonly opened: Promise<unknown>;
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

class ClientStream implements AgentStream {
  readonly opened: Promise<unknown>;
  private readonly opening = Promise.withResolvers<unknown>();
  private readonly addresses: Addresses;
  private readonly subscription: Subscription;
  private readonly windowBytes: number;
  private readonly silenceMs: number;
  private readonly ticker: NodeJS.Timeout;
  private readonly silence: Silence;
  private readonly incoming: Incoming;
  private readonly over = new AbortController();
  /** As long as the stream. */
  private readonly span: Span;
  private outgoing: Outgoing | undefined;
  private control: string | undefined;

  constructor(
    private readonly nc: NatsConnection,
    private readonly subject: string,
    private readonly options: OpenOptions,
  ) {
    this.opened = this.opening.promise;
    // Whoever iterates learns of the same error; not asking for `opened` is fine.
    this.opened.catch(() => undefined);
    this.span = followSpan(`ask ${questionOn(subject)}`, activeTrace(), {
      kind: 'client',
      attributes: { 'messaging.system': 'nats', 'messaging.destination.name': subject },
    });
    this.windowBytes = options.windowBytes ?? WINDOW_BYTES;
    this.silenceMs = options.silenceMs ?? SILENCE_MS;
    this.silence = new Silence(this.silenceMs, options.aliveMs ?? ALIVE_MS);
    this.incoming = new Incoming({
      windowBytes: this.windowBytes,
      grant: (bytes) => this.send({ type: 'credit', bytes }),
      onLeft: () => {
        this.cancel();
        this.finish('end');
      },
    });
    this.addresses = addressesFor(subject, nc);
    this.subscription = nc.subscribe(this.addresses.up, {
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
    if (this.isOver) return;
    const head = headers();
    head.set(LINK_HEADER, LINK_VERSION);
    head.set(WINDOW_HEADER, String(this.windowBytes));
    if (this.options.input !== undefined) head.set(INPUT_HEADER, '1');
    if (this.span.traceparent !== undefined) head.set(TRACE_HEADER, this.span.traceparent);
    try {
      this.nc.publish(this.subject, JSON.stringify(request), { reply: this.addresses.up, headers: head });
    } catch (error) {
      this.finish({ error: this.unavailable(error) });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.incoming;
  }

  private get isOver(): boolean {
    return this.over.signal.aborted;
  }

  private readonly abort = (): void => {
    this.incoming.discard();
    this.cancel();
    this.finish({ error: (this.options.signal?.reason as Error | undefined) ?? new Error('aborted') });
  };

  private receive(message: Msg): void {
    if (this.isOver) return;
    if (message.headers?.code === 503) {
      const gone = this.control !== undefined ? this.broken('the agent is gone') : this.unavailable();
      this.finish({ error: gone });
      return;
    }
    const frame = decodeFrame(message.data);
    if (frame === undefined) return;
    this.silence.heard();
    const control = this.addresses.down ?? message.reply;
    if (this.control === undefined && control !== undefined && control !== '') {
      this.control = control;
      this.sendInput();
    }
    this.take(frame);
  }

  private take(frame: Frame): void {
    switch (frame.type) {
      case 'opened':
        this.opening.resolve(frame.head);
        break;
      case 'data':
      case 'end':
        if (!this.incoming.take(frame)) {
          this.cancel();
          this.finish({ error: this.broken('part of the stream was lost on the way') });
        } else if (frame.type === 'end') this.finish('end');
        break;
      case 'error':
        this.finish({ error: new AgentLinkError(frame.code, frame.message) });
        break;
      case 'credit':
        this.outgoing?.grant(frame.bytes);
        break;
      case 'alive':
      case 'cancel':
        break;
    }
  }

  /** Nothing is sent before the agent grants it. */
  private sendInput(): void {
    const { input } = this.options;
    if (input === undefined) return;
    this.outgoing = new Outgoing((frame) => this.send(frame), this.over.signal, 0);
    this.outgoing.pump(input).catch((error: unknown) => {
      if (this.isOver) return;
      this.cancel();
      this.finish({ error: error instanceof Error ? error : new Error(String(error)) });
    });
  }

  private tick(): void {
    if (this.silence.isTooLong()) {
      const silent = `the agent was silent for ${this.silenceMs} ms`;
      this.finish({ error: this.control === undefined ? this.unavailable(undefined, silent) : this.broken(silent) });
    } else this.incoming.grant();
  }

  private cancel(): void {
    if (!this.isOver) this.send({ type: 'cancel' });
  }

  private send(frame: Frame): void {
    if (this.control === undefined || this.isOver || this.nc.isClosed()) return;
    this.nc.publish(this.control, encodeFrame(frame), { reply: this.addresses.up });
  }

  private finish(outcome: { error: Error } | 'end'): void {
    if (this.isOver) return;
    clearInterval(this.ticker);
    this.options.signal?.removeEventListener('abort', this.abort);
    this.subscription.unsubscribe();
    if (outcome === 'end') this.opening.resolve(undefined);
    else {
      this.opening.reject(outcome.error);
      // Whoever leaves a stream that goes on has had what was wanted.
      if (this.options.signal?.aborted !== true) this.span.fail(outcome.error);
    }
    this.span.end();
    this.over.abort(new Error('the stream is over'));
    this.incoming.finish(outcome);
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
