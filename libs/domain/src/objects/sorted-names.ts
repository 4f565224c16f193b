/**
 * Names in order, for lists and their pages. Changes are collected and merged in when someone reads: adding costs nothing at a
 * million objects, and the first list after many changes pays once.
 */
export class SortedNames {
  private sorted: string[] = [];
  private readonly added = new Set<string>();
  private readonly removed = new Set<string>();

  add(name: string): void {
    if (!this.removed.delete(name)) this.added.add(name);
  }

  remove(name: string): void {
    if (!this.added.delete(name)) this.removed.add(name);
  }

  /** All names in ascending order. The array is not changed afterwards. */
  values(): readonly string[] {
    if (this.added.size === 0 && this.removed.size === 0) return this.sorted;
    this.sorted = merge(this.sorted, [...this.added].sort(), this.removed);
    this.added.clear();
    this.removed.clear();
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

function merge(sorted: readonly string[], added: readonly string[], removed: ReadonlySet<string>): string[] {
  const result: string[] = [];
  let next = 0;
  for (const name of sorted) {
    for (let other = added[next]; other !== undefined && other < name; other = added[++next]) result.push(other);
    if (!removed.has(name)) result.push(name);
  }
  for (; next < added.length; next++) result.push(added[next] as string);
  return result;
}
