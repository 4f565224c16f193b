/**
 * ReplicaSet controller: as many active pods as spec.replicas, adopting matching orphans, deleting the least useful first.
 * After pkg/controller/replicaset; without expectations, because its view is never behind its own writes.
 */
import { controllerReference, isDeleting, sameJson, uidOf } from '../model/object-facts.js';
import { matchesSelector } from '../model/label-match.js';
import { availableAtMs, compareForDeletion, isActive, isAvailable, isReady, isFinished } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';
import type { ReplicaSet } from '../model/workloads.js';
import { podFromTemplate } from './pod-from-template.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';

const SOURCE = 'replicaset-controller';
/** Most pods created or deleted in one pass (upstream's burst). */
const BURST = 500;

export function reconcileReplicaSet(
  view: ClusterView,
  namespace: string | undefined,
  name: string,
  nowMs: number,
): Outcome {
  const set = view.get('ReplicaSet', namespace, name);
  if (set === undefined) return NOTHING;
  const writes: Write[] = [];
  const owned = view.controlledBy('Pod', uidOf(set));
  if (!isDeleting(set)) {
    for (const orphan of orphansOf(view, set)) {
      writes.push({ op: 'update', object: withOwner(orphan, set) });
      owned.push(orphan);
    }
  }
  const active = owned.filter(isActive);
  if (!isDeleting(set)) writes.push(...scale(set, active));
  const status = statusOf(set, active, owned.filter((pod) => isDeleting(pod) && !isFinished(pod)).length, nowMs);
  if (!sameJson(status, set.status)) writes.push({ op: 'updateStatus', object: { ...set, status } });
  return { writes, ...nextLook(set, active, nowMs) };
}

function scale(set: ReplicaSet, active: readonly Pod[]): Write[] {
  const wanted = set.spec.replicas ?? 1;
  const missing = wanted - active.length;
  if (missing > 0) {
    return Array.from({ length: Math.min(missing, BURST) }, () => ({
      op: 'create' as const,
      object: podFromTemplate(set, set.spec.template),
      announce: { about: set, source: SOURCE },
    }));
  }
  return [...active]
    .sort(compareForDeletion)
    .slice(0, Math.min(-missing, BURST))
    .flatMap((pod): Write[] => [
      { op: 'delete', target: targetOf(pod) },
      {
        op: 'event',
        about: set,
        event: {
          type: 'Normal',
          reason: 'SuccessfulDelete',
          message: `Deleted pod: ${pod.metadata.name}`,
          source: SOURCE,
        },
      },
    ]);
}

const orphansOf = (view: ClusterView, set: ReplicaSet): Pod[] =>
  view
    .unmanaged('Pod', set.metadata.namespace)
    .filter((pod) => isActive(pod) && matchesSelector(set.spec.selector, pod.metadata.labels));

const withOwner = (pod: Pod, set: ReplicaSet): Pod => ({
  ...pod,
  metadata: {
    ...pod.metadata,
    ownerReferences: [...(pod.metadata.ownerReferences ?? []), controllerReference(set)],
  },
});

function statusOf(set: ReplicaSet, active: readonly Pod[], terminating: number, nowMs: number): ReplicaSet['status'] {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const fullyLabeled = active.filter((pod) =>
    labels.every(([key, value]) => pod.metadata.labels?.[key] === value),
  ).length;
  const ready = active.filter(isReady).length;
  const available = active.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length;
  return {
    replicas: active.length,
    ...(fullyLabeled > 0 ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    terminatingReplicas: terminating,
    observedGeneration: set.metadata.generation ?? 1,
    ...(set.status?.conditions === undefined ? {} : { conditions: set.status.conditions }),
  };
}

/** With minReadySeconds a pod becomes available by time alone. */
function nextLook(set: ReplicaSet, active: readonly Pod[], nowMs: number): { againAtMs?: number } {
  const times = active
    .map((pod) => availableAtMs(pod, set.spec.minReadySeconds ?? 0))
    .filter((at): at is number => at !== undefined && at > nowMs);
  return times.length === 0 ? {} : { againAtMs: Math.min(...times) };
}
