/**
 * The objects of one resource by namespace and name, in key order when listed. Writes cost O(1); the order is mended lazily
 * at the next list (sorting names that are nearly in order is nearly linear).
 */
import type { KubeObject, ObjectKey } from '@skyflow/contracts';

interface NamespaceIndex {
  objects: Map<string, KubeObject>;
  /** Names in order; undefined after a create or delete. */
  sorted: string[] | undefined;
}

export class ObjectIndex {
  readonly #namespaces = new Map<string, NamespaceIndex>();
  #size = 0;

  get({ namespace = '', name }: ObjectKey): KubeObject | undefined {
    return this.#namespaces.get(namespace)?.objects.get(name);
  }

  set(object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    let index = this.#namespaces.get(namespace);
    if (index === undefined) {
      index = { objects: new Map(), sorted: undefined };
      this.#namespaces.set(namespace, index);
    }
    const before = index.objects.size;
    index.objects.set(name, object);
    if (index.objects.size !== before) {
      index.sorted = undefined;
      this.#size++;
    }
  }

  delete({ namespace = '', name }: ObjectKey): boolean {
    const index = this.#namespaces.get(namespace);
    if (index?.objects.delete(name) !== true) return false;
    index.sorted = undefined;
    this.#size--;
    if (index.objects.size === 0) this.#namespaces.delete(namespace);
    return true;
  }

  clear(): void {
    this.#namespaces.clear();
    this.#size = 0;
  }

  /** Number of objects in a namespace, or in all. */
  count(namespace?: string): number {
    return namespace === undefined ? this.#size : (this.#namespaces.get(namespace)?.objects.size ?? 0);
  }

  /** Visits in key order all objects after `after`, until the visitor returns false. */
  scan(namespace: string | undefined, after: ObjectKey | undefined, visit: (object: KubeObject) => boolean): void {
    const names = namespace === undefined ? [...this.#namespaces.keys()].sort() : [namespace];
    const from = after?.namespace ?? '';
    for (const each of names) {
      if (after !== undefined && each < from) continue;
      const index = this.#namespaces.get(each);
      if (index === undefined) continue;
      const sorted = (index.sorted ??= [...index.objects.keys()].sort());
      const start = after !== undefined && each === from ? firstAfter(sorted, after.name) : 0;
      for (let position = start; position < sorted.length; position++) {
        const object = index.objects.get(sorted[position] ?? '');
        if (object !== undefined && !visit(object)) return;
      }
    }
  }
}

/** Order of keys in lists: namespace, then name, by code unit. */
export function compareKeys(a: ObjectKey, b: ObjectKey): number {
  const [an, bn] = [a.namespace ?? '', b.namespace ?? ''];
  if (an !== bn) return an < bn ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

function firstAfter(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}
