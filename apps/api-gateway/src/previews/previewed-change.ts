/** The change of a preview in the form in which the log would hold it: what exists keeps its identity, what is new gets one. */
import { invalidCause, type ObjectRef, type StoredObject, storedObjectSchema } from '@skyflow/contracts';
import { type ObjectsState, refOf } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';
import type { PreviewSpec } from './preview-body.js';

export interface PreviewChange {
  objects: StoredObject[];
  deleted: ObjectRef[];
}

type Table = ObjectsState['table'];

/** @throws StatusError 400 for what is no object, 404 for a deletion of what is not there. */
export const changeOf = (table: Table, { objects = [], deleted = [] }: PreviewSpec): PreviewChange => ({
  objects: objects.map((object, index) => stored(table, object, `spec.objects[${String(index)}]`)),
  deleted: deleted.map((reference, index) => existing(table, reference, `spec.deleted[${String(index)}]`)),
});

interface Named {
  kind: string;
  metadata: { name: string; namespace?: string };
}

function stored(table: Table, object: Record<string, unknown>, field: string): StoredObject {
  const { kind, metadata } = named(object, field);
  const old = table.get(kind, metadata.namespace ?? '', metadata.name);
  const generation = (old?.generation ?? 0) + 1;
  const identity = {
    uid: old?.uid ?? `preview-${kind}-${metadata.namespace ?? ''}-${metadata.name}`,
    creationTimestamp: old?.creationTimestamp ?? '1970-01-01T00:00:00Z',
    ...(generation > 1 || old === undefined ? { generation } : {}),
  };
  const { status: _status, ...written } = object;
  const parsed = storedObjectSchema.safeParse({ ...written, metadata: { ...metadata, ...identity } });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(`${field}.${issue?.path.join('.') ?? ''}`, undefined, issue?.message ?? 'is no object');
}

function existing(table: Table, reference: Record<string, unknown>, field: string): ObjectRef {
  const { kind, metadata } = named({ kind: reference.kind, metadata: reference }, field);
  const record = table.get(kind, metadata.namespace ?? '', metadata.name);
  if (record !== undefined) return refOf(record);
  throw new StatusError(404, 'NotFound', `${field}: there is no ${kind} "${metadata.name}"`, { name: metadata.name });
}

function named(object: Record<string, unknown>, field: string): Named {
  const { kind, metadata } = object as Partial<Named>;
  if (typeof kind !== 'string' || kind === '')
    throw malformed(`${field}.kind`, kind, 'must name a kind, such as Cluster');
  if (typeof metadata?.name !== 'string' || metadata.name === '') {
    throw malformed(`${field}.metadata.name`, metadata?.name, 'must name the object');
  }
  return { kind, metadata };
}

const malformed = (field: string, value: unknown, rule: string): StatusError =>
  new StatusError(400, 'BadRequest', `${field}: ${rule}`, { causes: [invalidCause(field, value, rule)] });
