/**
 * The state of one resource in memory with its recent history: what every store reads, lists and watches from. The owner (the
 * in-memory store, or a fold of the log) puts each change in, in order of version; nothing here decides what may change.
 */
import { versionTooLarge } from '../api/errors.js';
import { deepFreeze, type KubeObject, type ObjectKey } from '@skyflow/contracts';
import { type SelectableFields } from '../api/selectors.js';
import { ObjectIndex } from './object-index.js';
import type { ListOptions, ListResult, WatchEvent, WatchOptions } from './resource-store.js';
import { listPage } from './table-list.js';
import { watchTable } from './table-watch.js';
import { WatchHistory } from './watch-history.js';

export interface ResourceTableOptions {
  apiVersion: string;
  kind: string;
  selectableFields?: SelectableFields;
  /** Newest version that the owner has put in, over all of its tables. */
  version: () => number;
  /** State before this version is unknown: watches and pages from there get 410. Default 0. */
  floor?: number;
  /** Changes kept for watches and pages. Default 1024. */
  historyLimit?: number;
  /** Longest silence on a watch that allows bookmarks. Default 30 s. */
  bookmarkIntervalMs?: number;
}

const DEFAULT_HISTORY = 1024;
const DEFAULT_BOOKMARK_INTERVAL_MS = 30_000;

export class ResourceTable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly selectableFields: SelectableFields | undefined;
  readonly bookmarkIntervalMs: number;
  readonly index = new ObjectIndex();
  readonly history: WatchHistory;
  readonly version: () => number;

  constructor(options: ResourceTableOptions) {
    this.apiVersion = options.apiVersion;
    this.kind = options.kind;
    this.selectableFields = options.selectableFields;
    this.version = options.version;
    this.bookmarkIntervalMs = options.bookmarkIntervalMs ?? DEFAULT_BOOKMARK_INTERVAL_MS;
    this.history = new WatchHistory(options.historyLimit ?? DEFAULT_HISTORY, options.floor ?? 0);
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.index.get(key);
  }

  /** Stores the object; its resourceVersion must be newer than any before. Freezes it. */
  put(object: KubeObject): void {
    const previous = this.index.get(object.metadata);
    deepFreeze(object);
    this.index.set(object);
    const version = Number(object.metadata.resourceVersion);
    this.history.record({ version, object, deleted: false, ...(previous === undefined ? {} : { previous }) });
  }

  /**
   * Takes the object away at `version`. Returns its last state, stamped with that version: `last`, or what is stored.
   */
  remove(key: ObjectKey, version: number, last?: KubeObject): KubeObject | undefined {
    const previous = this.index.get(key);
    if (previous === undefined) return undefined;
    this.index.delete(key);
    // Watchers are told what was stored, as by etcd; `last` is for whoever took it away.
    const object = deepFreeze(atVersion(previous, version));
    this.history.record({ version, object, previous, deleted: true });
    return last === undefined ? object : deepFreeze(atVersion(last, version));
  }

  /** Replaces everything by a snapshot taken at `version`. Open watches get 410 and list again. */
  load(objects: Iterable<KubeObject>, version: number): void {
    this.index.clear();
    for (const object of objects) this.index.set(deepFreeze(object));
    this.history.reset(version);
  }

  /** One page. @throws StatusError 410 for a token or version older than the history, 504 for a version that is not here yet. */
  list(options: ListOptions): ListResult {
    this.requireVersion(options.atLeast);
    this.requireVersion(options.exactly);
    return listPage(this, options);
  }

  watch(options: WatchOptions): AsyncIterable<WatchEvent> {
    return watchTable(this, options);
  }

  /** @throws StatusError 504 when the table is not that new. */
  requireVersion(asked: string | undefined): void {
    if (asked !== undefined && Number(asked) > this.version()) throw versionTooLarge(Number(asked), this.version());
  }
}

/** The same object with another resourceVersion; shares everything below metadata. */
export function atVersion(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
