/**
 * How a resolved schema is read: which fields an object may have and what is left open. One place, so that validation,
 * pruning, defaulting, patching and ownership agree.
 */
import type { Schema } from '@skyflow/contracts';

export type JsonObject = Record<string, unknown>;

/** Schema of a value that may be anything. */
export const ANYTHING: Schema = Object.freeze({ 'x-kubernetes-preserve-unknown-fields': true });

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Declared by name in `properties` (a struct field, as opposed to a map key). */
export const declaredField = (schema: Schema, key: string): Schema | undefined =>
  schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;

/**
 * Schema of field `key`: as declared, else of the map's values, else {@link ANYTHING} where unknown fields are kept.
 * undefined: the schema does not know such a field.
 */
export function fieldSchema(schema: Schema, key: string): Schema | undefined {
  return declaredField(schema, key) ?? openSchema(schema);
}

/** Schema of the fields that are not declared by name, or undefined if there may be none. */
export function openSchema(schema: Schema): Schema | undefined {
  const open = schema.additionalProperties;
  if (typeof open === 'object') return open;
  if (open === true || schema['x-kubernetes-preserve-unknown-fields'] === true) return ANYTHING;
  return open === undefined && schema.properties === undefined ? ANYTHING : undefined;
}

/** Schema of list items; {@link ANYTHING} where none is given. */
export const itemSchema = (schema: Schema): Schema => schema.items ?? ANYTHING;

/** A whole or string: `x-kubernetes-int-or-string` or upstream's format. */
export const isIntOrString = (schema: Schema): boolean =>
  schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string';
