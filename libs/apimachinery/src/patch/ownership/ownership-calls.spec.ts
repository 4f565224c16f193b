/** Not a suite: calls of server-side apply and of the update record, for the suites here. */
import { deepFreeze, type KubeObject, type ManagedFieldsEntry } from '@skyflow/contracts';
import { StatusError } from '../../api/status-error.js';
import { set, workload } from '../../schema/workload-schema.spec.js';
import { applyServerSide, type ApplyRequest } from './apply-server-side.js';
import { recordUpdate } from './record-update.js';

export const NOW = Date.UTC(2026, 0, 1);

export const object = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'test/v1',
  kind: 'Workload',
  metadata: { name: 'w', ...metadata },
  spec,
});

export function apply(
  live: KubeObject | undefined,
  spec: object,
  manager: string,
  options: Partial<ApplyRequest> = {},
): KubeObject {
  return applyServerSide({
    ...(live === undefined ? {} : { live: deepFreeze(live) }),
    applied: deepFreeze(object(spec)),
    manager,
    force: false,
    apiVersion: 'test/v1',
    schema: workload,
    set,
    nowMs: NOW,
    ...options,
  }).object;
}

export function update(old: KubeObject | undefined, updated: KubeObject, manager: string): KubeObject {
  const managedFields = recordUpdate({
    ...(old === undefined ? {} : { old: deepFreeze(old) }),
    updated,
    manager,
    apiVersion: 'test/v1',
    schema: workload,
    set,
    nowMs: NOW,
  });
  return { ...updated, metadata: { ...updated.metadata, managedFields } };
}

export const fieldsOf = (live: KubeObject, manager: string): ManagedFieldsEntry['fieldsV1'] | undefined =>
  live.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;

export function conflictOf(attempt: () => unknown): StatusError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('there was no conflict');
}
