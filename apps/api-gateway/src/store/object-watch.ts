/** Watches: the current objects where they are asked for, then changes as they are folded, each once and in order. */
import { type KubeObject, parseResourceVersion, type Position, toResourceVersion } from '@skyflow/contracts';
import type { ObjectChange } from '@skyflow/domain';
import { type WatchEvent, type WatchOptions, badRequest } from '@skyflow/apimachinery';
import type { ReadModel } from './read-model.js';

/** What a watch needs of the resource that it is of. */
export interface Watched {
  readonly apiVersion: string;
  readonly kind: string;
  readonly storedKind: string;
  /** The events that the reader sees. */
  project(change: ObjectChange): readonly WatchEvent[];
  /** All objects that match at the call. */
  current(options: WatchOptions): Iterable<KubeObject>;
}

/** Changes after `from`, up to `upTo`, from before those kept in memory. @throws StatusError 410 when they cannot be told any more. */
export type History = (
  from: Position,
  signal: AbortSignal,
) => Promise<{ changes: readonly ObjectChange[]; upTo: Position }>;

const BOOKMARK_INTERVAL_MS = 30_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** The place is taken at the call, so that nothing that happens before the first read is missed. */
export function watchObjects(
  model: ReadModel,
  watched: Watched,
  options: WatchOptions,
  older: History,
): AsyncIterable<WatchEvent> {
  const start = startOf(options);
  if (start === undefined) return watchAll(model, watched, options);
  const history = model.history(watched.storedKind);
  if (start < history.oldest) return watchFromPast(model, watched, options, start, older);
  return follow(model, watched, options, history.placeAfter(start), start);
}

async function* watchAll(model: ReadModel, watched: Watched, options: WatchOptions): AsyncGenerator<WatchEvent> {
  await model.upToDate(0, options.signal);
  const objects = watched.current(options);
  const place = model.history(watched.storedKind).end;
  const { position } = model;
  for (const object of objects) {
    if (options.signal.aborted) return;
    yield { type: 'ADDED', object };
  }
  if (options.sendInitialEvents === true && options.allowBookmarks) yield bookmark(watched, position, true);
  yield* follow(model, watched, options, place, position);
}

async function* watchFromPast(
  model: ReadModel,
  watched: Watched,
  options: WatchOptions,
  start: Position,
  older: History,
): AsyncGenerator<WatchEvent> {
  const { changes, upTo } = await older(start, options.signal);
  for (const change of changes) {
    if (options.signal.aborted) return;
    if (change.record.kind === watched.storedKind) yield* watched.project(change);
  }
  yield* follow(model, watched, options, model.history(watched.storedKind).placeAfter(upTo), upTo);
}

async function* follow(
  model: ReadModel,
  watched: Watched,
  options: WatchOptions,
  from: number,
  start: Position,
): AsyncGenerator<WatchEvent> {
  const { signal } = options;
  const history = model.history(watched.storedKind);
  let place = from;
  const due = { bookmark: false };
  let wake = (): void => undefined;
  const onAbort = (): void => wake();
  const timer = setInterval(() => {
    due.bookmark = options.allowBookmarks;
    wake();
  }, BOOKMARK_INTERVAL_MS).unref();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const change = history.at(place);
      if (change !== undefined) {
        place += 1;
        // A reader may name a version that this process had not folded yet when the watch began.
        if (change.position > start) yield* watched.project(change);
      } else if (due.bookmark) {
        due.bookmark = false;
        yield bookmark(watched, model.position, false);
      } else {
        await new Promise<void>((resolve) => {
          const cancel = history.onWake(resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Undefined: begin with what there is. @throws StatusError 400 */
function startOf({ resourceVersion, sendInitialEvents }: WatchOptions): Position | undefined {
  if (
    sendInitialEvents === true ||
    resourceVersion === undefined ||
    resourceVersion === '' ||
    resourceVersion === '0'
  ) {
    return undefined;
  }
  const position = parseResourceVersion(resourceVersion);
  if (position === undefined) {
    throw badRequest(`resourceVersion "${resourceVersion}" is not a version; use metadata.resourceVersion of a list`);
  }
  return position;
}

function bookmark({ apiVersion, kind }: Watched, position: Position, initialEnd: boolean): WatchEvent {
  const metadata = {
    resourceVersion: toResourceVersion(position),
    creationTimestamp: null,
    ...(initialEnd ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
  };
  return { type: 'BOOKMARK', object: { kind, apiVersion, metadata } as unknown as KubeObject };
}
