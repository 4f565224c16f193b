/**
 * Structural validation: types, required fields, enums, ranges, patterns and formats of an object against its schema.
 *
 * Never throws on any JSON value; gives at most MAX_CAUSES causes and looks at most MAX_DEPTH deep. A field that is null
 * counts as absent, as it does when Kubernetes decodes it. Unknown fields are not reported here (unknown-fields.ts).
 */
import {
  invalidCause,
  requiredCause,
  type Schema,
  type StatusCause,
  tooManyCause,
  typeCause,
} from '@skyflow/contracts';
import { formatPath, type PathSegment } from './field-path.js';
import { scalarProblem } from './validate-scalar.js';
import type { SchemaSet } from './schema-set.js';
import { fieldSchema, isIntOrString, isJsonObject, itemSchema, type JsonObject } from './shape.js';

/** Most causes that one validation gives: more help nobody. */
export const MAX_CAUSES = 20;
/** Deepest nesting that is looked at; no Kubernetes kind comes near. */
export const MAX_DEPTH = 64;

interface Run {
  readonly set: SchemaSet;
  readonly path: PathSegment[];
  readonly causes: StatusCause[];
}

/**
 * What is structurally wrong with `object`; empty: nothing.
 * `at` is the path of `object` itself where it is a part, e.g. `['spec', 'template']`.
 */
export function validate(
  object: unknown,
  schema: Schema,
  set: SchemaSet,
  at: readonly PathSegment[] = [],
): StatusCause[] {
  const run: Run = { set, path: [...at], causes: [] };
  visit(object, schema, run);
  return run.causes;
}

function visit(value: unknown, unresolved: Schema, run: Run): void {
  if (run.causes.length >= MAX_CAUSES) return;
  const schema = run.set.resolve(unresolved);
  if (run.path.length > MAX_DEPTH) {
    if (typeof value === 'object' && value !== null) {
      run.causes.push(invalidCause(formatPath(run.path), value, `must not be nested deeper than ${MAX_DEPTH} levels`));
    }
    return;
  }
  if (schema.type === 'object' || schema.properties !== undefined) visitObject(value, schema, run);
  else if (schema.type === 'array') visitArray(value, schema, run);
  else if (
    schema.type !== undefined ||
    isIntOrString(schema) ||
    schema.enum !== undefined ||
    schema.format !== undefined
  ) {
    const problem = scalarProblem(value, schema, run.path);
    if (problem !== undefined) run.causes.push(problem);
  }
}

function visitObject(value: unknown, schema: Schema, run: Run): void {
  if (!isJsonObject(value)) {
    run.causes.push(
      typeCause(formatPath(run.path), value, `must be an object (${known(schema)}), not ${kindOf(value)}`),
    );
    return;
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name) || value[name] === null || value[name] === undefined) {
      pushCause(run, requiredCause(formatPath([...run.path, name])));
    }
  }
  visitFields(value, schema, run);
}

function visitFields(value: JsonObject, schema: Schema, run: Run): void {
  for (const key in value) {
    const field = value[key];
    if (field === null || field === undefined) continue;
    const sub = fieldSchema(schema, key);
    if (sub === undefined) continue;
    run.path.push(key);
    visit(field, sub, run);
    run.path.pop();
  }
}

function visitArray(value: unknown, schema: Schema, run: Run): void {
  if (!Array.isArray(value)) {
    const hint = isJsonObject(value) ? '; put "- " before its first field' : '';
    run.causes.push(typeCause(formatPath(run.path), value, `must be a list, not ${kindOf(value)}${hint}`));
    return;
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    pushCause(run, tooManyCause(formatPath(run.path), value.length, schema.maxItems));
    return;
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    const items = schema.minItems === 1 ? 'item' : 'items';
    pushCause(run, requiredCause(formatPath(run.path), `must have at least ${schema.minItems} ${items}`));
  }
  const items = itemSchema(schema);
  for (let i = 0; i < value.length && run.causes.length < MAX_CAUSES; i++) {
    run.path.push(i);
    if (value[i] === null && items.nullable !== true) pushCause(run, requiredCause(formatPath(run.path), 'is null'));
    else visit(value[i], items, run);
    run.path.pop();
  }
}

function pushCause(run: Run, cause: StatusCause): void {
  if (run.causes.length < MAX_CAUSES) run.causes.push(cause);
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : isJsonObject(value) ? 'an object' : `a ${typeof value}`;

/** A few field names, so that the reader sees what belongs there. */
function known(schema: Schema): string {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0) return 'of names and values';
  return names.length <= 4 ? `with ${names.join(', ')}` : `with ${names.slice(0, 4).join(', ')}, …`;
}
