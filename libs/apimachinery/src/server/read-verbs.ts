/** get, list and watch over HTTP, in each representation. */
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { apiVersionOf } from '../registry/resource-setup.js';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import type { StatusError } from '../api/status-error.js';
import type { ListResult, WatchEvent } from '../store/resource-store.js';
import type { Call } from './call.js';
import { isTrue, listOptions, watchOptions, wholeNumber } from './query.js';
import { send, warningHeaders, type Answer } from './response.js';
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
  const options = listOptions(call.query, definition, call.path.namespace);
  if (call.visible !== undefined) options.visible = call.visible;
  const result = await call.resource.list(options, call.context);
  if (result.items.length >= STREAMED_LIST && isPlain(call)) await streamList(call, result);
  else answerList(call, 200, result, result.warnings);
}

/** From so many items on, a list is written piece by piece, so that it neither holds up other requests nor is held whole. */
const STREAMED_LIST = 500;
const PIECE_ITEMS = 100;

async function streamList({ response, resource: { definition }, streams }: Call, result: ListResult): Promise<void> {
  const head = JSON.stringify({
    kind: `${definition.kind}List`,
    apiVersion: apiVersionOf(definition),
    metadata: listMetadata(result),
  });
  if (result.warnings !== undefined) response.setHeader('warning', warningHeaders(result.warnings));
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.write(`${head.slice(0, -1)},"items":[`);
  const { items } = result;
  for (let at = 0; at < items.length && !response.destroyed && !streams.closed; at += PIECE_ITEMS) {
    const piece = JSON.stringify(items.slice(at, at + PIECE_ITEMS)).slice(1, -1);
    if (!response.write(at === 0 ? piece : `,${piece}`)) await drainOrClose(response);
    else await nextTurn();
  }
  response.end(']}');
}

const isPlain = (call: Call): boolean =>
  call.representation.as === undefined && call.representation.format === 'json' && !isPretty(call);

async function drainOrClose(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
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
  const { items } = result;
  const metadata = listMetadata(result);
  let body: unknown;
  if (representation.as === 'Table') {
    body = tableOf(definition, items, metadata, includeObjectOf(query), call.nowMs());
  } else if (representation.as !== undefined) {
    const apiVersion = 'meta.k8s.io/v1';
    body = { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: items.map(partialMetadata) };
  } else body = { kind: `${definition.kind}List`, apiVersion: apiVersionOf(definition), metadata, items };
  send(response, { code, body, warnings }, representation, isPretty(call));
}

function listMetadata({ resourceVersion, continueToken, remainingItemCount }: ListResult): Record<string, unknown> {
  return {
    resourceVersion,
    ...(continueToken === undefined ? {} : { continue: continueToken }),
    ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
  };
}

export async function serveWatch(call: Call): Promise<void> {
  const { request, response, query, resource, path, limits, context } = call;
  const timeoutSeconds = wholeNumber(query, 'timeoutSeconds');
  const longestMs = limits.watchMs * (1 - Math.random() / 4);
  const timeoutMs = timeoutSeconds ? Math.min(timeoutSeconds * 1000, longestMs) : longestMs;
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const options = watchOptions(query, resource.definition, path.namespace, abort.signal);
  if (call.visible !== undefined) options.visible = call.visible;
  let refusal: StatusError | undefined;
  const leave = call.keepOpen((why) => {
    refusal = why;
    end();
  });
  const timer = setTimeout(end, timeoutMs).unref();
  const forget = call.streams.add({ end, cut: () => response.destroy() });
  response.on('close', end);
  request.on('aborted', end);
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
      refusal: () => refusal,
    });
  } finally {
    leave();
    clearTimeout(timer);
    forget();
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
