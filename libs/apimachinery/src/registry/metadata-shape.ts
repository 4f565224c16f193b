/**
 * The envelope of an object from outside: that metadata has the right types everywhere, so that the rest of the machinery
 * may rely on them. Rules on values are in metadata-rules.ts.
 */
import { isRecord } from '@skyflow/contracts';

type Check = (value: unknown, path: string) => string | undefined;

const problem = (path: string, value: unknown, rule: string): string =>
  `${path}: got ${describe(value)}, must be ${rule}`;

const string: Check = (value, path) => (typeof value === 'string' ? undefined : problem(path, value, 'a string'));
const integer: Check = (value, path) => (Number.isInteger(value) ? undefined : problem(path, value, 'an integer'));
const boolean: Check = (value, path) =>
  typeof value === 'boolean' ? undefined : problem(path, value, 'true or false');
const time: Check = (value, path) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value))
    ? undefined
    : problem(path, value, 'a time in RFC 3339, for example 2026-01-31T12:00:00Z');

const stringMap: Check = (value, path) => {
  if (!isRecord(value)) return problem(path, value, 'a map of strings');
  for (const key in value) {
    const found = string(value[key], `${path}.${key}`);
    if (found !== undefined) return `${found} (quote it)`;
  }
  return undefined;
};

const listOf =
  (each: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return problem(path, value, 'a list');
    for (const [index, item] of value.entries()) {
      const found = each(item, `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  };

const members =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (!isRecord(value)) return problem(path, value, 'an object');
    for (const key in checks) {
      const member = value[key];
      const found = member === undefined || member === null ? undefined : checks[key]?.(member, `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };

const record: Check = (value, path) => (isRecord(value) ? undefined : problem(path, value, 'an object'));

const metadata = members({
  name: string,
  generateName: string,
  namespace: string,
  uid: string,
  resourceVersion: string,
  generation: integer,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: integer,
  labels: stringMap,
  annotations: stringMap,
  finalizers: listOf(string),
  ownerReferences: listOf(
    members({
      apiVersion: string,
      kind: string,
      name: string,
      uid: string,
      controller: boolean,
      blockOwnerDeletion: boolean,
    }),
  ),
  managedFields: listOf(
    members({
      manager: string,
      operation: string,
      apiVersion: string,
      time,
      fieldsType: string,
      fieldsV1: record,
      subresource: string,
    }),
  ),
});

/** The first thing of the wrong type in `metadata`, in words; undefined if there is none. */
export function metadataShapeProblem(value: unknown): string | undefined {
  return metadata(value, 'metadata');
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value);
  return `${typeof value} ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
