/**
 * Names in order, for lists and their pages. Changes are collected and merged in when someone reads: adding costs nothing at a
 * million objects, and the first list after many changes pays once.
 */
export class SortedNames {
  private sorted: readonly string[] = [];
  private added: string[] = [];
  private removed = false;

  /** @param has whether a name is there now. */
  constructor(private readonly has: (name: string) => boolean) {}

  /** A name has come that was not there. */
  add(name: string): void {
    this.added.push(name);
  }

  /** A name has gone. */
  remove(): void {
    this.removed = true;
  }

  /** All names in ascending order. The array is not changed afterwards. */
  values(): readonly string[] {
    if (this.added.length === 0 && !this.removed) return this.sorted;
    const merged = merge(this.sorted, this.added.sort());
    // What went, or went and came again, is in there twice or in vain.
    this.sorted = this.removed ? merged.filter((name, at) => name !== merged[at - 1] && this.has(name)) : merged;
    this.added = [];
    this.removed = false;
    return this.sorted;
  }

  /** Index of the first name greater than `name`. */
  firstAfter(name: string): number {
    const names = this.values();
    let low = 0;
    let high = names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((names[middle] as string) <= name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function merge(sorted: readonly string[], added: readonly string[]): string[] {
  const result: string[] = [];
  let next = 0;
  for (const name of sorted) {
    for (let other = added[next]; other !== undefined && other < name; other = added[++next]) result.push(other);
    result.push(name);
  }
  for (; next < added.length; next++) result.push(added[next] as string);
  return result;
}
