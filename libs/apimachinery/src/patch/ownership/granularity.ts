/**
 * How ownership looks at a value: field by field, item by item, or as one leaf.
 *
 * After structured-merge-diff with the schema of kube-openapi: objects are granular unless `x-kubernetes-map-type: atomic`;
 * lists are atomic unless `x-kubernetes-list-type` is map or set. A list with an item that has no identity is one leaf.
 */
import type { Schema } from '@skyflow/contracts';
import type { SchemaSet } from '../../schema/schema-set.js';
import { isJsonObject, type JsonObject } from '../../schema/shape.js';
import { itemElement, type PathElement } from './path-element.js';

export type Parts =
  | { kind: 'leaf' }
  | { kind: 'fields'; object: JsonObject }
  /** Items in order with their identities. */
  | { kind: 'items'; items: readonly unknown[]; elements: readonly PathElement[] };

const LEAF: Parts = { kind: 'leaf' };

/** `schema` must be resolved. */
export function partsOf(value: unknown, schema: Schema, set: SchemaSet): Parts {
  if (isJsonObject(value))
    return schema['x-kubernetes-map-type'] === 'atomic' ? LEAF : { kind: 'fields', object: value };
  if (!Array.isArray(value)) return LEAF;
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'map' && listType !== 'set') return LEAF;
  const elements: PathElement[] = [];
  for (const item of value) {
    const element = itemElement(item, schema, set);
    if (element === undefined) return LEAF;
    elements.push(element);
  }
  return { kind: 'items', items: value, elements };
}

/** First value by identity. */
export function itemsByElement(items: readonly unknown[], elements: readonly PathElement[]): Map<PathElement, unknown> {
  const byElement = new Map<PathElement, unknown>();
  elements.forEach((element, i) => {
    if (!byElement.has(element)) byElement.set(element, items[i]);
  });
  return byElement;
}
