/**
 * StatefulSet controller: pods with names, claims and an order. Each pod waits for those before it, deletes and updates begin at the
 * end, one at a time (`Parallel`: creates and deletes at once). After pkg/controller/statefulset.
 */
import { isDeleting, sameJson, uidOf } from '../model/object-facts.js';
import { availableAtMs, isAvailable, isFinished, isReady } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';
import type { StatefulSet } from '../model/steady-workloads.js';
import { keepRevisions, REVISION_LABEL, revisionName, templateOf } from './controller-revision.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';
import { claimsOf, ordinalOf, statefulPod } from './stateful-pod.js';

const SOURCE = 'statefulset-controller';

export function reconcileStatefulSet(
  view: ClusterView,
  namespace: string | undefined,
  name: string,
  nowMs: number,
): Outcome {
  const set = view.get('StatefulSet', namespace, name);
  if (set === undefined) return NOTHING;
  const pods = view.controlledBy('Pod', uidOf(set));
  const status = statusOf(set, pods, nowMs);
  const writes: Write[] = sameJson(status, set.status) ? [] : [{ op: 'updateStatus', object: { ...set, status } }];
  if (isDeleting(set)) return { writes };
  const inUse = new Set([status.currentRevision, status.updateRevision, ...pods.map(revisionOf)].map(String));
  writes.push(...keepRevisions(view, set, inUse), ...nextSteps(view, set, pods, status.currentRevision ?? '', nowMs));
  const times = pods
    .flatMap((pod) => availableAtMs(pod, set.spec.minReadySeconds ?? 0) ?? [])
    .filter((at) => at > nowMs);
  return { writes, ...(times.length === 0 ? {} : { againAtMs: Math.min(...times) }) };
}

const revisionOf = (pod: Pod): string | undefined => pod.metadata.labels?.[REVISION_LABEL];

const isHealthy = (set: StatefulSet, pod: Pod, nowMs: number): boolean =>
  !isDeleting(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);

function nextSteps(
  view: ClusterView,
  set: StatefulSet,
  pods: readonly Pod[],
  currentRevision: string,
  nowMs: number,
): Write[] {
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const start = set.spec.ordinals?.start ?? 0;
  const end = start + (set.spec.replicas ?? 1);
  const isParallel = set.spec.podManagementPolicy === 'Parallel';
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const writes: Write[] = [];
  for (let ordinal = start; ordinal < end; ordinal += 1) {
    const pod = byOrdinal.get(ordinal);
    if (pod !== undefined && isHealthy(set, pod, nowMs)) continue;
    if (pod === undefined)
      writes.push(...create(view, set, ordinal, ordinal < partition ? currentRevision : undefined));
    // What has ended is made again, under its name.
    else if (isFinished(pod) && !isDeleting(pod)) writes.push(remove(set, pod));
    if (!isParallel) return writes.flat();
  }
  const surplus = pods
    .filter((pod) => !(ordinalOf(set, pod) >= start && ordinalOf(set, pod) < end))
    .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  for (const pod of surplus) {
    if (!isDeleting(pod)) writes.push(...deletion(set, pod));
    if (!isParallel) return writes;
  }
  if (writes.length > 0 || set.spec.updateStrategy?.type === 'OnDelete') return writes;
  for (let ordinal = end - 1; ordinal >= start + partition; ordinal -= 1) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) continue;
    if (revisionOf(pod) !== revisionName(set)) return isDeleting(pod) ? [] : deletion(set, pod);
    if (!isHealthy(set, pod, nowMs)) return [];
  }
  return [];
}

/** Claims first: the pod waits for them. @param revision another one than the set's own */
function create(view: ClusterView, set: StatefulSet, ordinal: number, revision: string | undefined): Write[] {
  const name = revision ?? revisionName(set);
  const template = templateOf(view, set, name) ?? set.spec.template;
  const pod = statefulPod(set, ordinal, template, name);
  const claims = claimsOf(set, ordinal).filter(
    ({ metadata }) => view.get('PersistentVolumeClaim', metadata.namespace, metadata.name) === undefined,
  );
  return [
    ...claims.map((object): Write => ({ op: 'create', object })),
    { op: 'create', object: pod },
    said(set, 'SuccessfulCreate', `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`),
  ];
}

const remove = (_set: StatefulSet, pod: Pod): Write => ({ op: 'delete', target: targetOf(pod) });

const deletion = (set: StatefulSet, pod: Pod): Write[] => [
  remove(set, pod),
  said(set, 'SuccessfulDelete', `Delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`),
];

const said = (set: StatefulSet, reason: string, message: string): Write => ({
  op: 'event',
  about: set,
  event: { type: 'Normal', reason, message, source: SOURCE },
});

function statusOf(set: StatefulSet, pods: readonly Pod[], nowMs: number): NonNullable<StatefulSet['status']> {
  const updateRevision = revisionName(set);
  const live = pods.filter((pod) => !isDeleting(pod) && !isFinished(pod));
  const updated = live.filter((pod) => revisionOf(pod) === updateRevision).length;
  const before = set.status?.currentRevision ?? updateRevision;
  // All of them are new and serve: what was to come is what is.
  const isDone = updated === (set.spec.replicas ?? 1) && live.filter(isReady).length === updated;
  const currentRevision = isDone ? updateRevision : before;
  const current = live.filter((pod) => revisionOf(pod) === currentRevision).length;
  const ready = live.filter(isReady).length;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: live.length,
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(current > 0 ? { currentReplicas: current } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    currentRevision,
    updateRevision,
    collisionCount: 0,
    availableReplicas: live.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).length,
  };
}
