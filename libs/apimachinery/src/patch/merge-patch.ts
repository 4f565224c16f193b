/**
 * JSON Merge Patch, RFC 7396: objects are merged, null removes, everything else replaces.
 *
 * Neither argument is changed; what the patch does not touch is shared with the result.
 */
import { StatusError } from '../api/status-error.js';
import { isJsonObject, type JsonObject } from '../schema/shape.js';
import { getField } from '../schema/own-field.js';

/** Deepest nesting of a patch. */
export const MAX_PATCH_DEPTH = 500;

/** The object after the patch. Throws {@link StatusError} 400 for a patch nested too deep or with a forbidden key. */
export function mergePatch(current: unknown, patch: unknown): unknown {
  return merge(current, patch, 0);
}

function merge(current: unknown, patch: unknown, depth: number): unknown {
  if (!isJsonObject(patch)) return patch;
  if (depth > MAX_PATCH_DEPTH) {
    throw new StatusError(400, 'BadRequest', `the patch is nested deeper than ${MAX_PATCH_DEPTH} levels`);
  }
  const result: JsonObject = isJsonObject(current) ? { ...current } : {};
  for (const key of Object.keys(patch)) {
    refuseForbiddenKey(key);
    const value = patch[key];
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = merge(getField(result, key), value, depth + 1);
  }
  return result;
}

/** A key that would reach an object's prototype is never a field of an API object. */
export function refuseForbiddenKey(key: string): void {
  if (key === '__proto__') {
    throw new StatusError(400, 'BadRequest', 'the patch has the key "__proto__", which is not allowed');
  }
}
