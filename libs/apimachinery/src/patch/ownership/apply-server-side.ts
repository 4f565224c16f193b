/**
 * Server-side apply (KEP-555): the applied configuration is laid over the live object; its manager owns what it sets.
 *
 * A field that another manager owns is a conflict unless its value stays the same (then both own it) or `force` is given.
 * A field that the manager applied before and no longer does is removed unless another manager owns it. Deterministic and
 * pure: neither the live object nor the configuration is changed, and applying the same again changes nothing, not even
 * the time of the entry.
 */
import {
  cloneJson,
  equalJson,
  type KubeMetadata,
  type KubeObject,
  type ManagedFieldsEntry,
  type Schema,
} from '@skyflow/contracts';
import { applyDefaults } from '../../schema/defaults.js';
import { prune } from '../../schema/prune.js';
import type { SchemaSet } from '../../schema/schema-set.js';
import { isJsonObject } from '../../schema/shape.js';
import { checkApplied } from './check-applied.js';
import { compareFields } from './compare.js';
import { FieldSet } from './field-set.js';
import { decodeManagers, encodeManagers, managerId, type ManagerFields, type Managers } from './managers.js';
import { mergeApplied } from './merge-applied.js';
import { ownedFields } from './owned-fields.js';
import { entryTime, fieldSetOf, takeOwnership, UNOWNED } from './ownership.js';
import { removeAbandoned } from './remove-abandoned.js';
import { writable } from './record-update.js';

export interface ApplyRequest {
  /** Absent: the object is created. */
  live?: KubeObject;
  /** The configuration: all that the manager wants, and nothing else. */
  applied: KubeObject;
  /** Field manager; required, at most 128 characters. */
  manager: string;
  /** Take fields from other managers instead of failing. */
  force: boolean;
  /** apiVersion that is applied. */
  apiVersion: string;
  subresource?: string;
  schema: Schema;
  set: SchemaSet;
  nowMs: number;
  /** Dotted paths that this endpoint does not write and nobody comes to own through it, e.g. `status`. */
  ignoredFields?: readonly string[];
}

export interface ApplyResult {
  /** Merged object with its new managedFields; not defaulted, pruned or validated. */
  object: KubeObject;
  managedFields: ManagedFieldsEntry[];
}

/** Owner of what an object had before anything was tracked on it. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Throws {@link StatusError}: 409 Conflict with a FieldManagerConflict cause for each field; 400 and 422 for a
 * configuration that cannot be applied.
 */
export function applyServerSide(request: ApplyRequest): ApplyResult {
  const { applied, schema, set } = request;
  checkApplied(applied, request.manager, schema, set);
  const live: Partial<KubeObject> = request.live === undefined ? {} : withoutManagedFields(request.live);
  const ignored = request.ignoredFields ?? [];
  const managers = liveManagers(request, live);
  const self = selfOf(request);
  const id = managerId(self);
  const last = managers.get(id);

  self.fields = ownedFields(applied, schema, set).recursiveDifference(fieldSetOf(ignored)).difference(UNOWNED);
  managers.set(id, self);
  const config = withoutFields(applied, ignored);
  const merged = mergeApplied(live, config, schema, set);
  const kept = last === undefined ? merged : removeAbandoned(merged, last.fields, managers, schema, set);
  const object = { ...(kept as KubeObject), metadata: serverMetadata(kept as KubeObject, request.live) };

  // Compared as it will be stored, so that a default inside an atomic value is no change of that value.
  const settled = settle(object, schema, set);
  takeOwnership(managers, id, writable(compareFields(live, settled, schema, set), ignored), request.force);
  if (self.fields.isEmpty) managers.delete(id);
  else if (last?.time !== undefined && isSame(last, self) && changesNothing(live, object, settled))
    self.time = last.time;
  const managedFields = encodeManagers(managers);
  if (managedFields.length > 0) object.metadata.managedFields = managedFields;
  return { object, managedFields };
}

function selfOf({ manager, apiVersion, subresource, nowMs }: ApplyRequest): ManagerFields {
  return {
    manager,
    operation: 'Apply',
    apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
    time: entryTime(nowMs),
    fields: new FieldSet(),
  };
}

function settle(object: KubeObject, schema: Schema, set: SchemaSet): KubeObject {
  const settled = cloneJson(object);
  prune(settled, schema, set);
  applyDefaults(settled, schema, set);
  return settled;
}

const changesNothing = (live: unknown, object: unknown, settled: unknown): boolean =>
  equalJson(live, settled) || equalJson(live, object);

const isSame = (a: ManagerFields, b: ManagerFields): boolean =>
  a.apiVersion === b.apiVersion && a.fields.equals(b.fields);

function liveManagers({ live, apiVersion, schema, set }: ApplyRequest, untracked: Partial<KubeObject>): Managers {
  const managers = decodeManagers(live?.metadata.managedFields ?? []);
  if (live === undefined || managers.size > 0) return managers;
  const entry: ManagerFields = {
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion,
    fields: ownedFields(untracked, schema, set).difference(UNOWNED),
  };
  return entry.fields.isEmpty ? managers : managers.set(managerId(entry), entry);
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The configuration without top-level fields that this endpoint does not write. */
function withoutFields(applied: KubeObject, ignored: readonly string[]): KubeObject {
  const config = { ...applied };
  for (const path of ignored) if (!path.includes('.')) Reflect.deleteProperty(config, path);
  return config;
}

/** Fields that the server sets stay as they are, whatever the configuration says of them (often `creationTimestamp: null`). */
function serverMetadata(merged: KubeObject, live: KubeObject | undefined): KubeMetadata {
  const metadata: KubeMetadata = { ...(isJsonObject(merged.metadata) ? merged.metadata : { name: '' }) };
  for (const field of SERVER_FIELDS) {
    const value = live?.metadata[field];
    if (value !== undefined) Object.assign(metadata, { [field]: value });
    else Reflect.deleteProperty(metadata, field);
  }
  return metadata;
}

const SERVER_FIELDS = ['creationTimestamp', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;
