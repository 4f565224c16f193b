/**
 * Links: read as what services and imports say of the ways between clusters, written as objects in the log that hold only what somebody
 * asks of a way. One that is there because of services can be patched though nobody made it; one that somebody made is taken back by
 * deleting it, and stays to be seen while services use it.
 */
import { type KubeObject, linkUid, type ObjectKey } from '@skyflow/contracts';
import {
  type DeleteOptions,
  type ListOptions,
  type ListResult,
  type RequestContext,
  type ResourceDefinition,
  type ResourceStore,
  type WatchEvent,
  type WatchOptions,
  notFound,
  StatusError,
} from '@skyflow/apimachinery';
import type { MirrorStore } from '../mirrors/mirror-store.js';

export class LinkStore implements ResourceStore {
  /** By name: JSON of the spec as it was last read, and the version since which it is so. */
  private readonly specs = new Map<string, { spec: string; since: number }>();

  /** @param seen links as they are. @param asked what was asked of them, in the log. */
  constructor(
    private readonly definition: ResourceDefinition,
    private readonly seen: MirrorStore,
    private readonly asked: ResourceStore,
  ) {}

  async get(key: ObjectKey): Promise<KubeObject | undefined> {
    return this.noted(await this.seen.get(key));
  }

  list(options: ListOptions): Promise<ListResult> {
    return this.seen.list(options);
  }

  watch(options: WatchOptions): AsyncIterable<WatchEvent> {
    return this.seen.watch(options);
  }

  async create(object: KubeObject, context: RequestContext): Promise<KubeObject> {
    return this.shown(await this.asked.create(withoutStatus(object), context));
  }

  async update(
    object: KubeObject,
    context: RequestContext,
    { expectedResourceVersion }: { expectedResourceVersion?: string },
  ): Promise<KubeObject> {
    const { metadata } = object;
    const stored = await this.asked.get(metadata, context);
    const live = await this.get(metadata);
    if (live === undefined) throw notFound(this.definition, metadata.name);
    if (expectedResourceVersion !== undefined && !this.isCurrent(live, expectedResourceVersion)) {
      throw this.conflict(metadata.name, 'its spec was modified meanwhile; read it again, and change that');
    }
    const wanted = withoutStatus(object);
    // One that nobody made before is somebody's from now on.
    return this.shown(
      stored === undefined
        ? await this.asked.create(wanted, context)
        : await this.asked.update(wanted, context, { expectedResourceVersion: stored.metadata.resourceVersion ?? '' }),
    );
  }

  /** What is said of a link changes all the time; stale is only who has not seen what was asked of it last. */
  isCurrent({ metadata }: KubeObject, resourceVersion: string): boolean {
    return Number(resourceVersion) >= (this.specs.get(metadata.name)?.since ?? 0);
  }

  async delete(
    key: ObjectKey,
    context: RequestContext,
    { preconditions, ...options }: DeleteOptions,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    const stored = await this.asked.get(key, context);
    if ((await this.get(key)) === undefined) throw notFound(this.definition, key.name);
    if (stored === undefined) {
      const why =
        'it is there because services use it, and goes when they do; nothing was asked of it that could be taken back';
      const message = `Operation cannot be fulfilled on links.skyflow.io "${key.name}": ${why}`;
      throw new StatusError(405, 'MethodNotAllowed', message, { name: key.name, kind: this.definition.kind });
    }
    const uid = preconditions?.uid;
    const deleted = await this.asked.delete(key, context, {
      ...options,
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    });
    return { ...deleted, gone: true };
  }

  /** As it is read from now on. */
  private async shown(written: KubeObject): Promise<KubeObject> {
    return (await this.get(written.metadata)) ?? written;
  }

  private noted(link: KubeObject | undefined): KubeObject | undefined {
    if (link === undefined) return undefined;
    const { name, resourceVersion } = link.metadata;
    const spec = JSON.stringify(link.spec);
    if (this.specs.get(name)?.spec !== spec) this.specs.set(name, { spec, since: Number(resourceVersion) });
    return link;
  }

  private conflict(name: string, why: string): StatusError {
    const message = `Operation cannot be fulfilled on links.skyflow.io "${name}": ${why}`;
    return new StatusError(409, 'Conflict', message, { name, kind: this.definition.kind });
  }
}

/** Versions of links are those of the last look; the log has its own. */
function withoutStatus({ status: _status, ...object }: KubeObject): KubeObject {
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, uid: linkUid(metadata.name) } };
}
