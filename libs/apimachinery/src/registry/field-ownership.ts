/** Keeping managedFields: for every write, or only where server-side apply has begun to (`apply-only`). */
import type { ResourceDefinition } from '../api/definition.js';
import type { KubeObject } from '@skyflow/contracts';
import type { WriteOptions } from '../api/request-options.js';
import { recordUpdate } from '../patch/ownership/record-update.js';
import { apiVersionOf, type ResourceSetup } from './resource-setup.js';

export interface OwnedChange {
  /** Absent on create. */
  old?: KubeObject;
  /** What is to be stored; its managedFields are set. */
  updated: KubeObject;
  options: WriteOptions;
  subresource?: string;
  /** Named in managedFields instead of the subresource. */
  writtenBy?: string;
  nowMs: number;
}

/** Notes in `updated.metadata.managedFields` which fields the writer has set. */
export function recordManager(setup: ResourceSetup, change: OwnedChange): void {
  const { old, updated, options, subresource, writtenBy = subresource, nowMs } = change;
  const { definition, schemas } = setup;
  const before = updated.metadata.managedFields ?? [];
  if (setup.managedFields === 'apply-only' && before.length === 0) {
    delete updated.metadata.managedFields;
    return;
  }
  const managedFields = recordUpdate({
    updated,
    manager: options.fieldManager ?? 'unknown',
    managedFields: before,
    apiVersion: apiVersionOf(definition),
    schema: definition.schema,
    set: schemas,
    nowMs,
    ignoredFields: ignoredFields(definition, subresource),
    ...(old === undefined ? {} : { old }),
    ...(writtenBy === undefined ? {} : { subresource: writtenBy }),
  });
  if (managedFields.length > 0) updated.metadata.managedFields = managedFields;
  else delete updated.metadata.managedFields;
}

/** Top-level fields that an endpoint does not write. */
export function ignoredFields(definition: ResourceDefinition, subresource: string | undefined): readonly string[] {
  if (definition.hasStatus !== true) return [];
  if (subresource !== 'status') return ['status'];
  return ['spec', 'data', 'metadata.labels', 'metadata.annotations', 'metadata.finalizers', 'metadata.ownerReferences'];
}
