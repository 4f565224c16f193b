/** A patch on its way to the server. */
import type { ApiObject } from '@skyflow/contracts';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { FIELD_MANAGER } from '../create/submit.js';

export type PatchType = 'merge' | 'strategic' | 'json';

const CONTENT_TYPES: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

/** @returns the object as it is afterwards, or would be. */
export async function sendPatch(
  gateway: GatewayClient,
  kind: ResourceKind,
  namespace: string | undefined,
  name: string,
  type: PatchType,
  body: unknown,
  dryRun: boolean,
): Promise<ApiObject> {
  const response = await gateway.json<ApiObject>({
    method: 'PATCH',
    path: objectPath(kind, namespace, name),
    query: { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) },
    contentType: CONTENT_TYPES[type],
    body,
  });
  return response.body;
}
