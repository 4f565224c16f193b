/** What a gateway may ask of the log about API objects, and what a decision about it looks like. */
import type { EntryData, ObjectRef, Position, ResourceList, StoredObject } from '@skyflow/contracts';
import type { Propagation } from './garbage/propagation.js';
import type { Rejection } from './rejection.js';

export interface CreateObject {
  readonly verb: 'create';
  /** Complete: defaults, uid, creationTimestamp. */
  readonly object: StoredObject;
  /** See idempotencyKey(). */
  readonly key?: string;
}

export interface UpdateObject {
  readonly verb: 'update';
  readonly object: StoredObject;
  /** Version that the change was made from; absent: whatever there is now. */
  readonly expect?: Position;
  readonly key?: string;
}

export interface DeleteObject {
  readonly verb: 'delete';
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Only this object, not another of the same name. */
  readonly uid?: string;
  readonly expect?: Position;
  /** Gone at once, without waiting for clusters. */
  readonly force?: boolean;
  /** What becomes of the objects that it owns; absent: they go after it, unless a finalizer of it says otherwise. */
  readonly propagation?: Propagation;
  readonly key?: string;
}

export type ObjectCommand = CreateObject | UpdateObject | DeleteObject;

/** An entry without what the writer adds: time, actor, correlation. */
export type ObjectEntryDraft = {
  [T in 'ObjectCreated' | 'ObjectUpdated' | 'ObjectDeleted']: { readonly type: T; readonly data: EntryData<T> };
}['ObjectCreated' | 'ObjectUpdated' | 'ObjectDeleted'];

export interface Accepted {
  /** To be appended in one commit; none if what was asked for is so already. */
  readonly entries: readonly ObjectEntryDraft[];
  /** The object that it is about. */
  readonly ref: ObjectRef;
  /** Position of the entry that the same request, with the same key, led to before. */
  readonly replayOf?: Position;
  /** What it takes of its namespace's quotas beyond what it took before, by name of the resource, base units. */
  readonly claim?: ResourceList;
}

export type Decision = Accepted | Rejection;

/** Most entries that one command leads to; the rest of a large namespace follows in further commits. */
export const ENTRIES_PER_COMMAND = 2_000;
