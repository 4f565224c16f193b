/** Who asks, and whether he may. */
import type { IncomingMessage } from 'node:http';
import { qualifiedResource } from '../api/errors.js';
import { StatusError } from '../api/status-error.js';
import type { Visible } from '../store/resource-store.js';
import type { ApiServerOptions, RequestAttributes, User } from './server-options.js';

const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** @throws StatusError 401 */
export async function identify({ authenticate }: ApiServerOptions, request: IncomingMessage): Promise<User> {
  if (authenticate === undefined) return ANONYMOUS;
  const user = await authenticate(request);
  if (user !== undefined) return user;
  const message = 'Unauthorized: send a valid token as "Authorization: Bearer <token>"';
  throw new StatusError(401, 'Unauthorized', message);
}

/** Of a collection, returns what may be seen; undefined: everything. @throws StatusError 403, in the words of Kubernetes. */
export async function assertAllowed(
  authorize: NonNullable<ApiServerOptions['authorize']>,
  attributes: RequestAttributes,
): Promise<Visible | undefined> {
  const decision = await authorize(attributes);
  if (decision.allowed) return decision.visible;
  throw forbiddenRequest(attributes, decision.reason);
}

/** The refusal of a request, in the words of Kubernetes. */
export function forbiddenRequest(attributes: RequestAttributes, why: string | undefined): StatusError {
  const { user, verb = attributes.method.toLowerCase(), resource, path } = attributes;
  const reason = why === undefined ? '' : `: ${why}`;
  if (resource === undefined) {
    return new StatusError(
      403,
      'Forbidden',
      `forbidden: User "${user.name}" cannot ${verb} path "${path}"${reason}`,
      {},
    );
  }
  const { group, plural, subresource, namespace, name } = resource;
  const what = subresource === undefined ? plural : `${plural}/${subresource}`;
  const qualified = qualifiedResource(resource);
  const named = name === undefined ? qualified : `${qualified} "${name}"`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return new StatusError(
    403,
    'Forbidden',
    `${named} is forbidden: User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}${reason}`,
    { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural },
  );
}
