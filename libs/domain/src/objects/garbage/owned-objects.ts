/** Who is owned by whom, by the owner's uid. Follows the table; costs nothing for objects without owners. */
import type { OwnerReference } from '@skyflow/contracts';
import { type ObjectRecord, readMeta } from '../object-record.js';

/** Where an object is in the table. */
export interface ObjectKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export const ownersOf = (record: ObjectRecord): readonly OwnerReference[] =>
  record.meta.includes('"ownerReferences"') ? (readMeta(record).ownerReferences ?? []) : [];

export class OwnedObjects {
  private readonly byOwner = new Map<string, Map<string, ObjectKey>>();

  add(record: ObjectRecord): void {
    for (const { uid } of ownersOf(record)) {
      let owned = this.byOwner.get(uid);
      if (owned === undefined) this.byOwner.set(uid, (owned = new Map<string, ObjectKey>()));
      const { kind, namespace, name } = record;
      owned.set(textOf(record), { kind, namespace, name });
    }
  }

  remove(record: ObjectRecord): void {
    for (const { uid } of ownersOf(record)) {
      const owned = this.byOwner.get(uid);
      owned?.delete(textOf(record));
      if (owned?.size === 0) this.byOwner.delete(uid);
    }
  }

  /** Of one owner. */
  of(uid: string): readonly ObjectKey[] {
    return [...(this.byOwner.get(uid)?.values() ?? [])];
  }

  has(uid: string): boolean {
    return this.byOwner.has(uid);
  }

  /** All that have an owner, each at least once. */
  *all(): IterableIterator<ObjectKey> {
    for (const owned of this.byOwner.values()) yield* owned.values();
  }
}

const textOf = ({ kind, namespace, name }: ObjectKey): string => `${kind}/${namespace}/${name}`;
