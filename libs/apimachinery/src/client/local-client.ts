/**
 * The API for controllers in the same process: no HTTP, the same rules. What goes in is copied, what comes out is frozen and
 * shared (copy before you change it: `cloneJson`).
 */
import { isStatus } from '../api/errors.js';
import { cloneJson, type KubeObject, type ObjectKey } from '@skyflow/contracts';
import type { ResourceDefinition } from '../api/definition.js';
import { parseFieldSelector, parseLabelSelector } from '../api/selector-parser.js';
import { EVERYTHING, selectablePaths, type Selectors } from '../api/selectors.js';
import type { WriteOptions } from '../api/request-options.js';
import type { Api } from '../registry/api.js';
import type { PatchType } from '../registry/patching.js';
import type { Resource } from '../registry/resource.js';
import type { DeleteOptions, RequestContext } from '../store/resource-store.js';

export interface ClientScope {
  /** Absent: all namespaces. */
  namespace?: string;
  /** `app=web,tier in (a,b)` */
  labelSelector?: string;
  /** `spec.nodeName=n1` */
  fieldSelector?: string;
}

export interface ClientWatchOptions extends ClientScope {
  /** Absent: first all objects as ADDED. */
  resourceVersion?: string;
  signal: AbortSignal;
}

export interface ClientWatchEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

/** Typed access to one resource. All throw StatusError. */
export interface ResourceClient<T extends KubeObject = KubeObject> {
  readonly definition: ResourceDefinition;
  /** Undefined if there is none. */
  get(key: ObjectKey): Promise<T | undefined>;
  list(scope?: ClientScope): Promise<{ items: T[]; resourceVersion: string }>;
  /** The position is taken at the call. Throws 410 Expired from the iterator when it must list again. */
  watch(options: ClientWatchOptions): AsyncIterable<ClientWatchEvent<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  /** With the resourceVersion that the object carries; without one, whatever is there is replaced. */
  update(object: T, options?: WriteOptions): Promise<T>;
  updateStatus(object: T, options?: WriteOptions): Promise<T>;
  patch(
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { subresource?: string; force?: boolean },
  ): Promise<T>;
  /** False: there was none. */
  delete(key: ObjectKey, options?: DeleteOptions): Promise<boolean>;
}

export class LocalClient {
  readonly #api: Api;
  readonly #context: RequestContext;

  /** @param name who writes: user name and field manager. */
  constructor(api: Api, name: string) {
    this.#api = api;
    this.#context = { user: { name, groups: ['system:masters'] }, requestId: name };
  }

  for<T extends KubeObject = KubeObject>(definition: ResourceDefinition): ResourceClient<T> {
    return new LocalResourceClient<T>(this.#api.resource(definition), this.#context);
  }
}

class LocalResourceClient<T extends KubeObject> implements ResourceClient<T> {
  readonly #resource: Resource;
  readonly #context: RequestContext;

  constructor(resource: Resource, context: RequestContext) {
    this.#resource = resource;
    this.#context = context;
  }

  get definition(): ResourceDefinition {
    return this.#resource.definition;
  }

  async get(key: ObjectKey): Promise<T | undefined> {
    return (await this.#resource.store.get(key, this.#context)) as T | undefined;
  }

  async list(scope: ClientScope = {}): Promise<{ items: T[]; resourceVersion: string }> {
    const { items, resourceVersion } = await this.#resource.list(this.#scope(scope), this.#context);
    return { items: items as T[], resourceVersion };
  }

  watch({ resourceVersion, signal, ...scope }: ClientWatchOptions): AsyncIterable<ClientWatchEvent<T>> {
    const options = {
      ...this.#scope(scope),
      allowBookmarks: false,
      signal,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    return this.#resource.watch(options, this.#context) as AsyncIterable<ClientWatchEvent<T>>;
  }

  async create(object: T, options: WriteOptions = {}): Promise<T> {
    const target = namespaceOf(object.metadata);
    const { object: created } = await this.#resource.create(
      cloneJson(object),
      target,
      this.#by(options),
      this.#context,
    );
    return created as T;
  }

  async update(object: T, options: WriteOptions = {}): Promise<T> {
    return this.#replace(object, options);
  }

  async updateStatus(object: T, options: WriteOptions = {}): Promise<T> {
    return this.#replace(object, options, 'status');
  }

  async patch(
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    { subresource, ...options }: WriteOptions & { subresource?: string; force?: boolean } = {},
  ): Promise<T> {
    const { object } = await this.#resource.patch({
      target: key,
      type,
      patch,
      options: { ...this.#by(options), ...(options.force === undefined ? {} : { force: options.force }) },
      context: this.#context,
      ...(subresource === undefined ? {} : { subresource }),
    });
    return object as T;
  }

  async delete(key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    try {
      await this.#resource.delete(key, options, this.#context);
      return true;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false;
      throw error;
    }
  }

  async #replace(object: T, options: WriteOptions, subresource?: string): Promise<T> {
    const { object: stored } = await this.#resource.update(cloneJson(object), {
      target: { ...namespaceOf(object.metadata), name: object.metadata.name },
      options: this.#by(options),
      context: this.#context,
      ...(subresource === undefined ? {} : { subresource }),
    });
    return stored as T;
  }

  #by(options: WriteOptions): WriteOptions {
    // Controllers are our own code: an unknown field is dropped as for any client, but the search for it costs.
    return { fieldManager: this.#context.user.name, fieldValidation: 'Ignore', ...options };
  }

  #scope({ namespace, labelSelector, fieldSelector }: ClientScope): { namespace?: string; selectors: Selectors } {
    const paths = selectablePaths(this.definition.selectableFields);
    const selectors: Selectors =
      labelSelector === undefined && fieldSelector === undefined
        ? EVERYTHING
        : {
            labels: parseLabelSelector(labelSelector ?? ''),
            fields: parseFieldSelector(fieldSelector ?? '', paths),
          };
    return { selectors, ...(namespace === undefined ? {} : { namespace }) };
  }
}

const namespaceOf = ({ namespace }: { namespace?: string }): { namespace?: string } =>
  namespace === undefined ? {} : { namespace };
