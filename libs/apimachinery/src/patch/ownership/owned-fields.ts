/** The fields that a configuration sets: what its applier owns. After structured-merge-diff's typed/tofieldset.go. */
import type { Schema } from '@skyflow/contracts';
import type { SchemaSet } from '../../schema/schema-set.js';
import { ANYTHING, declaredField, fieldSchema, isJsonObject, itemSchema } from '../../schema/shape.js';
import { FieldSet } from './field-set.js';
import { partsOf } from './granularity.js';
import { fieldElement, fieldName } from './path-element.js';

export function ownedFields(value: unknown, schema: Schema, set: SchemaSet): FieldSet {
  const result = new FieldSet();
  collect(value, set.resolve(schema), set, result);
  return result;
}

/** Adds what is below `value`; false where it is a leaf and nothing is. */
function collect(value: unknown, schema: Schema, set: SchemaSet, node: FieldSet): boolean {
  const parts = partsOf(value, schema, set);
  if (parts.kind === 'leaf') return false;
  if (parts.kind === 'fields') {
    for (const key of Object.keys(parts.object)) {
      const field = parts.object[key];
      const below = new FieldSet();
      const sub = set.resolve(fieldSchema(schema, key) ?? ANYTHING);
      const isLeaf = !collect(field, sub, set, below);
      const element = fieldElement(key);
      const isEmpty = isJsonObject(field) && Object.keys(field).length === 0;
      // Keys of a map are owned themselves; declared fields only through what is in them.
      if (isLeaf || isEmpty || declaredField(schema, key) === undefined) node.members.add(element);
      if (!below.isEmpty) node.children.set(element, below);
    }
    return true;
  }
  const items = set.resolve(itemSchema(schema));
  const seen = new Set<string>();
  parts.elements.forEach((element, i) => {
    node.members.add(element);
    if (seen.has(element)) node.children.delete(element);
    else {
      seen.add(element);
      const below = new FieldSet();
      collect(parts.items[i], items, set, below);
      if (!below.isEmpty) node.children.set(element, below);
    }
  });
  return true;
}

/**
 * The set with every declared field on the way to a member added: who owns `spec.strategy.type` answers for `strategy` too
 * when it is asked what may be removed (fieldpath.Set.EnsureNamedFieldsAreMembers).
 */
export function withNamedParents(fields: FieldSet, unresolved: Schema, set: SchemaSet): FieldSet {
  const schema = set.resolve(unresolved);
  const result = new FieldSet(fields.members);
  for (const [element, child] of fields.children) {
    const name = fieldName(element);
    const declared = name === undefined ? undefined : declaredField(schema, name);
    if (declared !== undefined) result.members.add(element);
    const sub = name === undefined ? itemSchema(schema) : (fieldSchema(schema, name) ?? ANYTHING);
    result.children.set(element, withNamedParents(child, sub, set));
  }
  return result;
}
