/**
 * Fields that the schema does not know, with the name that was probably meant.
 *
 * For Kubernetes' strict field validation (`fieldValidation=Strict|Warn`): kubectl asks for it by default. Values of a
 * wrong type are passed over here; validate.ts reports them. Never throws on any JSON value.
 */
import type { Schema } from '@skyflow/contracts';
import { formatPath, type PathSegment } from './field-path.js';
import { closestName } from './closest-name.js';
import type { SchemaSet } from './schema-set.js';
import { fieldSchema, isJsonObject, itemSchema, type JsonObject } from './shape.js';
import { MAX_CAUSES, MAX_DEPTH } from './validate.js';

export interface UnknownField {
  /** e.g. `spec.template.spec.containers[0].imagee`. */
  path: string;
  /** The known field beside it whose name is nearest, if one is near. */
  closestField?: string;
}

interface Run {
  readonly set: SchemaSet;
  readonly path: PathSegment[];
  readonly found: UnknownField[];
}

/** Unknown fields in the order in which they stand, at most MAX_CAUSES. */
export function findUnknownFields(object: unknown, schema: Schema, set: SchemaSet): UnknownField[] {
  const run: Run = { set, path: [], found: [] };
  visit(object, schema, run);
  return run.found;
}

/** Paths of the unknown fields. */
export const unknownFields = (object: unknown, schema: Schema, set: SchemaSet): string[] =>
  findUnknownFields(object, schema, set).map((field) => field.path);

/** As Kubernetes words it, with the way out: `unknown field "spec.replicsa"; did you mean "replicas"?`. */
export const describeUnknownField = (field: UnknownField): string =>
  field.closestField === undefined
    ? `unknown field "${field.path}"`
    : `unknown field "${field.path}"; did you mean "${field.closestField}"?`;

function visit(value: unknown, unresolved: Schema, run: Run): void {
  if (typeof value !== 'object' || value === null || run.path.length > MAX_DEPTH) return;
  const schema = run.set.resolve(unresolved);
  if (Array.isArray(value)) {
    if (schema.items === undefined) return;
    const items = itemSchema(schema);
    for (let i = 0; i < value.length; i++) {
      run.path.push(i);
      visit(value[i], items, run);
      run.path.pop();
    }
    return;
  }
  if (schema.type !== undefined && schema.type !== 'object') return;
  if (isJsonObject(value)) visitFields(value, schema, run);
}

function visitFields(value: JsonObject, schema: Schema, run: Run): void {
  for (const key in value) {
    if (run.found.length >= MAX_CAUSES) return;
    run.path.push(key);
    const sub = fieldSchema(schema, key);
    if (sub === undefined) run.found.push(report(key, schema, run.path));
    else visit(value[key], sub, run);
    run.path.pop();
  }
}

function report(key: string, schema: Schema, path: readonly PathSegment[]): UnknownField {
  const closestField = closestName(key, Object.keys(schema.properties ?? {}));
  return { path: formatPath(path), ...(closestField === undefined ? {} : { closestField }) };
}
