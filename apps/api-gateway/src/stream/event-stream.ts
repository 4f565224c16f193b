/**
 * Several watches as one stream of Server-Sent Events (WHATWG HTML §9.2). Every event's id is the place of the reader after it, so
 * that a browser that comes back goes on where it was, kind by kind. A slow reader holds places in the histories and no memory.
 */
import type { ServerResponse } from 'node:http';
import {
  LineWriter,
  type RequestContext,
  type Resource,
  type TextCache,
  type WatchEvent,
  type WatchOptions,
  toStatusError,
} from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { type StreamPlace, placeText } from './stream-place.js';

export interface WatchedKind {
  name: string;
  resource: Pick<Resource, 'watch'>;
  options: Omit<WatchOptions, 'signal' | 'allowBookmarks' | 'resourceVersion' | 'sendInitialEvents'>;
}

export interface EventStream {
  response: ServerResponse;
  kinds: readonly WatchedKind[];
  /** Where the reader is; moved along. */
  place: StreamPlace;
  context: RequestContext;
  /** Aborts when the reader is gone or the server stops. */
  signal: AbortSignal;
  texts: TextCache;
  onError: (error: unknown) => void;
}

/** How often a reader hears that all is well though nothing happens. */
export const BEAT_MS = 5_000;
/** What a browser waits before it comes back. */
const RETRY_MS = 1_000;
const SLOW_READER_MS = 30_000;
/** As watches: access is looked at again when the reader comes back. */
const LONGEST_MS = 60 * 60 * 1000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Resolves when it is over: the reader is gone, a watch failed, the server stops, or its time is up. Ends the response. */
export async function streamEvents(stream: EventStream): Promise<void> {
  const { response, kinds } = stream;
  const over = new AbortController();
  const signal = AbortSignal.any([stream.signal, over.signal]);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies (nginx) collect answers otherwise.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const writer = new LineWriter({ response, signal, slowReaderMs: SLOW_READER_MS });
  const send = (event: string, data: string): boolean =>
    writer.write(`id: ${placeText(stream.place)}\nevent: ${event}\ndata: ${data}\n\n`);
  writer.write(`retry: ${RETRY_MS}\n\n`);
  const beat = setInterval(() => {
    if (!response.writableNeedDrain) send('beat', `{"time":"${new Date().toISOString()}"}`);
  }, BEAT_MS);
  const end = setTimeout(() => over.abort(), LONGEST_MS * (1 - Math.random() / 4)).unref();
  try {
    await Promise.all(
      kinds.map(async (kind) => {
        await pump(kind, { ...stream, signal }, send, () => writer.drained());
        over.abort();
      }),
    );
  } finally {
    clearInterval(beat);
    clearTimeout(end);
    writer.flush();
    response.end();
  }
}

/** One kind, until its watch ends or fails. */
async function pump(
  { name, resource, options }: WatchedKind,
  { place, signal, context, texts, onError }: EventStream,
  send: (event: string, data: string) => boolean,
  drained: () => Promise<boolean>,
): Promise<void> {
  const from = place.get(name);
  const begin = from === undefined ? { sendInitialEvents: true } : { resourceVersion: from };
  try {
    const events = resource.watch({ ...options, ...begin, allowBookmarks: true, signal }, { ...context, signal });
    for await (const event of events) {
      const version = event.object.metadata.resourceVersion;
      // Before all is told that there is, the reader has no place: he would miss the rest.
      const initial = isInitialEnd(event);
      if (version !== undefined && (initial || place.has(name))) place.set(name, version);
      if (event.type === 'BOOKMARK' && !initial) continue;
      const sent = initial
        ? send('synced', JSON.stringify({ resource: name, resourceVersion: version }))
        : send('change', changeText(name, event, texts));
      if (!sent && !(await drained())) return;
    }
  } catch (error) {
    if (signal.aborted) return;
    const { status, unexpected } = toStatusError(error, context.requestId);
    if (unexpected) onError(error);
    // Without a place for this kind, a reader that comes back is told what there is.
    place.delete(name);
    send('error', JSON.stringify({ resource: name, status: status.toBody() }));
  }
}

const changeText = (name: string, { type, object }: WatchEvent, texts: TextCache): string =>
  `{"resource":${JSON.stringify(name)},"type":"${type}","object":${texts.textOf(object)}}`;

const isInitialEnd = ({ type, object }: WatchEvent): boolean =>
  type === 'BOOKMARK' && annotationsOf(object)[INITIAL_EVENTS_END] === 'true';

const annotationsOf = ({ metadata }: KubeObject): Record<string, string> => metadata.annotations ?? {};
