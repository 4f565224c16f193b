/** Fields of a JSON object by name, where a name such as `__proto__` or `constructor` is a name like any other. */
import type { JsonObject } from './shape.js';

/** `object[key] = value`. */
export function setField(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else object[key] = value;
}

/** Own field, or undefined: never something inherited. */
export const getField = (object: JsonObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;
