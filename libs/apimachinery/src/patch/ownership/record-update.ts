/**
 * managedFields after an ordinary write (create, update, patch): the writer owns what it changed, with operation Update.
 *
 * Never conflicts: an ordinary write takes the fields that it changes from whoever had them.
 */
import type { KubeObject, ManagedFieldsEntry, Schema } from '@skyflow/contracts';
import type { SchemaSet } from '../../schema/schema-set.js';
import { compareFields, type Comparison } from './compare.js';
import { FieldSet } from './field-set.js';
import { decodeManagers, encodeManagers, managerId, type ManagerFields } from './managers.js';
import { entryTime, fieldSetOf, takeOwnership, UNOWNED } from './ownership.js';

export interface UpdateRecord {
  /** Absent for a create. */
  old?: KubeObject;
  updated: KubeObject;
  /** Field manager: the `fieldManager` of the request, else the first part of its user agent. */
  manager: string;
  /** Ownership until now; default: that of `old`. */
  managedFields?: readonly ManagedFieldsEntry[];
  /** apiVersion that was written. */
  apiVersion: string;
  subresource?: string;
  schema: Schema;
  set: SchemaSet;
  nowMs: number;
  /** Dotted paths that this endpoint does not write: `status` for the resource itself where it has a status subresource. */
  ignoredFields?: readonly string[];
}

/** The new managedFields; entries of managers that own nothing any more are gone. */
export function recordUpdate(record: UpdateRecord): ManagedFieldsEntry[] {
  const { old, updated, schema, set } = record;
  const before = record.managedFields ?? old?.metadata.managedFields ?? [];
  const managers = decodeManagers(before);
  const change = writable(compareFields(old ?? {}, updated, schema, set), record.ignoredFields ?? []);
  if (change.added.isEmpty && change.modified.isEmpty && change.removed.isEmpty) return [...before];
  const self: ManagerFields = {
    manager: record.manager,
    operation: 'Update',
    apiVersion: record.apiVersion,
    ...(record.subresource === undefined ? {} : { subresource: record.subresource }),
    // Upstream translates entries of scale to the object's own, and loses the time on the way.
    ...(record.subresource === 'scale' ? {} : { time: entryTime(record.nowMs) }),
    fields: new FieldSet(),
  };
  const id = managerId(self);
  takeOwnership(managers, id, change, true);
  const owned = managers.get(id)?.fields ?? new FieldSet();
  self.fields = owned.difference(change.removed).union(change.modified).union(change.added);
  if (!change.added.isEmpty || !change.modified.isEmpty || managers.has(id)) managers.set(id, self);
  return encodeManagers(managers);
}

/** The comparison without what nobody owns and what this endpoint does not write. */
export function writable(change: Comparison, ignoredFields: readonly string[]): Comparison {
  const ignored = fieldSetOf(ignoredFields);
  const strip = (fields: FieldSet): FieldSet => fields.recursiveDifference(ignored).difference(UNOWNED);
  return { added: strip(change.added), modified: strip(change.modified), removed: strip(change.removed) };
}
