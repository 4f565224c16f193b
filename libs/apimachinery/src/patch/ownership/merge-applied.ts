/**
 * The live object with an applied configuration laid over it. After structured-merge-diff's typed/merge.go.
 *
 * Neither argument is changed; the result shares what did not change with them.
 */
import type { Schema } from '@skyflow/contracts';
import { getField, setField } from '../../schema/own-field.js';
import type { SchemaSet } from '../../schema/schema-set.js';
import { ANYTHING, fieldSchema, itemSchema, type JsonObject } from '../../schema/shape.js';
import { itemsByElement, partsOf, type Parts } from './granularity.js';
import type { PathElement } from './path-element.js';

export function mergeApplied(live: unknown, applied: unknown, unresolved: Schema, set: SchemaSet): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const schema = set.resolve(unresolved);
  const old = partsOf(live, schema, set);
  const now = partsOf(applied, schema, set);
  if (old.kind === 'fields' && now.kind === 'fields') return mergeFields(old.object, now.object, schema, set);
  if (old.kind === 'items' && now.kind === 'items') return mergeItems(old, now, itemSchema(schema), set);
  return applied;
}

function mergeFields(live: JsonObject, applied: JsonObject, schema: Schema, set: SchemaSet): JsonObject {
  const result = { ...live };
  for (const key of Object.keys(applied)) {
    setField(result, key, mergeApplied(getField(live, key), applied[key], fieldSchema(schema, key) ?? ANYTHING, set));
  }
  return result;
}

type Items = Extract<Parts, { kind: 'items' }>;

/**
 * Applied items stand in the applied order. Items that only the live list has keep their place: each stands after the same
 * live neighbours, as far as the applied order allows.
 */
function mergeItems(live: Items, applied: Items, items: Schema, set: SchemaSet): unknown[] {
  const liveItems = itemsByElement(live.items, live.elements);
  const appliedItems = itemsByElement(applied.items, applied.elements);
  const shared = [...appliedItems.keys()].filter((element) => liveItems.has(element));
  const result: unknown[] = [];
  const placed = new Set<PathElement>();
  const appliedOrder = [...appliedItems.keys()];
  let next = 0;
  const placeAppliedUpTo = (element: PathElement | undefined): void => {
    while (next < appliedOrder.length) {
      const current = appliedOrder[next] as PathElement;
      result.push(mergeApplied(liveItems.get(current), appliedItems.get(current), items, set));
      placed.add(current);
      next++;
      if (current === element) return;
    }
  };
  let sharedIndex = 0;
  live.elements.forEach((element, i) => {
    if (!appliedItems.has(element)) {
      result.push(live.items[i]);
      return;
    }
    // A shared item out of the applied order is placed when its turn there comes.
    if (placed.has(element) || shared[sharedIndex] !== element) return;
    placeAppliedUpTo(element);
    while (sharedIndex < shared.length && placed.has(shared[sharedIndex] as PathElement)) sharedIndex++;
  });
  placeAppliedUpTo(undefined);
  return result;
}
