/**
 * All verbs of one resource below HTTP: the same rules for requests from outside and for controllers in the process.
 * Bodies passed in are consumed; objects that come out may be frozen and shared.
 */
import type { ResourceDefinition } from '../api/definition.js';
import { isStatus, notFound } from '../api/errors.js';
import { cloneJson, type KubeObject, type ObjectKey, setValueAt, valueAt } from '@skyflow/contracts';
import type { WriteOptions, WriteResult } from '../api/request-options.js';
import type {
  DeleteOptions,
  ListOptions,
  ListResult,
  RequestContext,
  ResourceStore,
  WatchEvent,
  WatchOptions,
} from '../store/resource-store.js';
import { applyObject } from './applying.js';
import { storeChange } from './change.js';
import { createObject, createObjects } from './creation.js';
import { readEnvelope, type InputTarget } from './object-input.js';
import { patchObject, type PatchRequest } from './patching.js';
import { deleteCollection, deleteObject, type Removed } from './removal.js';
import type { ResourceSetup } from './resource-setup.js';
import { replicasOf, scaleOf } from './scale.js';
import { WRITE_ATTEMPTS } from './write-attempts.js';

export interface UpdateRequest {
  target: InputTarget & { name: string };
  subresource?: string;
  options: WriteOptions;
  context: RequestContext;
}

export class Resource {
  readonly definition: ResourceDefinition;
  readonly #setup: ResourceSetup;

  constructor(setup: ResourceSetup) {
    this.definition = setup.definition;
    this.#setup = setup;
  }

  get store(): ResourceStore {
    return this.#setup.store;
  }

  /** @throws StatusError 404 */
  async get(key: ObjectKey, context: RequestContext, options?: { atLeast?: string }): Promise<KubeObject> {
    const object = await this.#setup.store.get(key, context, options);
    if (object === undefined) throw notFound(this.definition, key.name);
    return object;
  }

  async list(options: ListOptions, context: RequestContext): Promise<ListResult> {
    return this.#setup.store.list(options, context);
  }

  watch(options: WatchOptions, context: RequestContext): AsyncIterable<WatchEvent> {
    return this.#setup.store.watch(options, context);
  }

  async create(
    body: unknown,
    target: InputTarget,
    options: WriteOptions,
    context: RequestContext,
  ): Promise<WriteResult<KubeObject>> {
    return createObject(this.#setup, body, target, options, context);
  }

  /** All or none. */
  async createMany(
    bodies: readonly unknown[],
    target: InputTarget,
    options: WriteOptions,
    context: RequestContext,
  ): Promise<WriteResult<KubeObject[]>> {
    return createObjects(this.#setup, bodies, target, options, context);
  }

  /** Replaces the object. A body without a resourceVersion replaces whatever is there. */
  async update(body: unknown, request: UpdateRequest): Promise<WriteResult<KubeObject>> {
    const { target, context } = request;
    const insists = Boolean(valueAt(body, 'metadata.resourceVersion'));
    for (let attempt = 1; ; attempt++) {
      const live = await this.get(target, context).catch((error: unknown): never => {
        // A body for another object is wrong even where this one is not there.
        readEnvelope(this.#setup, cloneJson(body), target);
        throw error;
      });
      try {
        return await storeChange(this.#setup, { ...request, live, next: insists ? body : cloneJson(body) });
      } catch (error) {
        if (insists || attempt >= WRITE_ATTEMPTS || !isStatus(error, 'Conflict')) throw error;
      }
    }
  }

  /** `created`: server-side apply made the object. */
  async patch(request: PatchRequest): Promise<WriteResult<KubeObject> & { created: boolean }> {
    if (request.type === 'apply') return applyObject(this.#setup, request);
    return { ...(await patchObject(this.#setup, request)), created: false };
  }

  async delete(key: ObjectKey, options: DeleteOptions, context: RequestContext): Promise<Removed> {
    return deleteObject(this.#setup, key, options, context);
  }

  async deleteCollection(
    scope: Pick<ListOptions, 'namespace' | 'selectors' | 'visible'>,
    options: DeleteOptions,
    context: RequestContext,
  ): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    return deleteCollection(this.#setup, scope, options, context);
  }

  async getScale(key: ObjectKey, context: RequestContext): Promise<KubeObject> {
    return scaleOf(this.definition, await this.get(key, context));
  }

  /** `toScale` makes the wanted Scale from the current one: an update returns its body, a patch applies itself. */
  async updateScale(
    toScale: (current: KubeObject) => unknown,
    request: UpdateRequest,
  ): Promise<WriteResult<KubeObject>> {
    const { target, context, options } = request;
    for (let attempt = 1; ; attempt++) {
      const live = await this.get(target, context);
      const scale = toScale(scaleOf(this.definition, live));
      const next = cloneJson(live);
      setValueAt(next, this.definition.scale?.specReplicasPath ?? '', replicasOf(this.definition, target.name, scale));
      const version = valueAt(scale, 'metadata.resourceVersion');
      if (typeof version === 'string' && version !== '') next.metadata.resourceVersion = version;
      try {
        const { object, warnings } = await storeChange(this.#setup, {
          live,
          next,
          target,
          options,
          context,
          writtenBy: 'scale',
        });
        return { object: scaleOf(this.definition, object), warnings };
      } catch (error) {
        if (attempt >= WRITE_ATTEMPTS || !isStatus(error, 'Conflict') || version !== live.metadata.resourceVersion) {
          throw error;
        }
      }
    }
  }
}
