/** get, list and watch over HTTP, in each representation. */
import { apiVersionOf } from '../registry/resource-setup.js';
import type { KubeObject, ObjectKey } from '../api/objects.js';
import type { ListResult, WatchEvent } from '../store/resource-store.js';
import type { Call } from './call.js';
import { isTrue, listOptions, watchOptions, wholeNumber } from './query.js';
import { send, type Answer } from './response.js';
import { includeObjectOf, partialMetadata, tableOf } from './table.js';
import { streamWatch } from './watch-stream.js';

export function keyOf({ path }: Call): ObjectKey {
  const name = path.name ?? '';
  return path.namespace === undefined ? { name } : { namespace: path.namespace, name };
}

export async function serveGet(call: Call): Promise<void> {
  const version = call.query.get('resourceVersion');
  const atLeast = version === null || version === '' || version === '0' ? undefined : version;
  const object = await call.resource.get(keyOf(call), call.context, atLeast === undefined ? {} : { atLeast });
  answerObject(call, 200, object);
}

export async function serveList(call: Call): Promise<void> {
  const { definition } = call.resource;
  const result = await call.resource.list(listOptions(call.query, definition, call.path.namespace), call.context);
  answerList(call, 200, result);
}

/** Answers with one object, as asked for. */
export function answerObject(call: Call, code: number, object: KubeObject, warnings: readonly string[] = []): void {
  const { representation, response, query } = call;
  let answer: Answer;
  if (representation.as === 'Table') {
    const { resourceVersion } = object.metadata;
    const metadata = resourceVersion === undefined ? {} : { resourceVersion };
    const include = includeObjectOf(query);
    answer = { code, body: tableOf(call.resource.definition, [object], metadata, include, call.nowMs()), warnings };
  } else if (representation.as === 'PartialObjectMetadata') answer = { code, body: partialMetadata(object), warnings };
  else answer = { code, body: call.texts.textOf(object), isText: true, warnings };
  send(response, isPretty(call) ? unpacked(answer) : answer, representation, isPretty(call));
}

export function answerList(call: Call, code: number, result: ListResult, warnings: readonly string[] = []): void {
  const { representation, response, query, resource } = call;
  const { definition } = resource;
  const { items, resourceVersion, continueToken, remainingItemCount } = result;
  const metadata = {
    resourceVersion,
    ...(continueToken === undefined ? {} : { continue: continueToken }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
  let body: unknown;
  if (representation.as === 'Table') {
    body = tableOf(definition, items, metadata, includeObjectOf(query), call.nowMs());
  } else if (representation.as !== undefined) {
    const apiVersion = 'meta.k8s.io/v1';
    body = { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: items.map(partialMetadata) };
  } else body = { kind: `${definition.kind}List`, apiVersion: apiVersionOf(definition), metadata, items };
  send(response, { code, body, warnings }, representation, isPretty(call));
}

export async function serveWatch(call: Call): Promise<void> {
  const { request, response, query, resource, path, limits, context } = call;
  const timeoutSeconds = wholeNumber(query, 'timeoutSeconds');
  const longestMs = limits.watchMs * (1 - Math.random() / 4);
  const timeoutMs = timeoutSeconds ? Math.min(timeoutSeconds * 1000, longestMs) : longestMs;
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const options = watchOptions(query, resource.definition, path.namespace, abort.signal);
  const timer = setTimeout(end, timeoutMs).unref();
  call.closing.addEventListener('abort', end);
  response.on('close', end);
  request.on('aborted', end);
  if (call.closing.aborted) end();
  try {
    const events = resource.watch(options, { ...context, signal: abort.signal });
    await streamWatch({
      response,
      events,
      encode: encoderOf(call),
      signal: abort.signal,
      slowReaderMs: limits.slowReaderMs,
      requestId: context.requestId,
      onError: call.onError,
    });
  } finally {
    clearTimeout(timer);
    call.closing.removeEventListener('abort', end);
    end();
  }
}

function encoderOf(call: Call): (event: WatchEvent) => string {
  const { representation, resource, texts } = call;
  if (representation.as === 'Table') return tableEncoder(call);
  if (representation.as === undefined) return ({ object }) => texts.textOf(object);
  return ({ type, object }) =>
    JSON.stringify(
      type === 'BOOKMARK' ? { ...partialMetadata(object), kind: resource.definition.kind } : partialMetadata(object),
    );
}

/** Only the first table of a watch names its columns. */
function tableEncoder({ resource, query, nowMs }: Call): (event: WatchEvent) => string {
  const include = includeObjectOf(query);
  let first = true;
  return ({ type, object }) => {
    const { resourceVersion } = object.metadata;
    const metadata = resourceVersion === undefined ? {} : { resourceVersion };
    const table = tableOf(resource.definition, type === 'BOOKMARK' ? [] : [object], metadata, include, nowMs());
    if (!first) table.columnDefinitions = [];
    first = false;
    return JSON.stringify(table);
  };
}

const isPretty = ({ query }: Call): boolean => isTrue(query.get('pretty'));

const unpacked = (answer: Answer): Answer =>
  answer.isText === true ? { ...answer, isText: false, body: JSON.parse(answer.body as string) as unknown } : answer;
