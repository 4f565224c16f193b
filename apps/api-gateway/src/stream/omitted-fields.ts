/**
 * Fields that a reader of many objects does without (`metadata.managedFields,spec.template`): a hundred thousand workloads are a third
 * of what they are with their templates.
 */
import { badRequest } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';

type Path = readonly string[];

const FIELD = /^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/;
const MOST_FIELDS = 16;
/** What tells objects from each other. */
const NEEDED: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.resourceVersion',
]);

/** @throws StatusError 400 */
export function omittedFields(text: string | undefined): readonly Path[] {
  if (text === undefined || text === '') return [];
  const fields = text.split(',');
  const refuse = (field: string, rule: string): Error =>
    badRequest(`omit: invalid value ${JSON.stringify(field)}: ${rule}`);
  if (fields.length > MOST_FIELDS)
    throw badRequest(`omit: ${fields.length} fields are more than the ${MOST_FIELDS} that may be named`);
  for (const field of fields) {
    if (!FIELD.test(field))
      throw refuse(
        field.slice(0, 200),
        'name fields, separated by commas, for example "metadata.managedFields,spec.template"',
      );
    if (NEEDED.has(field)) throw refuse(field, 'this field tells objects from each other and is always sent');
  }
  return fields.map((field) => field.split('.'));
}

/** The object without these fields; it shares all others with `object`, which stays as it is. */
export const without = (object: KubeObject, paths: readonly Path[]): KubeObject =>
  paths.reduce<KubeObject>((left, path) => cut(left, path) as KubeObject, object);

function cut(value: unknown, [field, ...deeper]: Path): unknown {
  if (field === undefined || !isObject(value) || !Object.hasOwn(value, field)) return value;
  if (deeper.length > 0) return { ...value, [field]: cut(value[field], deeper) };
  const { [field]: _omitted, ...rest } = value;
  return rest;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
