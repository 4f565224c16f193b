/**
 * A local copy of one resource of a Kubernetes API, kept up by a paged list and then a watch (client-go's Reflector).
 *
 * Promised: the store only ever goes forward; a dropped watch resumes from the last version seen; 410, an unreachable API (it
 * may come back with another history) and damaged streams lead to a new list whose differences are told as changes; a list
 * that failed half-way changes nothing. Not promised: every intermediate state of an object.
 */
import { outOfTrace } from '@skyflow/telemetry';
import type { KubeClient } from '../client/kube-client.js';
import { isExpired, KubeUnreachableError } from '../client/kube-errors.js';
import { keyOf, type KubeObject, type KubeResource } from '../client/kube-object.js';
import { Backoff } from './backoff.js';
import { ObjectStore, type Indexer, type StoreChange } from './object-store.js';

export interface ReflectorOptions<T extends KubeObject> {
  client: KubeClient;
  resource: KubeResource;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** What is kept of an object, to bound memory. Identity and resourceVersion must stay. */
  keep: (object: KubeObject) => T;
  indexers?: Record<string, Indexer<T>>;
  /** Called for each change in order, after the store has it; must not throw. */
  onChange?: (change: StoreChange<T>) => void;
  /** Called when the API stops answering for this resource, says so in other words, or answers again (undefined). */
  onHealth?: (error: Error | undefined) => void;
  pageSize?: number;
  /** Without any event or bookmark for this long the watch is made anew. Servers send bookmarks about every minute. */
  inactivityMs?: number;
  /** Longest pause between attempts. */
  backoffCapMs?: number;
  random?: () => number;
}

const PAGE_SIZE = 500;
const INACTIVITY_MS = 90_000;
/** The server ends each watch after 5–10 minutes, so that watches spread over API servers again. */
const WATCH_SECONDS = 300;
/** A watch that lasted this long was a good one, whatever ended it. */
const LONG_WATCH_MS = 10_000;
const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 5_000;

export class Reflector<T extends KubeObject> {
  readonly store: ObjectStore<T>;
  private readonly backoff: Backoff;
  private readonly synced = Promise.withResolvers<undefined>();
  private isSynced = false;
  private lastError: Error | undefined;
  private resourceVersion: string | undefined;

  constructor(private readonly options: ReflectorOptions<T>) {
    this.store = new ObjectStore(options.indexers);
    this.backoff = new Backoff({
      baseMs: BACKOFF_BASE_MS,
      capMs: options.backoffCapMs ?? BACKOFF_CAP_MS,
      ...(options.random === undefined ? {} : { random: options.random }),
    });
  }

  /** Whether a first complete list is in the store. */
  get hasSynced(): boolean {
    return this.isSynced;
  }

  /** Why the API does not answer for this resource at the moment, if it does not. */
  get error(): Error | undefined {
    return this.lastError;
  }

  /** Resolves when `hasSynced`. */
  async whenSynced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => {
      aborted.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Runs until the signal aborts; never throws for what an API may do. */
  run(signal: AbortSignal): Promise<void> {
    return outOfTrace(() => this.follow(signal));
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for (;;) {
      const startedAt = performance.now();
      try {
        if (this.resourceVersion === undefined) await this.list(signal);
        await this.watch(signal);
      } catch (error) {
        if (!signal.aborted) this.failed(error as Error);
      }
      if (signal.aborted) return;
      if (performance.now() - startedAt > LONG_WATCH_MS) this.backoff.reset();
      await this.backoff.pause(signal);
    }
  }

  /** A connection that broke after the API had answered resumes where it was; anything else begins with a new list. */
  private failed(error: Error): void {
    if (!(error instanceof KubeUnreachableError && error.answered)) this.resourceVersion = undefined;
    if (!isExpired(error)) this.health(error);
  }

  private async list(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector, keep, pageSize } = this.options;
    const objects: T[] = [];
    let version: string | undefined;
    const selection = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    for await (const page of client.pages(resource, { ...selection, limit: pageSize ?? PAGE_SIZE, signal })) {
      version = page.metadata.resourceVersion;
      for (const item of page.items) objects.push(keep(item));
    }
    const changes = this.store.replace(objects);
    this.resourceVersion = version ?? '0';
    this.health(undefined);
    for (const change of changes) this.options.onChange?.(change);
    this.isSynced = true;
    this.synced.resolve(undefined);
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { client, resource, keep, onChange, namespace, labelSelector, fieldSelector } = this.options;
    const events = await client.watch(resource, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(this.resourceVersion === undefined ? {} : { resourceVersion: this.resourceVersion }),
      timeoutSeconds: Math.round(WATCH_SECONDS * (1 + (this.options.random ?? Math.random)())),
      inactivityMs: this.options.inactivityMs ?? INACTIVITY_MS,
      signal,
    });
    this.health(undefined);
    for await (const event of events) {
      this.backoff.reset();
      if (event.type !== 'BOOKMARK') {
        const object = keep(event.object);
        const change =
          event.type === 'DELETED' ? this.store.delete(keyOf(object.metadata), object) : this.store.set(object);
        if (change !== undefined) onChange?.(change);
      }
      this.advance(event.object.metadata.resourceVersion);
    }
  }

  /** Versions are numbers that only grow (KEP-5504); one that shrinks is of an API that lost its state. */
  private advance(version: string | undefined): void {
    if (version === undefined) return;
    if (Number(version) < Number(this.resourceVersion)) {
      throw new KubeUnreachableError(`resourceVersion went back from ${this.resourceVersion ?? ''} to ${version}`);
    }
    this.resourceVersion = version;
  }

  private health(error: Error | undefined): void {
    const isNews = error?.message !== this.lastError?.message;
    this.lastError = error;
    if (isNews) this.options.onHealth?.(error);
  }
}
