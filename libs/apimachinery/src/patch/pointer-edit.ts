/** Edits of a JSON document at a pointer, in place. Each gives the document (a new one where the pointer is the root). */
import { isJsonObject, type JsonObject } from '../schema/shape.js';
import { formatPointer, PointerError } from './json-pointer.js';

/** The value at the pointer. Throws {@link PointerError} if there is none. */
export function readAt(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  tokens.forEach((token, depth) => {
    value = child(value, token, tokens.slice(0, depth));
  });
  return value;
}

/** Adds or replaces a field, or inserts a list item (`-`: at the end). The parent must exist. */
export function addAt(document: unknown, tokens: readonly string[], value: unknown): unknown {
  const key = tokens.at(-1);
  if (key === undefined) return value;
  const parent = parentOf(document, tokens);
  if (Array.isArray(parent))
    parent.splice(key === '-' ? parent.length : itemIndex(key, parent.length, tokens), 0, value);
  else parent[key] = value;
  return document;
}

/** Replaces what is there. Throws {@link PointerError} if nothing is. */
export function replaceAt(document: unknown, tokens: readonly string[], value: unknown): unknown {
  const key = tokens.at(-1);
  if (key === undefined) return value;
  readAt(document, tokens);
  const parent = parentOf(document, tokens);
  if (Array.isArray(parent)) parent[itemIndex(key, parent.length - 1, tokens)] = value;
  else parent[key] = value;
  return document;
}

/** Removes what is there. Throws {@link PointerError} if nothing is, and for the root. */
export function removeAt(document: unknown, tokens: readonly string[]): unknown {
  const key = tokens.at(-1);
  if (key === undefined) throw new PointerError('the whole object cannot be removed by a patch; delete it instead');
  readAt(document, tokens);
  const parent = parentOf(document, tokens);
  if (Array.isArray(parent)) parent.splice(itemIndex(key, parent.length - 1, tokens), 1);
  else Reflect.deleteProperty(parent, key);
  return document;
}

function parentOf(document: unknown, tokens: readonly string[]): JsonObject | unknown[] {
  const path = tokens.slice(0, -1);
  const parent = readAt(document, path);
  if (Array.isArray(parent) || isJsonObject(parent)) return parent as JsonObject | unknown[];
  throw new PointerError(`"${formatPointer(path)}" is neither an object nor a list, so nothing can be in it`);
}

function child(value: unknown, token: string, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value[itemIndex(token, value.length - 1, [...path, token])] as unknown;
  if (isJsonObject(value) && Object.hasOwn(value, token)) return value[token];
  throw new PointerError(`nothing is at "${formatPointer([...path, token])}"; add it, or its parent, first`);
}

function itemIndex(token: string, max: number, tokens: readonly string[]): number {
  const index = /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : Number.NaN;
  if (index <= max) return index;
  const rule = max < 0 ? 'the list is empty' : `it must be a list index from 0 to ${max}`;
  throw new PointerError(`"${token}" in "${formatPointer(tokens)}" is not an item: ${rule}`);
}
