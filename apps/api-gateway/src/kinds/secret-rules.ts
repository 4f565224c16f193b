/** Rules on Secrets beside their schema, as kube-apiserver has them (pkg/apis/core/validation). No message ever repeats a value. */
import type { ResourceStrategy } from '@skyflow/apimachinery';
import { equalJson, type KubeObject, type StatusCause } from '@skyflow/contracts';
import { forbiddenField } from './causes.js';

type Values = Record<string, unknown>;
interface SecretInput extends KubeObject {
  type?: string;
  immutable?: boolean;
  data?: Values;
  stringData?: Values;
}

/** Of all values together, decoded. */
const MAX_BYTES = 1 << 20;
const NAME = /^[-._a-zA-Z0-9]{1,253}$/;

/** What a type promises to whoever mounts it. */
const REQUIRED: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);

export const secretStrategy: ResourceStrategy = {
  prepareForCreate: prepare,
  prepareForUpdate: prepare,
  validate: (object) => causesOf(object),
  validateUpdate: (object, old) => changeCauses(object, old),
};

/** Stands for a value that is no base64: the schema refuses it as well, and its refusal repeats what it refuses. */
const HIDDEN = '<hidden>';

/** stringData is write-only: it becomes data. */
function prepare(object: SecretInput): void {
  object.type ??= 'Opaque';
  const { data, stringData } = object;
  if (data === undefined && stringData === undefined) return;
  object.data = {
    ...mapped(data, (text) => (decode(text) === undefined ? HIDDEN : text)),
    ...mapped(stringData, (text) => Buffer.from(text).toString('base64')),
  };
  delete object.stringData;
}

const mapped = (values: Values | undefined, encode: (text: string) => string): Values =>
  Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, typeof value === 'string' ? encode(value) : HIDDEN]),
  );

function causesOf(object: SecretInput): StatusCause[] {
  const causes: StatusCause[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(object.data ?? {})) {
    const field = `data[${name}]`;
    if (!NAME.test(name) || name === '.' || name === '..') {
      causes.push(invalid(field, "a valid name consists of letters, digits, '-', '_' and '.', at most 253 of them"));
    }
    bytes += (typeof value === 'string' ? decode(value) : undefined)?.length ?? 0;
  }
  if (bytes > MAX_BYTES) {
    causes.push({
      reason: 'FieldValueTooLong',
      field: 'data',
      message: `Too long: may not be more than ${MAX_BYTES} bytes`,
    });
  }
  return [...causes, ...missingNames(object), ...contentCauses(object)];
}

function missingNames({ type = 'Opaque', data = {} }: SecretInput): StatusCause[] {
  if (type === 'kubernetes.io/basic-auth') {
    if ('username' in data || 'password' in data) return [];
    return [required('data[username]', `a Secret of type ${type} has username, password or both`)];
  }
  return (REQUIRED.get(type) ?? [])
    .filter((name) => !(name in data))
    .map((name) => required(`data[${name}]`, `a Secret of type ${type} must have it`));
}

function contentCauses({ type, data = {} }: SecretInput): StatusCause[] {
  const name = type === 'kubernetes.io/dockerconfigjson' ? '.dockerconfigjson' : '.dockercfg';
  if (type !== 'kubernetes.io/dockerconfigjson' && type !== 'kubernetes.io/dockercfg') return [];
  const text = typeof data[name] === 'string' ? decode(data[name])?.toString('utf8') : undefined;
  if (text === undefined) return [];
  try {
    JSON.parse(text);
    return [];
  } catch {
    return [invalid(`data[${name}]`, 'must be JSON, as docker writes it')];
  }
}

function changeCauses(object: SecretInput, old: SecretInput): StatusCause[] {
  const causes: StatusCause[] = [];
  if ((object.type ?? 'Opaque') !== (old.type ?? 'Opaque')) {
    causes.push(invalid('type', 'field is immutable; delete the Secret and create it anew'));
  }
  if (old.immutable !== true) return causes;
  if (object.immutable !== true) {
    causes.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
  }
  if (!equalJson(object.data ?? {}, old.data ?? {})) {
    causes.push(forbiddenField('data', 'field is immutable when `immutable` is set'));
  }
  return causes;
}

/** Undefined: no base64. */
function decode(text: string): Buffer | undefined {
  const compact = text.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64');
}

/** Kubernetes' own wording would repeat the value. */
const invalid = (field: string, rule: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${rule}`,
});

const required = (field: string, rule: string): StatusCause => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value: ${rule}`,
});
