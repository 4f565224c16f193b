/**
 * A value without the fields of a set. After structured-merge-diff's typed/remove.go; its argument is not changed.
 * What loses all that is in it and is not in the set itself stays, empty: someone else owns it.
 */
import type { Schema } from '@skyflow/contracts';
import { setField } from '../../schema/own-field.js';
import type { SchemaSet } from '../../schema/schema-set.js';
import { ANYTHING, fieldSchema, itemSchema, type JsonObject } from '../../schema/shape.js';
import type { FieldSet } from './field-set.js';
import { partsOf } from './granularity.js';
import { fieldElement } from './path-element.js';

export function removeFields(value: unknown, doomed: FieldSet, unresolved: Schema, set: SchemaSet): unknown {
  if (doomed.isEmpty) return value;
  const schema = set.resolve(unresolved);
  const parts = partsOf(value, schema, set);
  if (parts.kind === 'leaf') return value;
  if (parts.kind === 'fields') {
    const result: JsonObject = {};
    for (const key of Object.keys(parts.object)) {
      const element = fieldElement(key);
      if (doomed.members.has(element)) continue;
      const below = doomed.children.get(element);
      const field = parts.object[key];
      const rest = below === undefined ? field : removeFields(field, below, fieldSchema(schema, key) ?? ANYTHING, set);
      setField(result, key, rest);
    }
    return result;
  }
  const items: unknown[] = [];
  parts.elements.forEach((element, i) => {
    if (doomed.members.has(element)) return;
    const below = doomed.children.get(element);
    const item = parts.items[i];
    items.push(below === undefined ? item : removeFields(item, below, itemSchema(schema), set));
  });
  return items;
}
