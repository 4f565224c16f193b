/** The `$…` directives of a strategic merge patch. */
import { StatusError } from '../api/status-error.js';
import { formatPath, type PathSegment } from '../schema/field-path.js';
import { showValue } from '@skyflow/contracts';
import { isJsonObject, type JsonObject } from '../schema/shape.js';

export const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
export const SET_ORDER = '$setElementOrder/';

export interface Directives {
  patch?: 'replace' | 'delete' | 'merge';
  /** Fields to keep of the current object. */
  retainKeys?: ReadonlySet<string>;
  /** By list field: the order its items are to have (values, or objects with the merge key). */
  order: ReadonlyMap<string, readonly unknown[]>;
  /** By list field: values to remove from it. */
  remove: ReadonlyMap<string, readonly unknown[]>;
}

/** Directives of one object of a patch. Throws {@link StatusError} 400 for one that is malformed or unknown. */
export function readDirectives(patch: JsonObject, path: readonly PathSegment[]): Directives {
  const order = new Map<string, readonly unknown[]>();
  const remove = new Map<string, readonly unknown[]>();
  const directives: Directives = { order, remove };
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$')) continue;
    const value = patch[key];
    if (key === '$patch') directives.patch = patchDirective(value, path);
    else if (key === '$retainKeys') directives.retainKeys = retainKeys(value, path);
    else if (key.startsWith(SET_ORDER)) order.set(key.slice(SET_ORDER.length), list(value, key, path));
    else if (key.startsWith(DELETE_FROM_LIST)) remove.set(key.slice(DELETE_FROM_LIST.length), list(value, key, path));
    else {
      const known = `$patch, $retainKeys, ${SET_ORDER}<field>, ${DELETE_FROM_LIST}<field>`;
      throw malformed([...path, key], `is not a directive of strategic merge patch; known are ${known}`);
    }
  }
  return directives;
}

/** The value as a patch would set it where nothing is yet: without directives and what they delete. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isDelete(item)).map(withoutDirectives);
  if (!isJsonObject(value)) return value;
  const plain: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (!key.startsWith('$') && key !== '__proto__' && value[key] !== null) plain[key] = withoutDirectives(value[key]);
  }
  return plain;
}

const isDelete = (item: unknown): boolean => isJsonObject(item) && item.$patch === 'delete';

function patchDirective(value: unknown, path: readonly PathSegment[]): 'replace' | 'delete' | 'merge' {
  if (value === 'replace' || value === 'delete' || value === 'merge') return value;
  throw malformed([...path, '$patch'], `is ${showValue(value)}; it must be "replace", "delete" or "merge"`);
}

function retainKeys(value: unknown, path: readonly PathSegment[]): ReadonlySet<string> {
  return new Set(list(value, '$retainKeys', path).filter((key) => typeof key === 'string'));
}

function list(value: unknown, key: string, path: readonly PathSegment[]): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed([...path, key], `is ${showValue(value)}; it must be a list`);
}

export const malformed = (path: readonly PathSegment[], problem: string): StatusError =>
  new StatusError(400, 'BadRequest', `strategic merge patch: ${formatPath(path)} ${problem}`);
