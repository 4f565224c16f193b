/**
 * All stores of one API server in memory: one rising resourceVersion over all resources, nothing kept after the process.
 * Made for thousands in one process: a store is made at its first use and an idle one costs a few empty maps.
 */
import type { ResourceDefinition } from '../api/definition.js';
import { alreadyExists, modified, notFound } from '../api/errors.js';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import type { Backend } from './backend.js';
import { finishesDeletion, planDeletion } from './deletion.js';
import { atVersion, ResourceTable } from './resource-table.js';
import type {
  DeleteOptions,
  ListOptions,
  ListResult,
  RequestContext,
  ResourceStore,
  WatchEvent,
  WatchOptions,
} from './resource-store.js';

export interface MemoryBackendOptions {
  /** Milliseconds since the epoch. Default Date.now. */
  nowMs?: () => number;
  /** Changes kept per resource for watches and pages. Default 1024. */
  historyLimit?: number;
  /** Longest silence on a watch that allows bookmarks. Default 30 s. */
  bookmarkIntervalMs?: number;
  /**
   * Version to begin at; versions below get 410. A number that rises from life to life (a clock) keeps clients of an earlier
   * life from resuming in this one. Default 0.
   */
  firstVersion?: number;
}

export class MemoryBackend implements Backend {
  readonly nowMs: () => number;
  readonly #options: MemoryBackendOptions;
  readonly #stores = new Map<string, MemoryStore>();
  #version: number;

  constructor(options: MemoryBackendOptions = {}) {
    this.#options = options;
    this.#version = options.firstVersion ?? 0;
    this.nowMs = options.nowMs ?? Date.now;
  }

  /** resourceVersion of the last write. */
  get version(): number {
    return this.#version;
  }

  /** Takes the next resourceVersion. */
  nextVersion(): number {
    return ++this.#version;
  }

  storeOf(definition: ResourceDefinition): MemoryStore {
    const id = `${definition.group}/${definition.plural}`;
    let store = this.#stores.get(id);
    if (store === undefined) {
      const { group, version, kind, selectableFields } = definition;
      const { historyLimit, bookmarkIntervalMs, firstVersion } = this.#options;
      const table = new ResourceTable({
        apiVersion: group === '' ? version : `${group}/${version}`,
        kind,
        version: () => this.#version,
        ...(selectableFields === undefined ? {} : { selectableFields }),
        ...(historyLimit === undefined ? {} : { historyLimit }),
        ...(bookmarkIntervalMs === undefined ? {} : { bookmarkIntervalMs }),
        ...(firstVersion === undefined ? {} : { floor: firstVersion }),
      });
      store = new MemoryStore(this, definition, table);
      this.#stores.set(id, store);
    }
    return store;
  }
}

/** One resource of a {@link MemoryBackend}. Every write is done within the call, so writes never interleave. */
export class MemoryStore implements ResourceStore {
  readonly #backend: MemoryBackend;
  readonly #definition: ResourceDefinition;
  readonly #table: ResourceTable;

  constructor(backend: MemoryBackend, definition: ResourceDefinition, table: ResourceTable) {
    this.#backend = backend;
    this.#definition = definition;
    this.#table = table;
  }

  async get(
    key: ObjectKey,
    _context: RequestContext,
    options: { atLeast?: string } = {},
  ): Promise<KubeObject | undefined> {
    this.#table.requireVersion(options.atLeast);
    return Promise.resolve(this.#table.get(key));
  }

  async list(options: ListOptions, _context: RequestContext): Promise<ListResult> {
    return Promise.resolve(this.#table.list(options));
  }

  async create(object: KubeObject, _context: RequestContext): Promise<KubeObject> {
    this.#requireFree(object);
    return Promise.resolve(this.#write(object));
  }

  async createMany(objects: readonly KubeObject[], _context: RequestContext): Promise<KubeObject[]> {
    const seen = new Set<string>();
    for (const object of objects) {
      this.#requireFree(object);
      const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      if (seen.has(key)) throw alreadyExists(this.#definition, object.metadata.name);
      seen.add(key);
    }
    return Promise.resolve(objects.map((object) => this.#write(object)));
  }

  async update(
    object: KubeObject,
    _context: RequestContext,
    { expectedResourceVersion, subresource }: { expectedResourceVersion?: string; subresource?: string },
  ): Promise<KubeObject> {
    const live = this.#require(object.metadata);
    if (expectedResourceVersion !== undefined && expectedResourceVersion !== live.metadata.resourceVersion) {
      throw modified(this.#definition, object.metadata.name);
    }
    const next = subresource === 'status' ? withStatusOf(live, object) : object;
    if (!finishesDeletion(next)) return Promise.resolve(this.#write(next));
    return Promise.resolve(this.#table.remove(next.metadata, this.#backend.nextVersion(), next) ?? next);
  }

  async delete(
    key: ObjectKey,
    _context: RequestContext,
    options: DeleteOptions,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    const live = this.#require(key);
    const plan = planDeletion(this.#definition, live, options, this.#backend.nowMs());
    switch (plan.action) {
      case 'pending':
        return Promise.resolve({ object: live, gone: false });
      case 'mark':
        return Promise.resolve({ object: this.#write(plan.object), gone: false });
      case 'remove': {
        const object = this.#table.remove(key, this.#backend.nextVersion()) ?? live;
        return Promise.resolve({ object, gone: true });
      }
    }
  }

  watch(options: WatchOptions, _context: RequestContext): AsyncIterable<WatchEvent> {
    return this.#table.watch(options);
  }

  #write(object: KubeObject): KubeObject {
    const stored = atVersion(object, this.#backend.nextVersion());
    this.#table.put(stored);
    return stored;
  }

  #require(key: ObjectKey): KubeObject {
    const live = this.#table.get(key);
    if (live === undefined) throw notFound(this.#definition, key.name);
    return live;
  }

  #requireFree({ metadata }: KubeObject): void {
    if (this.#table.get(metadata) !== undefined) throw alreadyExists(this.#definition, metadata.name);
  }
}

/** The live object with the status (and the managedFields that tell of it) of another. */
function withStatusOf(live: KubeObject, from: KubeObject): KubeObject {
  const { status: _old, ...rest } = live;
  const { managedFields } = from.metadata;
  const metadata = managedFields === undefined ? live.metadata : { ...live.metadata, managedFields };
  return {
    ...rest,
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata,
    ...('status' in from ? { status: from.status } : {}),
  };
}
