/**
 * Structural defaulting, in place: absent (or null) fields take the `default` of their schema, then of what they contain.
 * An empty string is absent where the schema's values do not include it, as for Go's decoder.
 *
 * An absent object is made only where its own schema has a default (`default: {}`), as in Kubernetes. Defaulting twice
 * changes nothing more. Where nothing below a schema has a default, nothing below it is walked.
 */
import { cloneJson, type Schema } from '@skyflow/contracts';
import type { SchemaSet } from './schema-set.js';
import { declaredField, isJsonObject, openSchema, type JsonObject } from './shape.js';
import { MAX_DEPTH } from './validate.js';

export function applyDefaults(object: unknown, schema: Schema, set: SchemaSet): void {
  const plans = planCache(set);
  const plan = planOf(schema, set, plans);
  if (plan !== undefined) visit(object, plan, 0);
}

/** What defaulting has to do with values of one schema; undefined: nothing. */
interface Plan {
  /** Fields that have a default of their own. */
  defaults: (readonly [field: string, value: unknown])[];
  /** Fields below which there are defaults. */
  fields: Map<string, Plan>;
  /** The same for list items, and for values of a map. */
  items?: Plan;
  values?: Plan;
  schema: Schema;
}

type Plans = Map<Schema, Plan | undefined>;

const caches = new WeakMap<SchemaSet, Plans>();

function planCache(set: SchemaSet): Plans {
  let plans = caches.get(set);
  if (plans === undefined) {
    plans = new Map();
    caches.set(set, plans);
  }
  return plans;
}

function planOf(unresolved: Schema, set: SchemaSet, plans: Plans): Plan | undefined {
  const schema = set.resolve(unresolved);
  if (plans.has(schema)) return plans.get(schema);
  const plan: Plan = { defaults: [], fields: new Map(), schema };
  // Entered before descending, so that a schema which contains itself finds its own plan.
  plans.set(schema, plan);
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    const value = set.resolve(property).default;
    if (value !== undefined) plan.defaults.push([field, value]);
    const below = planOf(property, set, plans);
    if (below !== undefined) plan.fields.set(field, below);
  }
  const items = schema.items === undefined ? undefined : planOf(schema.items, set, plans);
  if (items !== undefined) plan.items = items;
  const open = openSchema(schema);
  const values = open === undefined ? undefined : planOf(open, set, plans);
  if (values !== undefined) plan.values = values;
  if (plan.defaults.length > 0 || plan.fields.size > 0 || items !== undefined || values !== undefined) return plan;
  plans.set(schema, undefined);
  return undefined;
}

function visit(value: unknown, plan: Plan, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    if (plan.items === undefined) return;
    for (const item of value) visit(item, plan.items, depth + 1);
  } else if (isJsonObject(value)) visitObject(value, plan, depth);
}

function visitObject(object: JsonObject, plan: Plan, depth: number): void {
  for (const [field, value] of plan.defaults) {
    if (isAbsent(object, field, plan.schema)) {
      object[field] = cloneJson(value);
    }
  }
  for (const [field, below] of plan.fields) {
    if (Object.hasOwn(object, field)) visit(object[field], below, depth + 1);
  }
  if (plan.values === undefined) return;
  for (const key of Object.keys(object)) {
    if (declaredField(plan.schema, key) === undefined) visit(object[key], plan.values, depth + 1);
  }
}

function isAbsent(object: JsonObject, field: string, schema: Schema): boolean {
  const current = Object.hasOwn(object, field) ? object[field] : undefined;
  if (current === null) return schema.properties?.[field]?.nullable !== true;
  if (current !== '') return current === undefined;
  const values = schema.properties?.[field]?.enum;
  return values !== undefined && !values.includes('');
}
