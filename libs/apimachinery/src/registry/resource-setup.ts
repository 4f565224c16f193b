/** What the verbs of one resource work with. */
import type { ResourceDefinition } from '../api/definition.js';
import type { KubeObject } from '@skyflow/contracts';
import type { SchemaSet } from '../schema/schema-set.js';
import type { DeleteOptions, RequestContext, ResourceStore } from '../store/resource-store.js';

export interface AdmissionRequest {
  operation: 'create' | 'update' | 'delete';
  definition: ResourceDefinition;
  subresource?: string;
  /** What is to be stored; admission may change it. Absent on delete. */
  object?: KubeObject;
  /** What is stored. Absent on create. */
  old?: KubeObject;
  context: RequestContext;
  /** Of a deletion. */
  options?: DeleteOptions;
}

/**
 * A rule over kinds. As in Kubernetes, what mutates runs after defaulting and before validation, what only judges after it.
 * @throws StatusError to refuse.
 */
export type Admission = (request: AdmissionRequest) => Promise<void> | void;

/** Whether managedFields are kept for every write, or only for what server-side apply made. */
export type ManagedFieldsMode = 'always' | 'apply-only';

export interface ResourceSetup {
  definition: ResourceDefinition;
  store: ResourceStore;
  schemas: SchemaSet;
  nowMs: () => number;
  managedFields: ManagedFieldsMode;
  admission: readonly Admission[];
  validatingAdmission: readonly Admission[];
}

/** `apps/v1`, or `v1` in the core group. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
