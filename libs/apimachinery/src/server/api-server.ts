/**
 * A Kubernetes API server over HTTP: hand it raw requests (`handle`) and upgrades (`handleUpgrade`) of any node server.
 * It never throws and always answers; what goes wrong inside shows to the client as a request id only.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { badRequest } from '../api/errors.js';
import { StatusError } from '../api/status-error.js';
import { LocalClient } from '../client/local-client.js';
import { Api } from '../registry/api.js';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../store/resource-store.js';
import { assertAllowed, identify } from './access.js';
import type { Call } from './call.js';
import { MethodNotAllowedError, noSuchPath, serve, verbOf } from './dispatch.js';
import { negotiate, type Representation } from './media-type.js';
import { OpenStreams } from './open-streams.js';
import { refuseUnread, refuseUpgrade, sendError, toStatusError } from './response.js';
import { parsePath, type ResourcePath } from './request-info.js';
import {
  DEFAULT_LIMITS,
  type ApiServerOptions,
  type Fault,
  type PastReads,
  type RequestAttributes,
  type ServerLimits,
  type Verb,
} from './server-options.js';
import { SystemPaths } from './system-paths.js';
import { TextCache } from './watch-stream.js';

export class ApiServer {
  readonly api: Api;
  readonly #options: ApiServerOptions;
  readonly #limits: ServerLimits;
  readonly #system: SystemPaths;
  readonly #texts = new TextCache();
  readonly #streams = new OpenStreams();

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.api = new Api(options);
    this.#system = new SystemPaths(options);
  }

  /** The API for code in this process. @param name user name and field manager. */
  client(name: string): LocalClient {
    return new LocalClient(this.api, name);
  }

  /** Ends all watches and connections through handlers; requests from now on are answered 503. */
  close(): void {
    this.#streams.close();
  }

  /** Cuts the connections of all open watches and connect subresources, as a network or a restarted server would. For tests of clients. */
  dropWatches(): void {
    this.#streams.cutAll();
  }

  /** Serves one request. Resolves when it is answered (for a watch: over). Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const requestId = requestIdOf(request);
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const pathname = mark < 0 ? url : url.slice(0, mark);
    const method = request.method ?? 'GET';
    const attributes: RequestAttributes = { requestId, user: NOBODY, method, path: pathname };
    response.setHeader('audit-id', requestId);
    try {
      const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
      await this.#serve(request, response, query, attributes);
    } catch (error) {
      this.#fail(error, request, response, attributes);
    }
    this.#options.observe?.(attributes, { code: response.statusCode, durationMs: performance.now() - startedMs });
  }

  /**
   * An upgrade (WebSocket, SPDY): given to the connect handler of the subresource (exec, attach, port-forward), which owns the socket
   * from then on. Refusals are answered on the socket. Never rejects.
   */
  async handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const requestId = requestIdOf(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    const attributes: RequestAttributes = { requestId, user: NOBODY, method, path: url.pathname };
    socket.on('error', () => socket.destroy());
    try {
      const parsed = parsePath(url.pathname);
      if (parsed?.kind !== 'resource') throw noSuchPath(url.pathname);
      attributes.user = await identify(this.#options, request);
      const { path, resource, verb } = this.#find(parsed.path, method, url.searchParams, url.pathname);
      attributes.resource = path;
      attributes.verb = verb;
      attributes.definition = resource.definition;
      const handler = resource.definition.connect?.[path.subresource ?? ''];
      if (handler?.handleUpgrade === undefined) {
        throw new StatusError(400, 'BadRequest', `${url.pathname} is no connection to upgrade; send a plain request`);
      }
      if (this.#options.authorize !== undefined) await assertAllowed(this.#options.authorize, attributes);
      if (await isFaulted(await this.#options.faults?.(attributes), request)) return;
      const key =
        path.namespace === undefined ? { name: path.name ?? '' } : { namespace: path.namespace, name: path.name ?? '' };
      const abort = new AbortController();
      const end = (): void => abort.abort();
      const leave = this.#options.keepOpen?.(request, attributes, () => socket.destroy());
      if (leave !== undefined) socket.on('close', leave);
      socket.on('close', end);
      socket.on('close', this.#streams.add({ end, cut: () => socket.destroy() }));
      await handler.handleUpgrade(
        { key, query: url.searchParams, request, socket, head, store: resource.store },
        { ...contextOf(request, attributes), signal: abort.signal },
      );
    } catch (error) {
      const { status, unexpected } = toStatusError(error, requestId);
      if (unexpected) this.#options.onError?.(error, { requestId, method, path: url.pathname });
      refuseUpgrade(socket, status);
    }
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
    attributes: RequestAttributes,
  ): Promise<void> {
    const { path: pathname, method, requestId } = attributes;
    if (this.#streams.closed) {
      throw new StatusError(503, 'ServiceUnavailable', 'the server is shutting down; try again', {
        retryAfterSeconds: 1,
      });
    }
    const parsed = parsePath(pathname);
    if (parsed === undefined) throw noSuchPath(pathname);
    if (parsed.kind === 'other' && (await this.#system.serveHealth(pathname, query, response))) return;

    attributes.user = await identify(this.#options, request);
    const target = parsed.kind === 'resource' ? this.#find(parsed.path, method, query, pathname) : undefined;
    if (target !== undefined) {
      attributes.resource = target.path;
      attributes.verb = target.verb;
      attributes.definition = target.resource.definition;
    }
    const { authorize } = this.#options;
    const visible = authorize === undefined ? undefined : await assertAllowed(authorize, attributes);
    if (this.#options.faults !== undefined && (await isFaulted(await this.#options.faults(attributes), request)))
      return;

    const representation = negotiate(request.headers.accept);
    if (target === undefined) {
      if (method !== 'GET' && method !== 'HEAD') throw new MethodNotAllowedError(method, pathname, ['GET', 'HEAD'], '');
      if (!this.#system.serveDocument(pathname, representation, request, response)) throw noSuchPath(pathname);
      return;
    }
    const past = await this.#past(target, query);
    const call: Call = {
      ...target,
      ...(past === undefined ? {} : { resource: this.api.resourceOver(target.resource.definition, past.store) }),
      request,
      response,
      query,
      context: contextOf(request, attributes),
      ...(visible === undefined ? {} : { visible }),
      representation: target.verb === 'connect' ? ANY : required(representation, request),
      limits: this.#limits,
      texts: this.#texts,
      streams: this.#streams,
      keepOpen: (end) => this.#options.keepOpen?.(request, attributes, end) ?? nothing,
      nowMs: past === undefined ? this.api.nowMs : () => past.nowMs,
      onError: (error) => this.#options.onError?.(error, { requestId, method, path: pathname }),
    };
    await serve(target.verb, call);
  }

  /** Undefined: a path of discovery (`/apis/apps/v1`). @throws StatusError 404, 405 */
  #find(path: ResourcePath, method: string, query: URLSearchParams, pathname: string): Target {
    const resource = this.api.find(path.group, path.version, path.plural);
    if (resource === undefined) throw noSuchPath(pathname);
    return { path, resource, verb: verbOf(method, path, resource, query, pathname) };
  }

  /** Undefined: as things are now. @throws StatusError 400, 410 */
  async #past({ resource, verb, path }: Target, query: URLSearchParams): Promise<PastReads | undefined> {
    const at = query.get('at');
    if (at === null || this.#options.past === undefined) return undefined;
    if (verb === 'connect' && resource.definition.connect?.[path.subresource ?? '']?.readsPast === true)
      return undefined;
    if (verb !== 'get' && verb !== 'list') {
      const what = verb === 'connect' ? (path.subresource ?? verb) : verb;
      throw badRequest(`at: only get, list and logs read the past, this is ${what}; leave "at" out`);
    }
    return this.#options.past(resource.definition, at);
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse, attributes: RequestAttributes): void {
    const { requestId, method, path } = attributes;
    const { status, unexpected } = toStatusError(error, requestId);
    if (unexpected) this.#options.onError?.(error, { requestId, method, path });
    if (status instanceof MethodNotAllowedError && !response.headersSent) {
      response.setHeader('allow', status.allowed.join(', '));
    }
    if (request.complete) sendError(response, status);
    else refuseUnread(request, response, status);
  }
}

/** What a request is about. */
interface Target {
  path: ResourcePath;
  resource: Resource;
  verb: Verb;
}

const nothing = (): void => undefined;
const NOBODY = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
/** W3C Trace Context; anything else is to be taken for absent. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const ANY: Representation = { format: 'json' };

/** The client's own X-Request-Id, so that its log and ours can be laid side by side; else a new one. */
function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

function contextOf(
  { headers, url = '' }: IncomingMessage,
  { user, requestId, verb }: RequestAttributes,
): RequestContext {
  const context: RequestContext = { user, requestId };
  if (verb !== undefined) context.verb = verb;
  const at = url.indexOf('?');
  if (at >= 0) context.query = url.slice(at + 1);
  const { traceparent, 'idempotency-key': key } = headers;
  if (typeof traceparent === 'string' && TRACEPARENT.test(traceparent)) context.trace = traceparent;
  if (typeof key === 'string' && key !== '') context.idempotencyKey = key;
  return context;
}

function required(representation: Representation | undefined, { headers }: IncomingMessage): Representation {
  if (representation !== undefined) return representation;
  const message = `only the following media types are accepted: application/json, application/yaml; asked for: ${headers.accept ?? ''}`;
  throw new StatusError(406, 'NotAcceptable', message);
}

/** True: the request is done with. @throws StatusError that the fault asks for. */
async function isFaulted(fault: Fault | undefined, request: IncomingMessage): Promise<boolean> {
  if (fault === undefined) return false;
  if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault.drop === true) {
    request.socket.destroy();
    return true;
  }
  if (fault.status !== undefined) {
    throw new StatusError(fault.status.code, 'ServiceUnavailable', fault.status.message);
  }
  return false;
}
