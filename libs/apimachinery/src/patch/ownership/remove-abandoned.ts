/** What happens to fields that a manager applied before and no longer applies. After merge/update.go, `prune`. */
import type { Schema } from '@skyflow/contracts';
import type { SchemaSet } from '../../schema/schema-set.js';
import { FieldSet } from './field-set.js';
import type { Managers } from './managers.js';
import { ownedFields, withNamedParents } from './owned-fields.js';
import { removeFields } from './remove-fields.js';

/**
 * `merged` without what only `last`, the manager's previous set, answered for. Kept is what any manager (this one with its
 * new set included) owns, and what was never this manager's.
 */
export function removeAbandoned(
  merged: unknown,
  last: FieldSet,
  managers: Managers,
  schema: Schema,
  set: SchemaSet,
): unknown {
  if (last.isEmpty) return merged;
  const named = (fields: FieldSet): FieldSet => withNamedParents(fields, schema, set);
  const fieldsOf = (value: unknown): FieldSet => named(ownedFields(value, schema, set));
  const lastNamed = named(last);
  const all = fieldsOf(merged);

  const stripped = removeFields(merged, lastNamed, schema, set);
  let managed = new FieldSet();
  for (const { fields } of managers.values()) managed = managed.union(fields);
  // Fields that went with an item or object that was stripped, but have an owner, come back.
  const owned = removeFields(merged, all.difference(fieldsOf(stripped).union(named(managed))), schema, set);
  // And so do fields that nobody tracks, unless the manager itself had set them.
  return removeFields(merged, all.difference(fieldsOf(owned)).intersection(lastNamed), schema, set);
}
