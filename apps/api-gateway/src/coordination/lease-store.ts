/**
 * Leases in a KV bucket beside the log: a holder renews its Lease every few seconds, and that is no history that anyone wants. A Lease's
 * resourceVersion is its revision in the bucket, so of two candidates one wins whichever gateways they ask. Reads and watches come from
 * this gateway's copy of the bucket, once that is as new as the bucket was when they were asked for.
 */
import {
  type DeleteOptions,
  type ListOptions,
  type ListResult,
  type RequestContext,
  type ResourceDefinition,
  type ResourceStore,
  StatusError,
  type WatchEvent,
  type WatchOptions,
  alreadyExists,
  finishesDeletion,
  forbidden,
  modified,
  notFound,
  planDeletion,
} from '@skyflow/apimachinery';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import { type Rejection, namespaceProblem } from '@skyflow/domain';
import { JetStreamRefusal, type KvBucket, LogUnavailableError } from '@skyflow/event-log';
import type { CommandSink } from '../store/command-sink.js';
import type { ReadModel } from '../store/read-model.js';
import { rejectionError } from '../store/rejections.js';
import { type LeaseCopy, keyOf } from './lease-copy.js';

/** At most so many are kept, deleted ones of the last hour among them. */
export const MOST_LEASES = 10_000;
/** nats-server's words for a stream that is full, and for a message that is too large for it. */
const NO_ROOM = [10_077, 10_054];
/** Someone else wrote between our look and our write. */
const ATTEMPTS = 5;

export interface LeaseStoreParts {
  definition: ResourceDefinition;
  bucket: KvBucket;
  copy: LeaseCopy;
  model: ReadModel;
  sink: CommandSink;
}

interface Stored {
  object: KubeObject;
  revision: number;
}

export class LeaseStore implements ResourceStore {
  constructor(private readonly parts: LeaseStoreParts) {}

  async get(
    key: ObjectKey,
    { signal }: RequestContext,
    options?: { atLeast?: string },
  ): Promise<KubeObject | undefined> {
    const { copy } = this.parts;
    await reached(() => copy.upToDate(signal));
    copy.table.requireVersion(options?.atLeast);
    return copy.table.get(key);
  }

  async list(options: ListOptions, { signal }: RequestContext): Promise<ListResult> {
    const { copy } = this.parts;
    await reached(() => copy.upToDate(signal));
    return copy.table.list(options);
  }

  async *watch(options: WatchOptions, _context: RequestContext): AsyncIterable<WatchEvent> {
    const { copy } = this.parts;
    await reached(() => copy.upToDate(options.signal));
    yield* copy.table.watch(options);
  }

  async create(object: KubeObject, _context: RequestContext): Promise<KubeObject> {
    const { bucket, definition, model, sink } = this.parts;
    const { name, namespace = '' } = object.metadata;
    await model.upToDate();
    const look = (): Rejection | undefined => namespaceProblem(model.state, namespace);
    const problem = look() && (await sink.surely(look));
    if (problem !== undefined) throw rejectionError(definition, name, problem);
    const key = keyOf(object.metadata);
    const before = await reached(() => bucket.read(key));
    if (before?.value !== undefined) throw alreadyExists(definition, name);
    const revision = await this.written(object, before?.revision ?? 0);
    if (revision === undefined) throw alreadyExists(definition, name);
    return at(object, revision);
  }

  async update(
    object: KubeObject,
    _context: RequestContext,
    { expectedResourceVersion }: { expectedResourceVersion?: string },
  ): Promise<KubeObject> {
    const { definition, bucket } = this.parts;
    const { name } = object.metadata;
    for (let attempt = 1; ; attempt += 1) {
      const { revision } = await this.stored(object.metadata);
      if (expectedResourceVersion !== undefined && expectedResourceVersion !== String(revision)) {
        throw modified(definition, name);
      }
      const next = finishesDeletion(object)
        ? await reached(() => bucket.delete(keyOf(object.metadata), revision))
        : await this.written(object, revision);
      if (next !== undefined) return at(object, next);
      if (expectedResourceVersion !== undefined || attempt === ATTEMPTS) throw modified(definition, name);
    }
  }

  async delete(
    key: ObjectKey,
    _context: RequestContext,
    options: DeleteOptions,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    const { definition, bucket } = this.parts;
    for (let attempt = 1; ; attempt += 1) {
      const { object, revision } = await this.stored(key);
      const plan = planDeletion(definition, object, options, Date.now());
      if (plan.action === 'pending') return { object, gone: false };
      const next =
        plan.action === 'remove'
          ? await reached(() => bucket.delete(keyOf(key), revision))
          : await this.written(plan.object, revision);
      if (next !== undefined) {
        return plan.action === 'remove'
          ? { object: at(object, next), gone: true }
          : { object: at(plan.object, next), gone: false };
      }
      if (attempt === ATTEMPTS) throw modified(definition, key.name);
    }
  }

  /** As it is in the bucket now. @throws StatusError 404 */
  private async stored(key: ObjectKey): Promise<Stored> {
    const entry = await reached(() => this.parts.bucket.read(keyOf(key)));
    if (entry?.value === undefined) throw notFound(this.parts.definition, key.name);
    const object = JSON.parse(Buffer.from(entry.value).toString()) as KubeObject;
    return { object: at(object, entry.revision), revision: entry.revision };
  }

  /** Its new revision; undefined: it was not at `revision`. */
  private async written(object: KubeObject, revision: number): Promise<number | undefined> {
    const { resourceVersion: _own, ...metadata } = object.metadata;
    try {
      const text = JSON.stringify({ ...object, metadata });
      return await reached(() => this.parts.bucket.write(keyOf(object.metadata), text, revision));
    } catch (error) {
      if (!(error instanceof JetStreamRefusal) || !NO_ROOM.includes(error.code)) throw error;
      const why = `as many leases as can be kept are there (${String(MOST_LEASES)}), or this one is too large; delete some that nobody needs`;
      throw forbidden(this.parts.definition, object.metadata.name, why);
    }
  }
}

/** The object at a revision of the bucket. */
export const at = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
});

/** @throws StatusError 503 when the bucket cannot be reached; what was to be written may have been. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof LogUnavailableError)) throw error;
    const text = `leases cannot be reached now (${error.message}); read it again before the next try`;
    throw new StatusError(503, 'ServiceUnavailable', text, { retryAfterSeconds: 1 });
  }
}
