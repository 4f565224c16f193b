/**
 * The garbage collector of the API, as decisions (kube-controller-manager pkg/controller/garbagecollector): what is owned only by what
 * is gone goes, what waits for what it owns is released when that is gone, what is orphaned loses its owner. Level-triggered: deciding
 * again after the commands were folded asks for what is still missing, and in the end for nothing.
 */
import type { OwnerReference, StoredObject } from '@skyflow/contracts';
import type { ObjectCommand } from '../commands.js';
import { type ObjectRecord, readMeta } from '../object-record.js';
import type { ObjectChange, ObjectsState } from '../objects-state.js';
import { storedObjectOf } from '../records.js';
import { type ObjectKey, ownersOf } from './owned-objects.js';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER, isDeletingForeground, isOrphaning } from './propagation.js';

/** Kind in the log of an owner's kind; undefined: the log has no such kind, and whether the owner is there is not known. */
export type StoredKindOf = (apiVersion: string, kind: string) => string | undefined;

/** What to do about one object now. */
export function collectGarbage(state: ObjectsState, key: ObjectKey, kindOf: StoredKindOf): ObjectCommand[] {
  const record = state.table.get(key.kind, key.namespace, key.name);
  if (record === undefined) return [];
  if (isOrphaning(record)) return orphan(state, record);
  if (isDeletingForeground(record)) return deleteOwnedFirst(state, record, kindOf);
  return record.deletedAt > 0 ? [] : deleteIfAbandoned(state, record, kindOf);
}

/** Whom a change concerns. */
export function concernedByChange(state: ObjectsState, change: ObjectChange, kindOf: StoredKindOf): ObjectKey[] {
  const { type, record, previous } = change;
  const owners = [...ownersOf(record), ...(previous === undefined ? [] : ownersOf(previous))];
  const keys: ObjectKey[] = [];
  if (type === 'DELETED') keys.push(...state.owned.of(record.uid));
  else if (owners.length > 0 || record.deletedAt > 0) keys.push(record);
  // Owners may wait for it, or for it to be theirs no more.
  if (type !== 'ADDED') {
    for (const owner of owners) {
      const found = ownerRecord(state, owner, record.namespace, kindOf);
      if (found !== undefined && found.deletedAt > 0) keys.push(found);
    }
  }
  return keys;
}

/** What may need something before any change: asked once, after a start. */
export function possibleGarbage(state: ObjectsState): ObjectKey[] {
  const keys: ObjectKey[] = [...state.owned.all()];
  for (const record of state.table.all()) if (record.deletedAt > 0 && record.meta !== '') keys.push(record);
  return keys;
}

function orphan(state: ObjectsState, record: ObjectRecord): ObjectCommand[] {
  const owned = ownedRecords(state, record);
  if (owned.length === 0) return [withoutFinalizer(record, ORPHAN_FINALIZER)];
  return owned.map((each) =>
    withOwners(
      each,
      ownersOf(each).filter(({ uid }) => uid !== record.uid),
    ),
  );
}

function deleteOwnedFirst(state: ObjectsState, record: ObjectRecord, kindOf: StoredKindOf): ObjectCommand[] {
  const owned = ownedRecords(state, record);
  const isWaitedFor = (each: ObjectRecord): boolean =>
    ownersOf(each).some(({ uid, blockOwnerDeletion }) => uid === record.uid && blockOwnerDeletion === true);
  const release = owned.some(isWaitedFor) ? [] : [withoutFinalizer(record, FOREGROUND_FINALIZER)];
  const deletions = owned.filter(({ deletedAt }) => deletedAt === 0);
  return [...release, ...deletions.flatMap((each) => deleteIfAbandoned(state, each, kindOf))];
}

function deleteIfAbandoned(state: ObjectsState, record: ObjectRecord, kindOf: StoredKindOf): ObjectCommand[] {
  const owners = ownersOf(record);
  const found = owners.map((owner) => standingOf(state, owner, record.namespace, kindOf));
  if (!found.some((standing) => standing !== 'there')) return [];
  const staying = owners.filter((_, index) => found[index] === 'there');
  if (staying.length > 0) return [withOwners(record, staying)];
  const owned = ownedRecords(state, record);
  const foreground = found.includes('waiting') && owned.length > 0;
  const blocking = owners.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
  // They own each other in a circle: each would wait for the other for ever.
  if (foreground && blocking && owned.some(isDeletingForeground)) {
    return [withOwners(record, owners.map(withoutBlocking))];
  }
  const { kind, namespace, name, uid } = record;
  return [
    {
      verb: 'delete',
      kind,
      ...(namespace === '' ? {} : { namespace }),
      name,
      uid,
      ...(foreground ? { propagation: 'Foreground' } : {}),
    },
  ];
}

/** `waiting`: it is being deleted and waits for what it owns. */
type Standing = 'there' | 'waiting' | 'gone';

function standingOf(state: ObjectsState, owner: OwnerReference, namespace: string, kindOf: StoredKindOf): Standing {
  if (kindOf(owner.apiVersion, owner.kind) === undefined) return 'there';
  const record = ownerRecord(state, owner, namespace, kindOf);
  if (record === undefined) return 'gone';
  return isDeletingForeground(record) ? 'waiting' : 'there';
}

/** Owners are in the namespace of what they own, or in none. */
function ownerRecord(
  { table }: ObjectsState,
  { apiVersion, kind: apiKind, name, uid }: OwnerReference,
  namespace: string,
  kindOf: StoredKindOf,
): ObjectRecord | undefined {
  const kind = kindOf(apiVersion, apiKind);
  if (kind === undefined) return undefined;
  return [table.get(kind, namespace, name), table.get(kind, '', name)].find((record) => record?.uid === uid);
}

const ownedRecords = ({ table, owned }: ObjectsState, { uid }: ObjectRecord): ObjectRecord[] =>
  owned.of(uid).flatMap(({ kind, namespace, name }) => table.get(kind, namespace, name) ?? []);

const withoutBlocking = ({ blockOwnerDeletion: _blocking, ...owner }: OwnerReference): OwnerReference => owner;

const withoutFinalizer = (record: ObjectRecord, name: string): ObjectCommand =>
  updated(record, ({ finalizers: _before, ...rest }) => {
    const left = (readMeta(record).finalizers ?? []).filter((each) => each !== name);
    return left.length === 0 ? rest : { ...rest, finalizers: left };
  });

const withOwners = (record: ObjectRecord, owners: readonly OwnerReference[]): ObjectCommand =>
  updated(record, ({ ownerReferences: _before, ...rest }) =>
    owners.length === 0 ? rest : { ...rest, ownerReferences: [...owners] },
  );

function updated(
  record: ObjectRecord,
  change: (metadata: StoredObject['metadata']) => StoredObject['metadata'],
): ObjectCommand {
  const object = storedObjectOf(record);
  return { verb: 'update', object: { ...object, metadata: change(object.metadata) }, expect: record.specPosition };
}
