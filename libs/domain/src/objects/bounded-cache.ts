/**
 * A map that remembers the last `capacity` keys or so: two generations, the older one dropped whole, so that neither a lookup nor an
 * insertion ever costs more than constant time. What it forgets is only made again; it never decides anything.
 */
export class BoundedCache<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();

  constructor(private readonly capacity: number) {}

  get(key: string): Value | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const older = this.old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: Value): void {
    this.young.set(key, value);
    if (this.young.size * 2 < this.capacity) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }
}

/** Makes equal strings one string in memory, as far as it remembers them. */
export class Interner {
  private readonly cache: BoundedCache<string>;

  constructor(capacity: number) {
    this.cache = new BoundedCache(capacity);
  }

  intern(text: string): string {
    const known = this.cache.get(text);
    if (known !== undefined) return known;
    this.cache.set(text, text);
    return text;
  }
}
