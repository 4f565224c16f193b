/** A patch on its way to the server. */
import type { ApiObject } from '@skyflow/contracts';
import { objectPath } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import { FIELD_MANAGER } from '../create/submit.js';

export type PatchType = 'merge' | 'strategic' | 'json';

const CONTENT_TYPES: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

/** @returns the object as it is afterwards, or would be. */
export async function sendPatch(
  session: Session,
  kind: ResourceKind,
  namespace: string | undefined,
  name: string,
  type: PatchType,
  body: unknown,
  dryRun: boolean,
): Promise<ApiObject> {
  const gateway = await session.gateway();
  const fieldManager = session.flags.text('field-manager') ?? FIELD_MANAGER;
  const response = await gateway.json<ApiObject>({
    method: 'PATCH',
    path: objectPath(kind, namespace, name),
    query: { fieldManager, ...(dryRun ? { dryRun: 'All' } : {}) },
    contentType: CONTENT_TYPES[type],
    body,
  });
  return response.body;
}
