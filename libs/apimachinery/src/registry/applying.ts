/** Server-side apply: creates the object or merges what the manager applies, by ownership of fields (KEP-555). */
import { badRequest } from '../api/errors.js';
import type { KubeObject } from '../api/objects.js';
import type { WriteResult } from '../api/request-options.js';
import type { PatchRequest } from './patching.js';
import type { ResourceSetup } from './resource-setup.js';

export async function applyObject(
  setup: ResourceSetup,
  request: PatchRequest,
): Promise<WriteResult<KubeObject> & { created: boolean }> {
  await setup.store.get(request.target, request.context);
  throw badRequest('server-side apply is not served yet');
}
