/** How strategic merge treats a field: from the schema's patch extensions, else from its list type. */
import type { Schema } from '@skyflow/contracts';
import type { SchemaSet } from '../schema/schema-set.js';

export interface PatchStrategy {
  /** `merge`, `replace`, `retainKeys`; empty: objects are merged, lists replaced. */
  strategies: readonly string[];
  mergeKey?: string;
}

const NONE: PatchStrategy = { strategies: [] };
const cache = new WeakMap<Schema, PatchStrategy>();

/** `schema` must be resolved. */
export function patchStrategy(schema: Schema, set: SchemaSet): PatchStrategy {
  let strategy = cache.get(schema);
  if (strategy === undefined) {
    strategy = read(schema, set);
    cache.set(schema, strategy);
  }
  return strategy;
}

function read(schema: Schema, set: SchemaSet): PatchStrategy {
  const declared = schema['x-kubernetes-patch-strategy'];
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  if (declared !== undefined)
    return { strategies: declared.split(','), ...(mergeKey === undefined ? {} : { mergeKey }) };
  if (schema.type !== 'array' || schema.items === undefined) return NONE;
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const [key] = keys;
  if (listType === 'map' && keys.length === 1 && key !== undefined) return { strategies: ['merge'], mergeKey: key };
  const itemType = set.resolve(schema.items).type;
  return listType === 'set' && itemType !== 'object' && itemType !== 'array' ? { strategies: ['merge'] } : NONE;
}
