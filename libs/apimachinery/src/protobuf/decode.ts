/**
 * Bodies in Kubernetes' protobuf, which typed clients (`kubectl create deployment`, controllers in Go) send for the native
 * kinds. Only requests are read; answers are JSON, which every client takes. The result is what the JSON of the same object
 * would decode to: zero values that Go would omit are left out.
 */
import { badRequest } from '../api/errors.js';
import { StatusError } from '../api/status-error.js';
import { messageType, type FieldType } from './message-types.js';
import { scalarOf, specialOf, SPECIAL_MESSAGES } from './special-values.js';
import { bytesOf, readFields, type WireField } from './wire.js';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');

type JsonObject = Record<string, unknown>;

/**
 * Undefined for an empty body.
 * @throws StatusError 400 for broken bodies, 415 for kinds that are not known in protobuf.
 */
export function decodeProtobuf(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(`the body is not ${PROTOBUF_TYPE}: it must begin with "k8s\\0"; send JSON instead`);
  }
  try {
    return decodeEnvelope(body.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`the body is broken ${PROTOBUF_TYPE}: ${error.message}`);
    throw error;
  }
}

/** runtime.Unknown: 1 type, 2 the object. */
function decodeEnvelope(envelope: Buffer): JsonObject {
  const typeMeta = bytesOf(envelope, 1) ?? Buffer.alloc(0);
  const apiVersion = bytesOf(typeMeta, 1)?.toString() ?? '';
  const kind = bytesOf(typeMeta, 2)?.toString() ?? '';
  const name = messageName(apiVersion, kind);
  if (messageType(name) === undefined) {
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      `${kind} in version "${apiVersion}" is not known in ${PROTOBUF_TYPE}; send application/json`,
    );
  }
  return { apiVersion, kind, ...decodeMessage(bytesOf(envelope, 2) ?? Buffer.alloc(0), name) };
}

/** `rbac.authorization.k8s.io/v1` Role → `rbac.v1.Role`. */
function messageName(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'meta.v1.DeleteOptions';
  const slash = apiVersion.indexOf('/');
  const home = slash < 0 ? 'core' : (apiVersion.split('.')[0] ?? '').split('/')[0];
  return `${home ?? ''}.${apiVersion.slice(slash + 1)}.${kind}`;
}

function decodeMessage(message: Buffer, name: string): JsonObject {
  const fields = messageType(name);
  const object: JsonObject = {};
  if (fields === undefined) return object;
  for (const field of readFields(message)) {
    const type = fields.get(field.number);
    if (type !== undefined) setField(object, type, field);
  }
  return object;
}

function setField(object: JsonObject, type: FieldType, field: WireField): void {
  const { jsonName, card } = type;
  if (card === '^') {
    Object.assign(object, decodeMessage(field.bytes, type.type));
    return;
  }
  if (card === '%') {
    const key = bytesOf(field.bytes, 1)?.toString() ?? '';
    const entries = (object[jsonName] ??= {}) as JsonObject;
    Object.defineProperty(entries, key, {
      value: mapValue(field.bytes, type.type),
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return;
  }
  const value = valueOf(field, type.type);
  if (card === '*') ((object[jsonName] ??= []) as unknown[]).push(value);
  else if (value !== undefined && (card === '?' || !isZero(value))) object[jsonName] = value;
}

function mapValue(entry: Buffer, type: string): unknown {
  for (const field of readFields(entry)) if (field.number === 2) return valueOf(field, type);
  return type === 's' || type === 'y' ? '' : undefined;
}

function valueOf(field: WireField, type: string): unknown {
  if (type.length === 1) return scalarOf(field, type);
  return SPECIAL_MESSAGES.has(type) ? specialOf(field.bytes, type) : decodeMessage(field.bytes, type);
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;
