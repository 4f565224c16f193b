/**
 * Namespaces: each gets its default service account; a namespace that is being
 * deleted has its contents deleted first and goes when nothing is left in it.
 */
import { isDeleting } from '../model/object-facts.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

/** Keeps a terminating namespace until it is empty. (A real cluster keeps the same word in spec.finalizers.) */
export const NAMESPACE_FINALIZER = 'kubernetes';

/** @param namespacedKinds kinds that can be in a namespace. */
export function reconcileNamespace(view: ClusterView, name: string, namespacedKinds: readonly string[]): Outcome {
  const namespace = view.get('Namespace', undefined, name);
  if (namespace === undefined) return NOTHING;
  if (!isDeleting(namespace)) {
    if (view.get('ServiceAccount', name, 'default') !== undefined) return NOTHING;
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } };
    return { writes: [{ op: 'create', object: account }] };
  }
  const contents = namespacedKinds.flatMap((kind) => view.list(kind, name));
  const writes: Write[] = contents
    .filter((object) => !isDeleting(object))
    .map((object) => ({ op: 'delete', target: targetOf(object), propagation: 'Background' }));
  if (contents.length === 0) {
    writes.push({ op: 'removeFinalizer', target: targetOf(namespace), finalizer: NAMESPACE_FINALIZER });
  } else if (namespace.status?.phase !== 'Terminating') {
    writes.push({
      op: 'updateStatus',
      object: { ...namespace, status: { ...namespace.status, phase: 'Terminating' } },
    });
  }
  return { writes };
}
