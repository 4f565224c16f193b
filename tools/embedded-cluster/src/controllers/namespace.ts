/**
 * Namespaces: each gets its default service account; a namespace that is being
 * deleted has its contents deleted first and goes when nothing is left in it.
 */
import type { KubeObject } from '@skyflow/contracts';
import type { NativeCondition } from '../model/condition.js';
import { isDeleting, sameJson, timestamp, withCondition } from '../model/object-facts.js';
import type { Namespace } from '../model/workloads.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

/** Keeps a terminating namespace until it is empty. (A real cluster keeps the same word in spec.finalizers.) */
export const NAMESPACE_FINALIZER = 'kubernetes';

/** @param namespacedKinds kinds that can be in a namespace. */
export function reconcileNamespace(
  view: ClusterView,
  name: string,
  namespacedKinds: readonly string[],
  nowMs: number,
): Outcome {
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
  } else {
    const status: Namespace['status'] = { phase: 'Terminating', conditions: terminating(namespace, contents, nowMs) };
    if (!sameJson(status, namespace.status)) writes.push({ op: 'updateStatus', object: { ...namespace, status } });
  }
  return { writes };
}

/** What it waits for, as kube-controller-manager says it (pkg/controller/namespace/deletion/status_condition_utils.go). */
function terminating(namespace: Namespace, contents: readonly KubeObject[], nowMs: number): NativeCondition[] {
  const counts = new Map<string, number>();
  const finalizers = new Map<string, number>();
  for (const { kind, metadata } of contents) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  }
  const remaining = [...counts].map(([kind, count]) => `${pluralOf(kind)} has ${count} resource instances`).sort();
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const now = timestamp(nowMs);
  return [
    condition('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    condition(
      'NamespaceContentRemaining',
      'SomeResourcesRemain',
      `Some resources are remaining: ${remaining.join(', ')}`,
      'True',
    ),
    held.length === 0
      ? condition(
          'NamespaceFinalizersRemaining',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        )
      : condition(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
          'True',
        ),
  ].reduce<NativeCondition[]>(
    (list, each) => withCondition(list, each, now),
    [...(namespace.status?.conditions ?? [])],
  );
}

const condition = (
  type: string,
  reason: string,
  message: string,
  status: NativeCondition['status'] = 'False',
): NativeCondition => ({ type, status, reason, message });

/** As the API names the kind's resource. */
const pluralOf = (kind: string): string => {
  const name = kind.toLowerCase();
  if (name.endsWith('s')) return name === 'endpoints' ? `${name}.` : `${name}es.`;
  return name.endsWith('y') ? `${name.slice(0, -1)}ies.` : `${name}s.`;
};
