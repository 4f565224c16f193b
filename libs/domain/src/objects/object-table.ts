/** All objects by kind, namespace and name. */
import { SortedNames } from './sorted-names.js';
import type { ObjectRecord } from './object-record.js';

interface Bucket {
  readonly records: Map<string, ObjectRecord>;
  readonly names: SortedNames;
}

export class ObjectTable {
  /** kind → namespace ('' for cluster-scoped) → objects. */
  private readonly kinds = new Map<string, Map<string, Bucket>>();
  private count = 0;

  get size(): number {
    return this.count;
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
    this.count += 1;
  }

  remove(kind: string, namespace: string, name: string): void {
    const bucket = this.kinds.get(kind)?.get(namespace);
    if (!bucket?.records.delete(name)) return;
    bucket.names.remove(name);
    this.count -= 1;
    if (bucket.records.size === 0) this.kinds.get(kind)?.delete(namespace);
  }

  /** Number of objects in a namespace, over all kinds. */
  countIn(namespace: string): number {
    let total = 0;
    for (const namespaces of this.kinds.values()) total += namespaces.get(namespace)?.records.size ?? 0;
    return total;
  }

  countOf(kind: string): number {
    let total = 0;
    for (const bucket of this.kinds.get(kind)?.values() ?? []) total += bucket.records.size;
    return total;
  }

  /** Objects of a kind ordered by namespace and name; `namespace` undefined: of all namespaces. */
  *ordered(kind: string, namespace?: string): IterableIterator<ObjectRecord> {
    const namespaces = this.kinds.get(kind);
    if (namespaces === undefined) return;
    const chosen = namespace === undefined ? [...namespaces.keys()].sort() : [namespace];
    for (const each of chosen) {
      const bucket = namespaces.get(each);
      if (bucket === undefined) continue;
      for (const name of bucket.names.values()) {
        const record = bucket.records.get(name);
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

  private bucket(kind: string, namespace: string): Bucket {
    let namespaces = this.kinds.get(kind);
    if (namespaces === undefined) this.kinds.set(kind, (namespaces = new Map<string, Bucket>()));
    let bucket = namespaces.get(namespace);
    if (bucket === undefined) {
      namespaces.set(namespace, (bucket = { records: new Map(), names: new SortedNames() }));
    }
    return bucket;
  }
}
