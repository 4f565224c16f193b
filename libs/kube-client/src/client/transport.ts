/**
 * HTTP to one Kubernetes API over node:https with kept-alive connections (a watch holds one for minutes, so the pool has no
 * upper bound). An answer below 400 gives its body as a stream; anything else is thrown: KubeApiError when the API answered,
 * KubeUnreachableError when it did not, the signal's reason when the caller aborted.
 */
import http, {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import https from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { KubeConnection } from '../kubeconfig/connection.js';
import { Deadline } from './deadline.js';
import { KubeApiError, KubeUnreachableError, statusOf } from './kube-errors.js';

export type QueryValue = string | number | boolean | undefined;

export interface KubeRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Record<string, QueryValue>;
  /** Sent as JSON. */
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal;
  /** Deadline for the answer to begin. */
  timeoutMs?: number;
  /** What spans call it: resource and group, `jobs.batch`. */
  about?: string;
  /** W3C trace context, for an API server that traces too. */
  traceparent?: string | undefined;
}

/** A request to speak another protocol on the connection: WebSocket, or SPDY. */
export interface UpgradeRequest extends Pick<KubeRequest, 'signal' | 'timeoutMs'> {
  method: 'GET' | 'POST';
  /** Parameters as they are to be sent, without the question mark. */
  query: string;
  /** With connection and upgrade. */
  headers: Record<string, string | string[]>;
}

/** The API has switched protocols (101). Whoever gets it destroys the socket. */
export interface Upgraded {
  headers: Record<string, string | string[]>;
  socket: Duplex;
  /** What came with the answer. */
  head: Buffer;
}

/** TCP keep-alive, so that a peer that vanished without a word is noticed on idle connections too. */
const TCP_KEEP_ALIVE_MS = 15_000;
const MAX_ERROR_BODY_BYTES = 1 << 20;

export class Transport {
  private readonly agent: http.Agent;
  private readonly basePath: string;

  constructor(
    private readonly connection: KubeConnection,
    private readonly userAgent: string,
  ) {
    const { proxyUrl } = connection;
    const options = {
      keepAlive: true,
      keepAliveMsecs: TCP_KEEP_ALIVE_MS,
      scheduling: 'lifo' as const,
      ...(proxyUrl === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl } }),
    };
    this.agent = connection.server.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
    this.basePath = connection.server.pathname.replace(/\/+$/, '');
  }

  get origin(): string {
    return this.connection.server.origin;
  }

  /** The body of a successful answer. The caller reads it to the end or destroys it. */
  async send(path: string, request: KubeRequest): Promise<Readable> {
    const response = await this.within(request, (signal) => this.dispatch(path, request, signal));
    if ((response.statusCode ?? 0) < 400) return response;
    throw await this.refusal(response);
  }

  /** A connection on which the API has switched protocols. */
  async upgrade(path: string, request: UpgradeRequest): Promise<Upgraded> {
    const answer = await this.within(request, (signal) => this.dispatchUpgrade(path, request, signal));
    if ('socket' in answer && 'head' in answer) return answer;
    throw await this.refusal(answer);
  }

  private async refusal(response: IncomingMessage): Promise<KubeApiError> {
    const code = response.statusCode ?? 0;
    if (code === 401) this.connection.credentials.refuse?.();
    return new KubeApiError(code, withRetryAfter(statusOf(code, await errorBody(response)), response));
  }

  private async within<T>(
    request: Pick<KubeRequest, 'signal' | 'timeoutMs'>,
    ask: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    // Once it is cleared it has no say over the answer's body, which may take hours; the caller's signal has.
    const deadline = request.timeoutMs === undefined ? undefined : new Deadline(request.timeoutMs);
    const signals = [request.signal, deadline?.signal].filter((signal) => signal !== undefined);
    try {
      return await ask(signals.length > 1 ? AbortSignal.any(signals) : signals[0]);
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason;
      if (error instanceof Error && error.name === 'KubeConfigError') throw error;
      const what = deadline?.isOver === true ? `no answer within ${request.timeoutMs ?? 0} ms` : describe(error);
      throw new KubeUnreachableError(`${this.origin} is not reachable: ${what}`, { cause: error });
    } finally {
      deadline?.clear();
    }
  }

  dropConnections(): void {
    this.agent.destroy();
  }

  private async dispatch(
    path: string,
    request: KubeRequest,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const outgoing = await this.outgoing({
      method: request.method ?? 'GET',
      path: this.basePath + path + queryOf(request.query),
      ...(signal === undefined ? {} : { signal }),
      headers: {
        accept: request.accept ?? 'application/json',
        ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
        ...(body === undefined
          ? {}
          : { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length }),
      },
    });
    return new Promise((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  private async dispatchUpgrade(
    path: string,
    { method, query, headers }: UpgradeRequest,
    signal: AbortSignal | undefined,
  ): Promise<Upgraded | IncomingMessage> {
    const outgoing = await this.outgoing({
      method,
      path: `${this.basePath}${path}${query === '' ? '' : `?${query}`}`,
      ...(signal === undefined ? {} : { signal }),
      headers,
    });
    return new Promise((resolve, reject) => {
      outgoing.once('upgrade', (response, socket, head) => {
        resolve({ headers: response.headers as Upgraded['headers'], socket, head });
      });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      outgoing.end();
    });
  }

  /** A request with the credentials of the connection; not sent yet. */
  private async outgoing(
    options: Omit<RequestOptions, 'headers'> & { headers: OutgoingHttpHeaders },
  ): Promise<ClientRequest> {
    const { server, ca, skipTlsVerify, tlsServerName, credentials } = this.connection;
    const { authorization, cert, key } = await credentials.authorize();
    const secure = server.protocol === 'https:';
    return (secure ? https : http).request({
      agent: this.agent,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? (secure ? 443 : 80) : Number(server.port),
      ...options,
      headers: {
        'user-agent': this.userAgent,
        ...options.headers,
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(secure ? { ca, cert, key, rejectUnauthorized: !skipTlsVerify } : {}),
      ...(secure && tlsServerName !== undefined ? { servername: tlsServerName } : {}),
    });
  }
}

function queryOf(query: Record<string, QueryValue> | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) params.set(name, String(value));
  const encoded = params.toString();
  return encoded === '' ? '' : `?${encoded}`;
}

async function errorBody(response: IncomingMessage): Promise<string> {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ERROR_BODY_BYTES) response.destroy();
  });
  return text(response).catch(() => '');
}

function withRetryAfter(status: ReturnType<typeof statusOf>, response: IncomingMessage): ReturnType<typeof statusOf> {
  const seconds = Number(response.headers['retry-after']);
  if (!Number.isFinite(seconds) || status.details?.retryAfterSeconds !== undefined) return status;
  return { ...status, details: { ...status.details, retryAfterSeconds: seconds } };
}

/** Node's own errors, which may hold several (one per address tried) and then have no message of their own. */
function describe(error: unknown): string {
  const { errors, message } = error as { errors?: unknown[]; message?: string };
  return errors !== undefined && errors.length > 0 ? errors.map(describe).join('; ') : (message ?? String(error));
}
