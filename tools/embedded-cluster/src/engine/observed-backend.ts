/**
 * A memory backend that tells of every write, in order, before the writer gets its answer: what the controllers of a cluster
 * are driven by, instead of one watch per kind and controller.
 */
import {
  type Backend,
  type DeleteOptions,
  type ListOptions,
  type ListResult,
  type RequestContext,
  type ResourceDefinition,
  type ResourceStore,
  type WatchEvent,
  type WatchOptions,
  finishesDeletion,
  MemoryBackend,
  type MemoryBackendOptions,
} from '@skyflow/apimachinery';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import { REVIEW_KINDS, ReviewStore } from '../api/review-store.js';
import { NAMESPACE_FINALIZER } from '../controllers/namespace.js';

export interface StoreWrite {
  /** As stored now; for a deletion the last state. */
  object: KubeObject;
  deleted: boolean;
}

export type WriteListener = (write: StoreWrite) => void;

export class ObservedBackend implements Backend {
  readonly #inner: MemoryBackend;
  readonly #listener: WriteListener;
  readonly #stores = new Map<ResourceDefinition, ResourceStore>();

  constructor(listener: WriteListener, options: MemoryBackendOptions = {}) {
    this.#inner = new MemoryBackend(options);
    this.#listener = listener;
  }

  storeOf(definition: ResourceDefinition): ResourceStore {
    let store = this.#stores.get(definition);
    if (store === undefined) {
      store = REVIEW_KINDS.has(definition.kind)
        ? new ReviewStore()
        : new ObservedStore(this.#inner.storeOf(definition), this.#listener, definition.kind === 'Namespace');
      this.#stores.set(definition, store);
    }
    return store;
  }
}

class ObservedStore implements ResourceStore {
  readonly #inner: ResourceStore;
  readonly #listener: WriteListener;
  readonly #isNamespaces: boolean;

  constructor(inner: ResourceStore, listener: WriteListener, isNamespaces: boolean) {
    this.#inner = inner;
    this.#listener = listener;
    this.#isNamespaces = isNamespaces;
  }

  get(key: ObjectKey, context: RequestContext, options?: { atLeast?: string }): Promise<KubeObject | undefined> {
    return this.#inner.get(key, context, options);
  }

  list(options: ListOptions, context: RequestContext): Promise<ListResult> {
    return this.#inner.list(options, context);
  }

  watch(options: WatchOptions, context: RequestContext): AsyncIterable<WatchEvent> {
    return this.#inner.watch(options, context);
  }

  async create(object: KubeObject, context: RequestContext): Promise<KubeObject> {
    const created = await this.#inner.create(object, context);
    this.#listener({ object: created, deleted: false });
    return created;
  }

  async update(
    object: KubeObject,
    context: RequestContext,
    options: { expectedResourceVersion?: string; subresource?: string },
  ): Promise<KubeObject> {
    const updated = await this.#inner.update(object, context, options);
    this.#listener({ object: updated, deleted: finishesDeletion(updated) });
    return updated;
  }

  async delete(
    key: ObjectKey,
    context: RequestContext,
    options: DeleteOptions,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    if (this.#isNamespaces) await this.#holdNamespace(key, context);
    const result = await this.#inner.delete(key, context, options);
    this.#listener({ object: result.object, deleted: result.gone });
    return result;
  }

  /** A namespace stays until its controller has emptied it. */
  async #holdNamespace(key: ObjectKey, context: RequestContext): Promise<void> {
    const namespace = await this.#inner.get(key, context);
    if (namespace === undefined) return;
    const { deletionTimestamp, finalizers = [] } = namespace.metadata;
    if (deletionTimestamp !== undefined || finalizers.includes(NAMESPACE_FINALIZER)) return;
    const metadata = { ...namespace.metadata, finalizers: [...finalizers, NAMESPACE_FINALIZER] };
    const status = { ...(namespace['status'] as object | undefined), phase: 'Terminating' };
    await this.#inner.update({ ...namespace, metadata, status }, context, {});
  }
}
