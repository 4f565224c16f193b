/**
 * One step of a field path, encoded as in FieldsV1 (structured-merge-diff, fieldpath/serialize-pe.go):
 * `f:name`, `k:{"name":"web"}` (item of a keyed list, keys sorted), `v:"blue"` (item of a set).
 */
import type { Schema } from '@skyflow/contracts';
import type { SchemaSet } from '../../schema/schema-set.js';
import { isJsonObject, type JsonObject } from '../../schema/shape.js';

export type PathElement = string;

export const fieldElement = (name: string): PathElement => `f:${name}`;

/** Name of the field that a field element names, or undefined for list items. */
export const fieldName = (element: PathElement): string | undefined =>
  element.startsWith('f:') ? element.slice(2) : undefined;

/**
 * Identity of a list item by the list's type; undefined where it has none (a keyed item without its keys, an object in a
 * set). A key that is absent takes its default (`protocol: TCP`). `list` must be resolved.
 */
export function itemElement(item: unknown, list: Schema, set: SchemaSet): PathElement | undefined {
  const keys = list['x-kubernetes-list-map-keys'];
  if (list['x-kubernetes-list-type'] === 'set') {
    return typeof item === 'object' ? undefined : `v:${JSON.stringify(item)}`;
  }
  if (keys === undefined || !isJsonObject(item)) return undefined;
  const identity: JsonObject = {};
  let found = false;
  for (const key of keys.toSorted()) {
    const value = Object.hasOwn(item, key) ? item[key] : keyDefault(list, key, set);
    if (value === undefined || value === null || typeof value === 'object') continue;
    identity[key] = value;
    found = true;
  }
  return found ? `k:${JSON.stringify(identity)}` : undefined;
}

function keyDefault(list: Schema, key: string, set: SchemaSet): unknown {
  const items = list.items === undefined ? undefined : set.resolve(list.items);
  const property = items?.properties?.[key];
  return property === undefined ? undefined : set.resolve(property).default;
}

/** As conflicts show a path: `.spec.template.spec.containers[name="web"].image`. */
export const formatElements = (path: readonly PathElement[]): string => path.map(format).join('');

function format(element: PathElement): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (!element.startsWith('k:')) return `[${rest}]`;
  const keys = parsedKeys(rest);
  if (keys === undefined) return `[${rest}]`;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}

/** Clients may store any managedFields; what is no JSON is shown as it is. */
function parsedKeys(text: string): JsonObject | undefined {
  try {
    const keys: unknown = JSON.parse(text);
    return isJsonObject(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}
