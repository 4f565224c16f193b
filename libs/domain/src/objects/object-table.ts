/** All objects by kind, namespace and name. */
import { SortedNames } from './sorted-names.js';
import type { ObjectRecord } from './object-record.js';

interface Bucket {
  readonly records: Map<string, ObjectRecord>;
  readonly names: SortedNames;
}

/** A place in the order of a list. */
export interface TableKey {
  readonly namespace: string;
  readonly name: string;
}

export class ObjectTable {
  /** kind → namespace ('' for cluster-scoped) → objects. */
  private readonly kinds = new Map<string, Map<string, Bucket>>();
  private total = 0;

  get size(): number {
    return this.total;
  }

  get(kind: string, namespace: string, name: string): ObjectRecord | undefined {
    return this.kinds.get(kind)?.get(namespace)?.records.get(name);
  }

  put(record: ObjectRecord): void {
    const bucket = this.bucket(record.kind, record.namespace);
    const before = bucket.records.size;
    bucket.records.set(record.name, record);
    if (bucket.records.size === before) return;
    bucket.names.add(record.name);
    this.total += 1;
  }

  remove(kind: string, namespace: string, name: string): void {
    const bucket = this.kinds.get(kind)?.get(namespace);
    if (!bucket?.records.delete(name)) return;
    bucket.names.remove();
    this.total -= 1;
    if (bucket.records.size === 0) this.kinds.get(kind)?.delete(namespace);
  }

  /** Number of objects in a namespace, over all kinds. */
  countIn(namespace: string): number {
    let total = 0;
    for (const namespaces of this.kinds.values()) total += namespaces.get(namespace)?.records.size ?? 0;
    return total;
  }

  /** Number of objects of a kind, in one namespace or all, after a key or from the start. */
  count(kind: string, namespace?: string, after?: TableKey): number {
    let total = 0;
    for (const { bucket, start } of this.range(kind, namespace, after)) {
      total += after === undefined ? bucket.records.size : bucket.names.values().length - start;
    }
    return total;
  }

  /** Objects of a kind ordered by namespace and name, after a key or from the start; `namespace` undefined: of all namespaces. */
  *ordered(kind: string, namespace?: string, after?: TableKey): IterableIterator<ObjectRecord> {
    for (const { bucket, start } of this.range(kind, namespace, after)) {
      const names = bucket.names.values();
      for (let index = start; index < names.length; index++) {
        const record = bucket.records.get(names[index] as string);
        if (record !== undefined) yield record;
      }
    }
  }

  /** Every object of every kind in a namespace. */
  *contentsOf(namespace: string): IterableIterator<ObjectRecord> {
    for (const namespaces of this.kinds.values()) yield* namespaces.get(namespace)?.records.values() ?? [];
  }

  /** Every object, in no promised order. */
  *all(): IterableIterator<ObjectRecord> {
    for (const namespaces of this.kinds.values()) {
      for (const bucket of namespaces.values()) yield* bucket.records.values();
    }
  }

  private *range(
    kind: string,
    namespace: string | undefined,
    after: TableKey | undefined,
  ): IterableIterator<{ bucket: Bucket; start: number }> {
    const namespaces = this.kinds.get(kind);
    if (namespaces === undefined) return;
    const chosen = namespace === undefined ? [...namespaces.keys()].sort() : [namespace];
    for (const each of chosen) {
      const bucket = namespaces.get(each);
      if (bucket === undefined || (after !== undefined && each < after.namespace)) continue;
      yield { bucket, start: each === after?.namespace ? bucket.names.firstAfter(after.name) : 0 };
    }
  }

  private bucket(kind: string, namespace: string): Bucket {
    let namespaces = this.kinds.get(kind);
    if (namespaces === undefined) this.kinds.set(kind, (namespaces = new Map<string, Bucket>()));
    let bucket = namespaces.get(namespace);
    if (bucket === undefined) {
      const records = new Map<string, ObjectRecord>();
      namespaces.set(namespace, (bucket = { records, names: new SortedNames((name) => records.has(name)) }));
    }
    return bucket;
  }
}
