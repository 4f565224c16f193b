/**
 * JSON Patch, RFC 6902, over JSON Pointers, RFC 6901.
 *
 * `current` is never changed; what the patch does not touch is shared with the result. All operations take effect or none.
 * Faults of the patch's form are 400 BadRequest, operations that there are not or that fail 422 Invalid, as in kube-apiserver;
 * both name the operation and its path. Keys that would reach a prototype are refused.
 */
import { StatusError } from '../api/status-error.js';
import { cloneJson, equalJson, showValue } from '@skyflow/contracts';
import { isJsonObject } from '../schema/shape.js';
import { parsePointer, PointerError } from './json-pointer.js';
import { addAt, readAt, removeAt, replaceAt } from './pointer-edit.js';

export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}

/** Most operations in one patch; kube-apiserver's limit. */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;

/** Most bytes of JSON that the copy operations of one patch may make; a few of them double a document each. */
export const MAX_COPIED_BYTES = 3 * 1024 * 1024;

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;

/** The object after the patch. Throws {@link StatusError} 400, 413 or 422. */
export function jsonPatch(current: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw badRequest(
      'a JSON patch must be a list of operations, for example [{"op":"replace","path":"/spec/replicas","value":2}]',
    );
  }
  if (operations.length > MAX_JSON_PATCH_OPERATIONS) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `the JSON patch has ${operations.length} operations; at most ${MAX_JSON_PATCH_OPERATIONS} are allowed in one request`,
    );
  }
  const parsed = operations.map(parseOperation);
  let document = cloneJson(current);
  let copiedBytes = 0;
  parsed.forEach((operation, index) => {
    document = carryOut(document, operation, index, (value) => {
      copiedBytes += JSON.stringify(value).length;
      if (copiedBytes > MAX_COPIED_BYTES) throw copiesTooMuch(index);
    });
  });
  return document;
}

interface Operation {
  op: JsonPatchOperation['op'];
  path: string;
  tokens: string[];
  from?: string[];
  value: unknown;
}

function parseOperation(raw: unknown, index: number): Operation {
  const where = `JSON patch operation ${index}`;
  if (!isJsonObject(raw)) throw badRequest(`${where} must be an object with op and path`);
  const op = OPERATIONS.find((name) => name === raw.op);
  if (op === undefined) {
    const message = `${where} has op ${showValue(raw.op)}; it must be one of ${OPERATIONS.join(', ')}`;
    throw new StatusError(422, 'Invalid', message);
  }
  if (typeof raw.path !== 'string')
    throw badRequest(`${where} (${op}) must have a path, such as "/metadata/labels/app"`);
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && !Object.hasOwn(raw, 'value')) throw badRequest(`${where} (${op} "${raw.path}") must have a value`);
  const operation: Operation = { op, path: raw.path, tokens: pointer(raw.path, where), value: raw.value };
  if (op === 'move' || op === 'copy') {
    if (typeof raw.from !== 'string')
      throw badRequest(`${where} (${op} "${raw.path}") must have from, the path to take the value from`);
    operation.from = pointer(raw.from, where);
  }
  return operation;
}

function pointer(text: string, where: string): string[] {
  try {
    return parsePointer(text);
  } catch (error) {
    if (error instanceof PointerError) throw badRequest(`${where}: ${error.message}`);
    throw error;
  }
}

/** Told of every value before it is copied; may refuse it. */
type BeforeCopy = (value: unknown) => void;

function carryOut(document: unknown, operation: Operation, index: number, beforeCopy: BeforeCopy): unknown {
  try {
    return edit(document, operation, beforeCopy);
  } catch (error) {
    if (!(error instanceof PointerError)) throw error;
    throw new StatusError(
      422,
      'Invalid',
      `JSON patch operation ${index} (${operation.op} "${operation.path}") cannot be carried out: ${error.message}`,
      { causes: [{ reason: 'FieldValueInvalid', message: error.message, field: operation.path }] },
    );
  }
}

function edit(document: unknown, { op, tokens, from, value }: Operation, beforeCopy: BeforeCopy): unknown {
  switch (op) {
    case 'add':
      return addAt(document, tokens, cloneJson(value));
    case 'remove':
      return removeAt(document, tokens);
    case 'replace':
      return replaceAt(document, tokens, cloneJson(value));
    case 'copy': {
      const source = readAt(document, from ?? []);
      beforeCopy(source);
      return addAt(document, tokens, cloneJson(source));
    }
    case 'move':
      return move(document, from ?? [], tokens);
    case 'test': {
      const found = readAt(document, tokens);
      if (equalJson(found, value)) return document;
      throw new PointerError(`the value there is ${showValue(found)}, not ${showValue(value)}`);
    }
  }
}

function move(document: unknown, from: readonly string[], to: readonly string[]): unknown {
  if (from.length < to.length && from.every((token, i) => token === to[i])) {
    throw new PointerError('a value cannot be moved into itself');
  }
  const value = readAt(document, from);
  return addAt(removeAt(document, from), to, value);
}

const copiesTooMuch = (index: number): StatusError =>
  new StatusError(
    413,
    'RequestEntityTooLarge',
    `JSON patch operation ${index}: the copies of this patch are larger than ${MAX_COPIED_BYTES} bytes together; copy less`,
  );

const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);
