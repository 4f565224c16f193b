/**
 * The pluggable store under the API: what the gateway puts over the log and an embedded cluster over memory.
 * store.contract.ts holds every implementation to it.
 *
 * resourceVersions are decimal strings, comparable as numbers over all resources of one backend (KEP-5504).
 */
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import type { Selectors } from '../api/selectors.js';

/** Who asks and how; the store passes it on to what it records. */
export interface RequestContext {
  user: { name: string; groups: readonly string[] };
  /** What was allowed: admission asks for more where a request does more than its verb says (an apply that creates). */
  verb?: string;
  /** Correlation id of the request. */
  requestId: string;
  /** W3C traceparent of the request. */
  trace?: string;
  /** Idempotency-Key header. */
  idempotencyKey?: string;
  dryRun?: boolean;
  /** Query of the request, as text: admission may have parameters of its own. */
  query?: string;
  signal?: AbortSignal;
}

/** Whether the asker may see an object; what he may not is not there for him. */
export type Visible = (key: ObjectKey) => boolean;

export interface ListOptions {
  /** Absent: all namespaces. */
  namespace?: string;
  selectors: Selectors;
  /** Absent: everything. */
  visible?: Visible;
  limit?: number;
  /** Opaque token of the page before. @throws StatusError 410 Expired when it is too old. */
  continueToken?: string;
  /** Serve state at least this new; wait for it if need be. @throws StatusError 504 when it does not come. */
  atLeast?: string;
  /** Serve exactly the state at this version. @throws StatusError 410 Expired when it is too old. */
  exactly?: string;
}

export interface ListResult {
  items: KubeObject[];
  resourceVersion: string;
  continueToken?: string;
  remainingItemCount?: number;
  /** What the reader has to know of the items, in a Warning header each. */
  warnings?: readonly string[];
}

export interface WatchOptions {
  namespace?: string;
  selectors: Selectors;
  /** Absent: everything. */
  visible?: Visible;
  /** Events after this version. Absent or "0": first the current objects as ADDED. @throws StatusError 410 when too old. */
  resourceVersion?: string;
  /** KEP-3157 streaming list: current objects as ADDED, then a bookmark annotated k8s.io/initial-events-end. */
  sendInitialEvents?: boolean;
  allowBookmarks: boolean;
  signal: AbortSignal;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: KubeObject;
}

export interface DeleteOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
}

/**
 * Objects that go in belong to the store from then on (it may freeze them); what comes out may be frozen and shared. Nobody
 * changes what he passed or got.
 */
export interface ResourceStore {
  /** Undefined if there is none. */
  get(key: ObjectKey, context: RequestContext, options?: { atLeast?: string }): Promise<KubeObject | undefined>;
  list(options: ListOptions, context: RequestContext): Promise<ListResult>;
  /** The object is complete (defaults, uid, creationTimestamp, generation). @throws StatusError 409 AlreadyExists. */
  create(object: KubeObject, context: RequestContext): Promise<KubeObject>;
  /** All of them or none, in one go. Without it the machinery creates one by one. @throws StatusError 409 AlreadyExists. */
  createMany?(objects: readonly KubeObject[], context: RequestContext): Promise<KubeObject[]>;
  /**
   * Replaces the stored object. `expectedResourceVersion`: the version that the change was made from.
   * `subresource` 'status' changes only status (and managedFields). An object whose deletionTimestamp is set and whose last
   * finalizer this takes away is gone afterwards.
   * @throws StatusError 409 Conflict, 404 NotFound.
   */
  update(
    object: KubeObject,
    context: RequestContext,
    options: { expectedResourceVersion?: string; subresource?: string },
  ): Promise<KubeObject>;
  /** What a dry run asks: throws what `create` or `update` of these would, and writes nothing. Without it only names are looked at. */
  assertWritable?(verb: 'create' | 'update', objects: readonly KubeObject[], context: RequestContext): Promise<void>;
  /**
   * Whether a change made from this version of `live` is not stale. Without it only live's own version is not: a store whose status is
   * written by others than the users need not refuse a user's change because of them.
   */
  isCurrent?(live: KubeObject, resourceVersion: string): boolean;
  /** `gone` false: it is on its way (deletionTimestamp set, finalizers or a grace period pending). @throws StatusError 404, 409. */
  delete(
    key: ObjectKey,
    context: RequestContext,
    options: DeleteOptions,
  ): Promise<{ object: KubeObject; gone: boolean }>;
  /**
   * The position is taken at the call, not at the first read. Ends when the signal aborts.
   * @throws StatusError (from the iterator) 410 Expired when the version is too old, or mid-way when the reader is too slow for
   * the history kept.
   */
  watch(options: WatchOptions, context: RequestContext): AsyncIterable<WatchEvent>;
}
