/** Who asks, and whether he may. */
import type { IncomingMessage } from 'node:http';
import { qualifiedResource } from '../api/errors.js';
import { StatusError } from '../api/status-error.js';
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

/** @throws StatusError 403, in the words of Kubernetes. */
export async function assertAllowed(
  authorize: NonNullable<ApiServerOptions['authorize']>,
  attributes: RequestAttributes,
): Promise<void> {
  const decision = await authorize(attributes);
  if (decision.allowed) return;
  const { user, verb = attributes.method.toLowerCase(), resource, path } = attributes;
  const reason = decision.reason === undefined ? '' : `: ${decision.reason}`;
  if (resource === undefined) {
    throw new StatusError(
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
  throw new StatusError(
    403,
    'Forbidden',
    `${named} is forbidden: User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}${reason}`,
    { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural },
  );
}
