/** From method and path to a verb: what is not served is told apart as 404 or 405. */
import type { IncomingMessage } from 'node:http';
import { StatusError } from '../api/status-error.js';
import type { Resource } from '../registry/resource.js';
import type { Call } from './call.js';
import { verbsOf } from './discovery.js';
import { answerObject, keyOf, serveGet, serveList, serveWatch } from './read-verbs.js';
import { isTrue } from './query.js';
import type { ResourcePath } from './request-info.js';
import { contentType, OBJECT_TYPES, readObject } from './request-body.js';
import type { Verb } from './server-options.js';
import { serveCreate, serveDelete, serveDeleteCollection, servePatch, serveUpdate } from './write-verbs.js';

const COLLECTION: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };
const NAMED: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const SUBRESOURCE: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch' };

export function noSuchPath(path: string): StatusError {
  const message = `the server could not find the requested resource (${path}); see /apis and /api for what is served`;
  return new StatusError(404, 'NotFound', message, {});
}

/**
 * The verb of a request.
 * @throws StatusError 404, 405
 */
export function verbOf(
  method: string,
  path: ResourcePath,
  resource: Resource,
  query: URLSearchParams,
  pathname: string,
): Verb {
  const { definition } = resource;
  const { name, namespace, subresource } = path;
  if (definition.namespaced ? name !== undefined && namespace === undefined : namespace !== undefined) {
    throw noSuchPath(pathname);
  }
  const asked = method === 'HEAD' ? 'GET' : method;
  if (subresource !== undefined) return subresourceVerb(asked, subresource, path, resource, pathname);
  const table = name === undefined ? COLLECTION : NAMED;
  const verb = table[asked];
  const acrossNamespaces = definition.namespaced && name === undefined && namespace === undefined;
  const served = (each: Verb): boolean =>
    verbsOf(definition).includes(each) && !(acrossNamespaces && (each === 'create' || each === 'deletecollection'));
  if (verb === undefined || !served(verb)) {
    const allowed = Object.keys(table).filter((key) => served(table[key] ?? 'connect'));
    const hint = acrossNamespaces
      ? `; name the namespace in the path: /namespaces/<namespace>/${definition.plural}`
      : '';
    throw notAllowed(method, pathname, allowed, hint);
  }
  return verb === 'list' && isTrue(query.get('watch')) ? 'watch' : verb;
}

function subresourceVerb(
  method: string,
  subresource: string,
  { rest }: ResourcePath,
  { definition }: Resource,
  pathname: string,
): Verb {
  const handler = definition.connect?.[subresource];
  if (handler !== undefined) {
    if (handler.methods.includes(method)) return 'connect';
    throw notAllowed(method, pathname, handler.methods);
  }
  const served =
    (subresource === 'status' && definition.hasStatus === true) ||
    (subresource === 'scale' && definition.scale !== undefined);
  if (!served || rest !== undefined) throw noSuchPath(pathname);
  const verb = SUBRESOURCE[method];
  if (verb === undefined) throw notAllowed(method, pathname, Object.keys(SUBRESOURCE));
  return verb;
}

/** @throws whatever the verb throws; nothing was answered then. */
export async function serve(verb: Verb, call: Call): Promise<void> {
  switch (verb) {
    case 'list':
      return serveList(call);
    case 'watch':
      return serveWatch(call);
    case 'create':
      return serveCreate(call);
    case 'get':
      return call.path.subresource === 'scale' ? serveGetScale(call) : serveGet(call);
    case 'update':
      return serveUpdate(call);
    case 'patch':
      return servePatch(call);
    case 'delete':
      return serveDelete(call);
    case 'deletecollection':
      return serveDeleteCollection(call);
    case 'connect':
      return serveConnect(call);
  }
}

async function serveGetScale(call: Call): Promise<void> {
  const scale = await call.resource.getScale(keyOf(call), call.context);
  // The table of the resource would not fit a Scale.
  answerObject({ ...call, representation: { format: call.representation.format } }, 200, scale);
}

async function serveConnect(call: Call): Promise<void> {
  const { path, resource, request, response, query, context } = call;
  const handler = resource.definition.connect?.[path.subresource ?? ''];
  if (handler === undefined) throw noSuchPath(path.subresource ?? '');
  const abort = new AbortController();
  response.on('close', () => {
    abort.abort();
  });
  const end = (): void => abort.abort();
  const forget = call.streams.add({ end, cut: () => response.destroy() });
  let leave: (() => void) | undefined;
  try {
    leave = call.keepOpen(() => response.destroy());
    const body = hasObject(request) ? await readObject(request, call.limits) : undefined;
    await handler.handle(
      {
        key: keyOf(call),
        query,
        request,
        response,
        store: resource.store,
        ...(path.rest === undefined ? {} : { rest: path.rest }),
        ...(body === undefined ? {} : { body }),
      },
      { ...context, signal: abort.signal },
    );
  } finally {
    forget();
    leave?.();
  }
}

const hasObject = (request: IncomingMessage): boolean =>
  request.method !== 'GET' &&
  request.headers['content-type'] !== undefined &&
  OBJECT_TYPES.includes(contentType(request));

/** 405 with what is allowed; the server puts it in an Allow header too. */
export class MethodNotAllowedError extends StatusError {
  constructor(
    method: string,
    path: string,
    readonly allowed: readonly string[],
    hint: string,
  ) {
    const message = `the server does not allow this method on the requested resource: ${method} ${path}; allowed: ${allowed.join(', ')}${hint}`;
    super(405, 'MethodNotAllowed', message, {});
  }
}

const notAllowed = (method: string, path: string, allowed: readonly string[], hint = ''): MethodNotAllowedError =>
  new MethodNotAllowedError(method, path, allowed, hint);
