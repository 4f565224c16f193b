/** Domain refusals as Kubernetes Status errors. */
import type { Rejection } from '@skyflow/domain';
import {
  type ResourceDefinition,
  StatusError,
  alreadyExists,
  conflict,
  invalid,
  notFound,
} from '@skyflow/apimachinery';

/** The error for a refused command about `name` of a resource. */
export function rejectionError(definition: ResourceDefinition, name: string, rejection: Rejection): StatusError {
  const { rejected, message, field } = rejection;
  const details = { name, ...(definition.group === '' ? {} : { group: definition.group }), kind: definition.plural };
  switch (rejected) {
    case 'NOT_FOUND':
      return notFound(definition, name);
    case 'NAMESPACE_NOT_FOUND':
      return new StatusError(404, 'NotFound', message, { ...details, name, kind: 'namespaces' });
    case 'NAMESPACE_TERMINATING':
      return new StatusError(403, 'Forbidden', `${definition.plural} "${name}" is forbidden: ${message}`, {
        ...details,
        causes: [{ reason: 'FieldValueForbidden', message, field: field ?? 'metadata.namespace' }],
      });
    case 'PROTECTED':
    case 'QUOTA_EXCEEDED':
      return new StatusError(403, 'Forbidden', `${definition.plural} "${name}" is forbidden: ${message}`, details);
    case 'IN_USE':
      return new StatusError(409, 'Conflict', `${definition.plural} "${name}" cannot be deleted: ${message}`, details);
    case 'ALREADY_EXISTS': {
      const error = alreadyExists(definition, name);
      return new StatusError(409, 'AlreadyExists', `${error.message}${hint(message)}`, details);
    }
    case 'NAME_TAKEN':
    case 'CLUSTER_NOT_FOUND':
    case 'POLICY_NOT_FOUND':
    case 'REFERENCE_NOT_FOUND':
    case 'REFERENCE_INVALID':
    case 'IMMUTABLE':
      return invalid(definition, name, [
        {
          reason: rejected === 'IMMUTABLE' ? 'FieldValueForbidden' : 'FieldValueInvalid',
          message,
          ...(field === undefined ? {} : { field }),
        },
      ]);
    case 'CONFLICT':
    case 'UID_MISMATCH':
      return conflict(definition, name, message);
    case 'KEY_REUSED':
      return new StatusError(422, 'Invalid', `Idempotency-Key: ${message}`, details);
  }
}

/** What to do, where the domain says more than Kubernetes' own text. */
const hint = (message: string): string => {
  const from = message.indexOf(' and is being deleted');
  return from < 0 ? '' : message.slice(from);
};
