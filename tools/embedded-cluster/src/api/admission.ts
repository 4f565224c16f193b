/** Rules over kinds (admission plugins): namespaces must exist and live, services get addresses, pods their priority. */
import { type Admission, forbidden, notFound, type ResourceDefinition } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import type { ClusterView } from '../controllers/reconcile.js';
import { isDeleting } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import type { ServiceAddresses } from './service-addresses.js';

const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export interface AdmissionSettings {
  view: ClusterView;
  services: ServiceAddresses;
  namespaces: ResourceDefinition;
}

export function admission({ view, services, namespaces }: AdmissionSettings): Admission {
  return ({ operation, definition, object, old, subresource }) => {
    if (operation === 'delete' && definition.kind === 'Namespace')
      requireDeletable(definition, old?.metadata.name ?? '');
    if (object === undefined || operation === 'delete') return;
    if (operation === 'create' && definition.namespaced) requireNamespace(view, namespaces, definition, object);
    if (definition.kind === 'Pod' && operation === 'create' && isShaped(object as Pod)) {
      requireServiceAccount(view, definition, object as Pod);
      setPriority(view, definition, object as Pod);
    }
    if (definition.kind === 'Service' && subresource === undefined) services.assign(object, definition, old);
  };
}

const PERMANENT = new Set(['default', 'kube-system', 'kube-public']);

/** @throws StatusError 403 for a namespace that every cluster has. */
function requireDeletable(definition: ResourceDefinition, name: string): void {
  if (PERMANENT.has(name)) throw forbidden(definition, name, 'this namespace may not be deleted');
}

/** @throws StatusError 404 when the namespace is not there, 403 when it is being deleted. */
function requireNamespace(
  view: ClusterView,
  namespaces: ResourceDefinition,
  definition: ResourceDefinition,
  object: KubeObject,
): void {
  const name = object.metadata.namespace ?? '';
  const namespace = view.get('Namespace', undefined, name);
  if (namespace === undefined) throw notFound(namespaces, name);
  if (!isDeleting(namespace)) return;
  const why = `unable to create new content in namespace ${name} because it is being terminated`;
  // By this, clients tell an end from a ban.
  const message = `namespace ${name} is being terminated`;
  throw forbidden(definition, object.metadata.name, why, [
    { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
  ]);
}

/** What is of a wrong type, validation refuses afterwards. */
const isShaped = ({ spec }: Pod): boolean => typeof spec === 'object' && Array.isArray(spec.containers);

/** @throws StatusError 403 when it is not there; `default` is made together with its namespace, so it is not asked for. */
function requireServiceAccount(view: ClusterView, definition: ResourceDefinition, pod: Pod): void {
  const { namespace = '', name } = pod.metadata;
  const { serviceAccountName: account = 'default' } = pod.spec;
  if (account === 'default' || view.get('ServiceAccount', namespace, account) !== undefined) return;
  const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
  throw forbidden(definition, name, why);
}

/** @throws StatusError 403 for a priority class that is not there. */
function setPriority(view: ClusterView, definition: ResourceDefinition, pod: Pod): void {
  const { priorityClassName } = pod.spec;
  if (priorityClassName === undefined || priorityClassName === '') {
    pod.spec.priority ??= 0;
    pod.spec['preemptionPolicy'] ??= 'PreemptLowerPriority';
    return;
  }
  const known = view.get('PriorityClass', undefined, priorityClassName);
  const value = SYSTEM_PRIORITIES[priorityClassName] ?? (known?.['value'] as number | undefined);
  if (value === undefined) {
    throw forbidden(definition, pod.metadata.name, `no PriorityClass with name ${priorityClassName} was found`);
  }
  pod.spec.priority = value;
  pod.spec['preemptionPolicy'] ??= known?.['preemptionPolicy'] ?? 'PreemptLowerPriority';
}
