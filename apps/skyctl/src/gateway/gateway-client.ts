/**
 * HTTP to the gateway, on node:http: it is loaded twice as fast as fetch, and one command needs one or two requests.
 * Every failure is a CliError: refusals from the server's Status object, unreachable servers with where it was tried.
 */
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Agent as SecureAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../config/connection.js';
import { followSpan } from '@skyflow/telemetry';
import { refusal, timedOut, unreachable } from './refusal.js';
import { pauseMs } from './trying-again.js';

export interface GatewaySettings {
  userAgent: string;
  /** Until the response's head, and for plain requests its body too, is there. */
  timeoutMs: number;
  trace?: (text: string) => void;
  /** W3C traceparent that the requests are part of; undefined: of none. */
  traceparent?: string | undefined;
  /** Objects are read as they were then: a time (RFC 3339) or a sequence of the log. */
  at?: string;
  /** Kubernetes' warnings: it was done, but there is something to know. */
  warn: (text: string) => void;
}

export interface GatewayRequest {
  method?: string;
  /** Absolute path without query. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  /** Breaks the request off; what waits for it fails with the signal's reason. */
  signal?: AbortSignal;
}

export interface GatewayResponse<T> {
  status: number;
  body: T;
}

/** Paths of objects and lists of them, not of what the server says of itself. */
const OBJECTS = /^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\/./;

export class GatewayClient {
  readonly #agent = new Agent({ keepAlive: true });
  #moves: 'guarded' | 'all' = 'guarded';
  #secureAgent: SecureAgent | undefined;

  constructor(
    readonly connection: Connection,
    private readonly settings: GatewaySettings,
  ) {}

  get userAgent(): string {
    return this.settings.userAgent;
  }

  /** From here on writes may move as many replicas as they will: who asked for it has seen how many. */
  allowMoves(): void {
    this.#moves = 'all';
  }

  async json<T>(request: GatewayRequest): Promise<GatewayResponse<T>> {
    const response = await this.#send({ accept: 'application/json', ...request }, false);
    const text = await readText(response, this.connection);
    if (response.failed) throw refusal(response.status, text, this.connection);
    try {
      return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
    } catch (error) {
      throw refusal(response.status, text.slice(0, 200), this.connection, error);
    }
  }

  /** The response as it comes, for logs and watches. Without a deadline once the head is there. */
  async stream(request: GatewayRequest): Promise<IncomingMessage> {
    const response = await this.#send(request, true);
    if (response.failed) throw refusal(response.status, await readText(response, this.connection), this.connection);
    return response.message;
  }

  /** Lets the process end. */
  close(): void {
    this.#agent.destroy();
    this.#secureAgent?.destroy();
  }

  /** What there is about objects, and only that, can be read of the past. */
  #past(method: string, { path }: GatewayRequest): { at?: string } {
    const { at } = this.settings;
    return at !== undefined && method === 'GET' && OBJECTS.test(path) ? { at } : {};
  }

  async #secureWay(): Promise<SecureWay> {
    const { Agent: Secure, request } = await import('node:https');
    const { ca } = this.connection;
    this.#secureAgent ??= new Secure({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
    return [request, this.#secureAgent];
  }

  #allowed(method: string): { allowMoves?: string } {
    return method === 'GET' || this.#moves === 'guarded' ? {} : { allowMoves: this.#moves };
  }

  /** Until it is answered with more than "not now"; a write has one key for all tries, so that it is carried out once. */
  async #send(request: GatewayRequest, streaming: boolean): Promise<Response> {
    const { timeoutMs, warn } = this.settings;
    const key = (request.method ?? 'GET') === 'GET' ? undefined : crypto.randomUUID();
    const started = performance.now();
    for (let tries = 1; ; tries++) {
      const response = await this.#sendOnce(request, streaming, key);
      const { status, message } = response;
      const pause = pauseMs(
        { status, retryAfter: message.headers['retry-after'] },
        performance.now() - started,
        timeoutMs,
      );
      if (pause === undefined) return response;
      message.resume();
      if (tries === 2) warn(`${this.connection.server.origin} cannot answer just now; trying again`);
      await delay(pause, undefined, request.signal === undefined ? {} : { signal: request.signal });
    }
  }

  async #sendOnce(request: GatewayRequest, streaming: boolean, key: string | undefined): Promise<Response> {
    const { server, token, as } = this.connection;
    const { method = 'GET', body, contentType = 'application/json' } = request;
    const payload =
      body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const path =
      server.pathname.replace(/\/$/, '') +
      request.path +
      queryText({ ...request.query, ...this.#past(method, request), ...this.#allowed(method) });
    const started = performance.now();
    const secure = server.protocol === 'https:';
    const span = followSpan(method, this.settings.traceparent, {
      kind: 'client',
      attributes: { 'http.request.method': method, 'url.path': request.path, 'server.address': server.host },
    });
    const [send, agent] = secure ? await this.#secureWay() : [httpRequest, this.#agent];
    return await new Promise<Response>((resolve, reject) => {
      const options: RequestOptions = {
        method,
        path,
        host: server.hostname.replace(/^\[|\]$/g, ''),
        port: server.port || (secure ? 443 : 80),
        agent,
        ...(request.signal ? { signal: request.signal } : {}),
        headers: {
          accept: request.accept ?? '*/*',
          'user-agent': this.settings.userAgent,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(as === undefined ? {} : { 'impersonate-user': as }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(span.traceparent === undefined ? {} : { traceparent: span.traceparent }),
          ...(payload === undefined ? {} : { 'content-type': contentType, 'content-length': payload.length }),
        },
      };
      const outgoing = send(options);
      const deadline = setTimeout(() => {
        outgoing.destroy(timedOut(this.settings.timeoutMs, this.connection));
      }, this.settings.timeoutMs);
      outgoing.once('response', (message) => {
        const status = message.statusCode ?? 0;
        this.settings.trace?.(`${method} ${path} ${status} ${(performance.now() - started).toFixed(1)} ms`);
        for (const warning of warningsOf(message)) this.settings.warn(warning);
        if (streaming) {
          clearTimeout(deadline);
          span.end();
        }
        span.set({ 'http.response.status_code': status });
        message.once('close', () => {
          clearTimeout(deadline);
          if (!streaming) span.end();
        });
        resolve({ message, status, failed: status < 200 || status > 299 });
      });
      outgoing.once('error', (error: Error) => {
        clearTimeout(deadline);
        span.fail(error);
        span.end();
        reject(request.signal?.aborted ? error : unreachable(error, this.connection));
      });
      outgoing.end(payload);
    });
  }
}

/** Loaded when it is needed: it takes longer than a request. */
type SecureWay = readonly [typeof httpRequest, SecureAgent];

interface Response {
  message: IncomingMessage;
  status: number;
  failed: boolean;
}

/** RFC 7234 Warning headers as API servers send them: `299 - "text"`. */
function warningsOf({ headersDistinct }: IncomingMessage): string[] {
  return (headersDistinct.warning ?? []).flatMap((header) => {
    const text = /^299 \S+ "((?:[^"\\]|\\.)*)"/.exec(header)?.[1];
    return text === undefined ? [] : [text.replaceAll(/\\(.)/g, '$1')];
  });
}

async function readText({ message }: Response, connection: Connection): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unreachable(error as Error, connection);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function queryText(query: GatewayRequest['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
