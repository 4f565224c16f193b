/** `--sort-by PATH`: by the first value there; numbers and times as such, objects without a value first. */
import { textOf, valuesOf } from './jsonpath/evaluate.js';
import { relaxed } from './custom-columns.js';
import type { Item } from './view.js';

export function sortItems(items: readonly Item[], path: string | undefined): readonly Item[] {
  if (path === undefined) return items;
  const nodes = relaxed(path);
  return items
    .map((item) => ({ item, value: valuesOf(nodes, item.object)[0] }))
    .sort((a, b) => compare(a.value, b.value))
    .map(({ item }) => item);
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return textOf(a).localeCompare(textOf(b), 'en', { numeric: true });
}
