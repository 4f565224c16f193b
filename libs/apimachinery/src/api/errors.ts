/** The `Status` errors that Kubernetes' own api/errors package makes, with its texts; clients match on reason and code. */
import type { ResourceDefinition } from './definition.js';
import { StatusError, type StatusDetails } from './status-error.js';
import type { StatusCause } from '@skyflow/contracts';

type Named = Pick<ResourceDefinition, 'group' | 'plural' | 'kind'>;

/** `deployments.apps`, or `pods` in the core group. */
export function qualifiedResource(resource: Pick<ResourceDefinition, 'group' | 'plural'>): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** `details` name the resource in `kind`, as Kubernetes does. */
function detailsOf(resource: Named, name: string, kind = resource.plural): StatusDetails {
  return { name, ...(resource.group === '' ? {} : { group: resource.group }), kind };
}

export function notFound(resource: Named, name: string): StatusError {
  return new StatusError(
    404,
    'NotFound',
    `${qualifiedResource(resource)} "${name}" not found`,
    detailsOf(resource, name),
  );
}

export function alreadyExists(resource: Named, name: string): StatusError {
  const message = `${qualifiedResource(resource)} "${name}" already exists`;
  return new StatusError(409, 'AlreadyExists', message, detailsOf(resource, name));
}

export function conflict(resource: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, detailsOf(resource, name));
}

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function modified(resource: Named, name: string): StatusError {
  return conflict(resource, name, MODIFIED);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** 422 with one cause per wrong field. */
export function invalid(resource: Named, name: string, causes: StatusCause[]): StatusError {
  const listed = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message));
  const text = listed.length === 1 ? (listed[0] ?? '') : `[${listed.join(', ')}]`;
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  return new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${text}`, {
    ...detailsOf(resource, name, resource.kind),
    causes,
  });
}

/** Query parameters are options objects of their own: `CreateOptions`, `ListOptions` and so on of meta.k8s.io. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

export const invalidOptions = (kind: OptionsKind, cause: StatusCause): StatusError =>
  invalid({ group: 'meta.k8s.io', kind, plural: '' }, '', [cause]);

export function forbidden(
  resource: Named,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): StatusError {
  const named = name === '' ? qualifiedResource(resource) : `${qualifiedResource(resource)} "${name}"`;
  return new StatusError(403, 'Forbidden', `${named} is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes.length === 0 ? {} : { causes: [...causes] }),
  });
}

/** The history does not reach back that far: list again. */
export function expired(asked: number, oldest: number): StatusError {
  return new StatusError(
    410,
    'Expired',
    `too old resource version: ${asked} (${oldest}); list again and go on from the version that the list returns`,
  );
}

/** A reader that has not read what the history has dropped. */
export function fellBehind(oldest: number): StatusError {
  return new StatusError(
    410,
    'Expired',
    `too old resource version: the watch fell behind; events up to ${oldest} are not kept any more. List again and go on from the version that the list returns`,
  );
}

/** A version from another life of this server (its state was lost, or the client talked to another one). */
export function versionUnknown(asked: number, current: number): StatusError {
  return new StatusError(
    410,
    'Expired',
    `resource version ${asked} is newer than all that this server knows (${current}); list again and go on from the version that the list returns`,
  );
}

/** A continue token whose snapshot is gone. */
export function continueExpired(): StatusError {
  return new StatusError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. Start a new list without the continue parameter.',
  );
}

/** Asked for state newer than there is. */
export function versionTooLarge(asked: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** Whether `error` is a StatusError of this reason. */
export function isStatus(error: unknown, reason: StatusError['reason']): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}
