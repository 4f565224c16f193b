/**
 * Watching a table: initial objects if asked for, then each change as the reader's selectors see it, and bookmarks.
 * An object that comes to match is ADDED, one that stops to match is DELETED (with its last matching state).
 */
import { versionUnknown } from '../api/errors.js';
import { deepFreeze, type KubeObject } from '@skyflow/contracts';
import { matchesSelectors, selectedName, type SelectableFields } from '../api/selectors.js';
import type { WatchEvent, WatchOptions } from './resource-store.js';
import { listPage, type Listable } from './table-list.js';
import type { Change, WatchHistory } from './watch-history.js';

export interface Watchable extends Listable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly history: WatchHistory;
  readonly selectableFields: SelectableFields | undefined;
  readonly bookmarkIntervalMs: number;
}

/** Marks the end of the initial objects of a streaming list (KEP-3157). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

export function watchTable(table: Watchable, options: WatchOptions): AsyncIterable<WatchEvent> {
  const asked = options.resourceVersion;
  const fromStart = asked === undefined || asked === '' || asked === '0';
  const withObjects = options.sendInitialEvents ?? fromStart;
  let initial: KubeObject[] = [];
  let position = 0;
  let failure: Error | undefined;
  try {
    if (withObjects || fromStart) position = table.history.end;
    else if (Number(asked) > table.version()) throw versionUnknown(Number(asked), table.version());
    else position = table.history.positionAfter(Number(asked));
    if (withObjects) {
      const { namespace, selectors, visible } = options;
      initial = listPage(table, {
        selectors,
        ...(namespace === undefined ? {} : { namespace }),
        ...(visible === undefined ? {} : { visible }),
      }).items;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    failure = error;
  }
  const initialEnd = options.sendInitialEvents === true && options.allowBookmarks ? bookmark(table, true) : undefined;
  return (async function* events(): AsyncGenerator<WatchEvent, void, undefined> {
    if (failure !== undefined) throw failure;
    for (const object of initial) {
      if (options.signal.aborted) return;
      yield { type: 'ADDED', object };
    }
    initial = [];
    if (initialEnd !== undefined) yield initialEnd;
    yield* follow(table, options, position);
  })();
}

async function* follow(table: Watchable, options: WatchOptions, start: number): AsyncGenerator<WatchEvent> {
  const { signal } = options;
  const project = projection(table, options);
  let position = start;
  const due = { bookmark: false };
  let wake = (): void => undefined;
  const onAbort = (): void => wake();
  const timer = options.allowBookmarks
    ? setInterval(() => {
        due.bookmark = true;
        wake();
      }, table.bookmarkIntervalMs).unref()
    : undefined;
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const change = table.history.at(position);
      if (change !== undefined) {
        position++;
        const event = project(change);
        if (event !== undefined) yield event;
      } else if (due.bookmark) {
        due.bookmark = false;
        yield bookmark(table, false);
      } else {
        await new Promise<void>((resolve) => {
          const cancel = table.history.onNext(resolve);
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

/** What a reader with these options sees of a change. The events of a reader without selectors are shared. */
function projection(table: Watchable, options: WatchOptions): (change: Change) => WatchEvent | undefined {
  const { namespace, selectors, visible } = options;
  const selective = selectors.labels.length > 0 || selectors.fields.length > 0;
  const name = selectedName(selectors);
  const matches = (object: KubeObject): boolean =>
    !selective || matchesSelectors(selectors, object, table.selectableFields);
  return (change) => {
    const { object, previous } = change;
    if (namespace !== undefined && object.metadata.namespace !== namespace) return undefined;
    if (name !== undefined && object.metadata.name !== name) return undefined;
    if (visible !== undefined && !visible(object.metadata)) return undefined;
    const matched = previous !== undefined && matches(previous);
    if (change.deleted) return matched ? { type: 'DELETED', object } : undefined;
    if (matches(object)) return { type: matched ? 'MODIFIED' : 'ADDED', object };
    return matched ? { type: 'DELETED', object: departed(change, previous) } : undefined;
  };
}

const departures = new WeakMap<Change, KubeObject>();

/** The last matching state at the version of the change; one object for all readers. */
function departed(change: Change, previous: KubeObject): KubeObject {
  let object = departures.get(change);
  if (object === undefined) {
    const metadata = { ...previous.metadata, resourceVersion: String(change.version) };
    object = deepFreeze({ ...previous, metadata });
    departures.set(change, object);
  }
  return object;
}

function bookmark(table: Watchable, initialEnd: boolean): WatchEvent {
  const metadata = {
    resourceVersion: String(table.version()),
    creationTimestamp: null,
    ...(initialEnd ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
  };
  return {
    type: 'BOOKMARK',
    object: { kind: table.kind, apiVersion: table.apiVersion, metadata } as unknown as KubeObject,
  };
}
