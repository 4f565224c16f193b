/**
 * Maps and sets that start as a view of another one and keep their changes to themselves: a fork of a million entries costs nothing
 * until it is changed, and then what is changed. In all else they are Map and Set, insertion order included.
 *
 * The base must not be changed while a view of it is in use.
 */

/**
 * @param clone makes the copy that this view gives out of a value of the base, once per key; values that nobody changes in place need
 *   none.
 */
export class ForkedMap<K, V> extends Map<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  readonly #clone: (value: V) => V;
  /** Keys of the base that are not in this view, or were put into it again at the end. */
  readonly #gone = new Set<K>();
  /** Copies and replacements of values of the base, in the base's place. */
  readonly #own = new Map<K, V>();
  /** What came after the base. */
  readonly #added = new Map<K, V>();

  constructor(base: ReadonlyMap<K, V>, clone: (value: V) => V = (value) => value) {
    super();
    this.#base = base;
    this.#clone = clone;
  }

  override get size(): number {
    return this.#base.size - this.#gone.size + this.#added.size;
  }

  override has(key: K): boolean {
    return this.#added.has(key) || this.#isOfBase(key);
  }

  override get(key: K): V | undefined {
    const added = this.#added.get(key);
    if (added !== undefined) return added;
    if (this.#gone.has(key)) return undefined;
    const own = this.#own.get(key);
    if (own !== undefined) return own;
    const value = this.#base.get(key);
    if (value === undefined) return undefined;
    const copy = this.#clone(value);
    this.#own.set(key, copy);
    return copy;
  }

  override set(key: K, value: V): this {
    if (this.#isOfBase(key)) this.#own.set(key, value);
    else this.#added.set(key, value);
    return this;
  }

  override delete(key: K): boolean {
    if (this.#added.delete(key)) return true;
    if (!this.#isOfBase(key)) return false;
    this.#gone.add(key);
    this.#own.delete(key);
    return true;
  }

  override clear(): void {
    this.#added.clear();
    this.#own.clear();
    for (const key of this.#base.keys()) this.#gone.add(key);
  }

  override *keys(): MapIterator<K> {
    for (const key of this.#base.keys()) if (!this.#gone.has(key)) yield key;
    yield* this.#added.keys();
  }

  override *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  override *entries(): MapIterator<[K, V]> {
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  override forEach(visit: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  #isOfBase(key: K): boolean {
    return !this.#gone.has(key) && this.#base.has(key);
  }
}

export class ForkedSet<T> extends Set<T> {
  readonly #base: ReadonlySet<T>;
  readonly #gone = new Set<T>();
  readonly #added = new Set<T>();

  constructor(base: ReadonlySet<T>) {
    super();
    this.#base = base;
  }

  override get size(): number {
    return this.#base.size - this.#gone.size + this.#added.size;
  }

  override has(value: T): boolean {
    return this.#added.has(value) || this.#isOfBase(value);
  }

  override add(value: T): this {
    if (!this.#isOfBase(value)) this.#added.add(value);
    return this;
  }

  override delete(value: T): boolean {
    if (this.#added.delete(value)) return true;
    if (!this.#isOfBase(value)) return false;
    this.#gone.add(value);
    return true;
  }

  override clear(): void {
    this.#added.clear();
    for (const value of this.#base) this.#gone.add(value);
  }

  override *values(): SetIterator<T> {
    for (const value of this.#base) if (!this.#gone.has(value)) yield value;
    yield* this.#added;
  }

  override keys(): SetIterator<T> {
    return this.values();
  }

  override *entries(): SetIterator<[T, T]> {
    for (const value of this.values()) yield [value, value];
  }

  override [Symbol.iterator](): SetIterator<T> {
    return this.values();
  }

  override forEach(visit: (value: T, same: T, set: Set<T>) => void): void {
    for (const value of this) visit(value, value, this);
  }

  #isOfBase(value: T): boolean {
    return !this.#gone.has(value) && this.#base.has(value);
  }
}
