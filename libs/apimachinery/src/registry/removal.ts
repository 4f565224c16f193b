/** Deleting one object or a collection. */
import { isStatus, notFound } from '../api/errors.js';
import type { KubeObject, ObjectKey } from '@skyflow/contracts';
import { planDeletion } from '../store/deletion.js';
import type { DeleteOptions, ListOptions, RequestContext } from '../store/resource-store.js';
import type { ResourceSetup } from './resource-setup.js';

export interface Removed {
  object: KubeObject;
  /** False: it waits for finalizers or its grace period. */
  gone: boolean;
}

/** @throws StatusError 404, 409 and what admission throws. */
export async function deleteObject(
  setup: ResourceSetup,
  key: ObjectKey,
  options: DeleteOptions,
  context: RequestContext,
): Promise<Removed> {
  const { definition, store } = setup;
  const admission = [...setup.admission, ...setup.validatingAdmission];
  if (admission.length > 0 || context.dryRun === true) {
    const old = await store.get(key, context);
    if (old === undefined) throw notFound(definition, key.name);
    for (const admit of admission) await admit({ operation: 'delete', definition, old, context, options });
    if (context.dryRun === true) {
      const plan = planDeletion(definition, old, options, setup.nowMs());
      return { object: plan.action === 'mark' ? plan.object : old, gone: plan.action === 'remove' };
    }
  }
  return store.delete(key, context, options);
}

/** Deletes what the selectors match, each on its own; what another deletes meanwhile is passed over. */
export async function deleteCollection(
  setup: ResourceSetup,
  scope: Pick<ListOptions, 'namespace' | 'selectors' | 'visible'>,
  options: DeleteOptions,
  context: RequestContext,
): Promise<{ items: KubeObject[]; resourceVersion: string }> {
  const { items, resourceVersion } = await setup.store.list(scope, context);
  const removed: KubeObject[] = [];
  const { idempotencyKey: key } = context;
  for (const { metadata } of items) {
    // Each is a request of its own: under one key only the first would be carried out.
    const own = key === undefined ? context : { ...context, idempotencyKey: `${key}/${metadata.uid ?? metadata.name}` };
    try {
      removed.push((await deleteObject(setup, metadata, options, own)).object);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
  return { items: removed, resourceVersion };
}
