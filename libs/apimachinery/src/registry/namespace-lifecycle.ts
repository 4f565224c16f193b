/**
 * Admission as Kubernetes' NamespaceLifecycle: nothing is created in a namespace that is not there, or that is going away.
 */
import type { ResourceDefinition } from '../api/definition.js';
import { notFound, qualifiedResource } from '../api/errors.js';
import { StatusError } from '../api/status-error.js';
import type { ResourceStore } from '../store/resource-store.js';
import type { Admission } from './resource-setup.js';

/** @param namespaces definition and store of the namespaces themselves. */
export function namespaceLifecycle(namespaces: { definition: ResourceDefinition; store: ResourceStore }): Admission {
  return async ({ operation, object, definition, context }) => {
    const name = object?.metadata.namespace;
    if (operation !== 'create' || object === undefined || name === undefined) return;
    const namespace = await namespaces.store.get({ name }, context);
    if (namespace === undefined) throw notFound(namespaces.definition, name);
    if (namespace.metadata.deletionTimestamp === undefined) return;
    const { group, plural } = definition;
    throw new StatusError(
      403,
      'Forbidden',
      `${qualifiedResource(definition)} "${object.metadata.name}" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
      {
        name: object.metadata.name,
        ...(group === '' ? {} : { group }),
        kind: plural,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${name} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      },
    );
  };
}
