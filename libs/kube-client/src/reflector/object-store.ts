/** The Reflector's cache: objects by key, with indexes. Only the Reflector writes; readers must not change what they get. */
import { keyOf, type KubeObject } from '../client/kube-object.js';

/** Values under which an object is found in an index; none: not in it. */
export type Indexer<T> = (object: T) => readonly string[];

export type StoreChange<T> =
  | { type: 'added'; key: string; object: T }
  | { type: 'modified'; key: string; object: T; previous: T }
  /** `object`: as the watch saw it go, else as it was last known; `previous`: what the store had. */
  | { type: 'deleted'; key: string; object: T; previous: T };

export class ObjectStore<T extends KubeObject> {
  private objects = new Map<string, T>();
  private readonly indexes: Map<string, { indexer: Indexer<T>; entries: Map<string, Map<string, T>> }>;

  constructor(indexers: Record<string, Indexer<T>> = {}) {
    this.indexes = new Map(
      Object.entries(indexers).map(([name, indexer]) => [
        name,
        { indexer, entries: new Map<string, Map<string, T>>() },
      ]),
    );
  }

  get size(): number {
    return this.objects.size;
  }

  get(key: string): T | undefined {
    return this.objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.objects.values();
  }

  /** Objects that the index holds under `value`. */
  by(index: string, value: string): Iterable<T> {
    const found = this.indexes.get(index);
    if (found === undefined) throw new Error(`there is no index "${index}"`);
    return found.entries.get(value)?.values() ?? [];
  }

  /** Undefined when this very version was here already. */
  set(object: T): StoreChange<T> | undefined {
    const key = keyOf(object.metadata);
    const previous = this.objects.get(key);
    if (previous !== undefined && sameVersion(previous, object)) return undefined;
    if (previous !== undefined) this.unindex(key, previous);
    this.objects.set(key, object);
    for (const { indexer, entries } of this.indexes.values()) {
      for (const value of indexer(object)) {
        const bucket = entries.get(value) ?? new Map<string, T>();
        bucket.set(key, object);
        entries.set(value, bucket);
      }
    }
    return previous === undefined ? { type: 'added', key, object } : { type: 'modified', key, object, previous };
  }

  /** `last`: the object as the watch saw it go, with its final status. */
  delete(key: string, last?: T): StoreChange<T> | undefined {
    const previous = this.objects.get(key);
    if (previous === undefined) return undefined;
    this.unindex(key, previous);
    this.objects.delete(key);
    return { type: 'deleted', key, object: last ?? previous, previous };
  }

  /** Makes the store hold exactly `objects`; gives what changed. */
  replace(objects: Iterable<T>): StoreChange<T>[] {
    const changes: StoreChange<T>[] = [];
    const gone = new Set(this.objects.keys());
    for (const object of objects) {
      gone.delete(keyOf(object.metadata));
      const change = this.set(object);
      if (change !== undefined) changes.push(change);
    }
    for (const key of gone) {
      const change = this.delete(key);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  private unindex(key: string, object: T): void {
    for (const { indexer, entries } of this.indexes.values()) {
      for (const value of indexer(object)) {
        const bucket = entries.get(value);
        bucket?.delete(key);
        if (bucket?.size === 0) entries.delete(value);
      }
    }
  }
}

const sameVersion = (a: KubeObject, b: KubeObject): boolean =>
  a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion;
