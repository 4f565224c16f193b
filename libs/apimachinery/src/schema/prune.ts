/**
 * Removes what the schema does not know, in place, and what Kubernetes' decoder drops: fields that are null. Quantities that
 * are numbers become strings, as its encoder writes them.
 *
 * A null value of a map of strings becomes "" as in Go (`data: {KEY: }`). Nulls stay where the schema is nullable or
 * leaves the value open. Values of a wrong type are left for validation to report. Pruning twice changes nothing more.
 */
import type { Schema } from '@skyflow/contracts';
import type { SchemaSet } from './schema-set.js';
import { declaredField, isJsonObject, itemSchema, openSchema, type JsonObject, ANYTHING } from './shape.js';
import { MAX_DEPTH } from './validate.js';

export function prune(object: unknown, schema: Schema, set: SchemaSet): void {
  visit(object, schema, set, 0);
}

function visit(value: unknown, unresolved: Schema, set: SchemaSet, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  const schema = set.resolve(unresolved);
  if (Array.isArray(value)) {
    if (schema.items === undefined) return;
    const items = itemSchema(schema);
    for (const item of value) visit(item, items, set, depth + 1);
    return;
  }
  if (schema.type !== undefined && schema.type !== 'object') return;
  if (isJsonObject(value)) visitFields(value, schema, set, depth);
}

function visitFields(object: JsonObject, schema: Schema, set: SchemaSet, depth: number): void {
  const open = openSchema(schema);
  for (const key of Object.keys(object)) {
    const declared = declaredField(schema, key);
    const sub = declared ?? open;
    if (sub === undefined) Reflect.deleteProperty(object, key);
    else if (object[key] === null) settleNull(object, key, set.resolve(sub), declared !== undefined);
    else if (typeof object[key] === 'number') settleNumber(object, key, set.resolve(sub));
    else visit(object[key], sub, set, depth + 1);
  }
}

function settleNumber(object: JsonObject, key: string, schema: Schema): void {
  if (schema.format === 'quantity') object[key] = String(object[key]);
}

function settleNull(object: JsonObject, key: string, schema: Schema, declared: boolean): void {
  if (schema.nullable === true || schema === ANYTHING) return;
  if (schema.type === undefined && schema['x-kubernetes-preserve-unknown-fields'] === true) return;
  if (!declared && schema.type === 'string') object[key] = '';
  else Reflect.deleteProperty(object, key);
}
