/**
 * Deployment controller: replica sets by revision, rolling update or recreate, pause, history, and the rollout conditions
 * that `kubectl rollout status` and `kubectl wait` read. After pkg/controller/deployment.
 */
import { controllerReference, isDeleting, sameJson, uidOf } from '../model/object-facts.js';
import { matchesSelector } from '../model/label-match.js';
import { isFinished } from '../model/pod-facts.js';
import type { Deployment, ReplicaSet } from '../model/workloads.js';
import { deploymentStatus } from './deployment-status.js';
import { type ClusterView, type Outcome, type Write, NOTHING, targetOf } from './reconcile.js';
import {
  byAge,
  DESIRED_REPLICAS,
  findNewSet,
  inheritedAnnotations,
  MAX_REPLICAS,
  REVISION,
  revisionOf,
  surplusHistory,
  TEMPLATE_HASH,
  templateHash,
} from './revision.js';
import { newSetSize, oldSetSizes, proportionalSizes, rolloutBounds, sizeOf } from './rollout.js';

const SOURCE = 'deployment-controller';

export function reconcileDeployment(
  view: ClusterView,
  namespace: string | undefined,
  name: string,
  nowMs: number,
): Outcome {
  const deployment = view.get('Deployment', namespace, name);
  if (deployment === undefined) return NOTHING;
  const adopted = adoptions(view, deployment);
  const sets = [...view.controlledBy('ReplicaSet', uidOf(deployment)), ...adopted];
  const writes: Write[] = adopted.map((set) => ({ op: 'update', object: set }));
  if (!isDeleting(deployment)) writes.push(...roll(view, deployment, sets));
  const { status, againAtMs } = deploymentStatus(deployment, sets, nowMs);
  if (!sameJson(status, deployment.status)) writes.push({ op: 'updateStatus', object: { ...deployment, status } });
  return { writes, ...(againAtMs === undefined ? {} : { againAtMs }) };
}

function roll(view: ClusterView, deployment: Deployment, sets: readonly ReplicaSet[]): Write[] {
  const newSet = findNewSet(deployment, sets);
  const oldSets = byAge(sets).filter((set) => set !== newSet);
  const replicas = deployment.spec.replicas ?? 1;
  const recreate = deployment.spec.strategy?.type === 'Recreate';
  const bounds = recreate
    ? { maxSurge: 0, maxUnavailable: 0 }
    : rolloutBounds(deployment.spec.strategy?.rollingUpdate, replicas);

  if (isScaling(deployment, sets)) {
    return resize(deployment, scaledSizes(replicas, bounds.maxSurge, newSet, oldSets), bounds.maxSurge);
  }
  if (deployment.spec.paused === true) return [];

  const oldPodsLeft = (): boolean =>
    oldSets.some((set) => view.controlledBy('Pod', uidOf(set)).some((pod) => !isFinished(pod)));
  if (recreate && oldSets.some((set) => sizeOf(set) > 0)) {
    return resize(deployment, new Map(oldSets.map((set) => [set, 0])), bounds.maxSurge);
  }
  if (recreate && oldPodsLeft()) return [];
  if (newSet === undefined) return [createSet(view, deployment, oldSets, bounds.maxSurge)];

  const sizes = oldSetSizes(replicas, bounds, newSet, oldSets);
  sizes.set(newSet, newSetSize(replicas, bounds, newSet, oldSets));
  return [
    ...bookkeeping(deployment, newSet, oldSets),
    ...resize(deployment, sizes, bounds.maxSurge),
    ...surplusHistory(deployment, oldSets).map((set): Write => ({
      op: 'delete',
      target: targetOf(set),
      propagation: 'Background',
    })),
  ];
}

/** Someone changed replicas since the sets were sized: their desired-replicas annotation still says the old number. */
function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS];
    return sizeOf(set) > 0 && desired !== undefined && Number(desired) !== (deployment.spec.replicas ?? 1);
  });
}

function scaledSizes(
  replicas: number,
  maxSurge: number,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): Map<ReplicaSet, number> {
  const active = [...(newSet === undefined ? [] : [newSet]), ...oldSets].filter((set) => sizeOf(set) > 0);
  const only = active.length === 1 ? active[0] : undefined;
  if (only !== undefined) return new Map([[only, replicas]]);
  return proportionalSizes(active, replicas === 0 ? 0 : replicas + maxSurge);
}

function resize(deployment: Deployment, sizes: ReadonlyMap<ReplicaSet, number>, maxSurge: number): Write[] {
  const replicas = deployment.spec.replicas ?? 1;
  const marks = { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge) };
  return [...sizes].flatMap(([set, size]): Write[] => {
    const from = sizeOf(set);
    const marked = Object.entries(marks).every(([key, value]) => set.metadata.annotations?.[key] === value);
    if (from === size && (marked || size === 0)) return [];
    const update: Write = {
      op: 'update',
      object: {
        ...set,
        metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...marks } },
        spec: { ...set.spec, replicas: size },
      },
    };
    return from === size ? [update] : [update, scalingEvent(deployment, set.metadata.name, from, size)];
  });
}

const scalingEvent = (deployment: Deployment, set: string, from: number, to: number): Write => ({
  op: 'event',
  about: deployment,
  event: {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`,
    source: SOURCE,
  },
});

/** The new set carries the newest revision and the deployment's annotations; the deployment shows that revision. */
function bookkeeping(deployment: Deployment, newSet: ReplicaSet, oldSets: readonly ReplicaSet[]): Write[] {
  const newest = Math.max(0, ...oldSets.map(revisionOf)) + 1;
  const revision = String(Math.max(newest, revisionOf(newSet)));
  const writes: Write[] = [];
  const annotations = { ...newSet.metadata.annotations, ...inheritedAnnotations(deployment), [REVISION]: revision };
  if (!sameJson(annotations, newSet.metadata.annotations)) {
    return [{ op: 'update', object: { ...newSet, metadata: { ...newSet.metadata, annotations } } }, ...writes];
  }
  if (deployment.metadata.annotations?.[REVISION] !== revision) {
    writes.push({ op: 'update', object: withRevision(deployment, revision) });
  }
  return writes;
}

const withRevision = (deployment: Deployment, revision: string): Deployment => ({
  ...deployment,
  metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [REVISION]: revision } },
});

function createSet(view: ClusterView, deployment: Deployment, oldSets: readonly ReplicaSet[], maxSurge: number): Write {
  const replicas = deployment.spec.replicas ?? 1;
  const total = oldSets.reduce((sum, set) => sum + sizeOf(set), 0);
  const size = Math.max(0, Math.min(replicas, replicas + maxSurge - total));
  let collisions = deployment.status?.collisionCount ?? 0;
  let hash = templateHash(deployment.spec.template, collisions);
  while (view.get('ReplicaSet', deployment.metadata.namespace, `${deployment.metadata.name}-${hash}`) !== undefined) {
    collisions++;
    hash = templateHash(deployment.spec.template, collisions);
  }
  const labels = { ...deployment.spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
  const selector = deployment.spec.selector;
  const set: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels,
      annotations: {
        ...inheritedAnnotations(deployment),
        [REVISION]: String(Math.max(0, ...oldSets.map(revisionOf)) + 1),
        [DESIRED_REPLICAS]: String(replicas),
        [MAX_REPLICAS]: String(replicas + maxSurge),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: size,
      ...(deployment.spec.minReadySeconds === undefined ? {} : { minReadySeconds: deployment.spec.minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels } },
    },
  };
  return { op: 'create', object: set, announce: { about: deployment, source: SOURCE } };
}

function adoptions(view: ClusterView, deployment: Deployment): ReplicaSet[] {
  if (isDeleting(deployment)) return [];
  return view
    .unmanaged('ReplicaSet', deployment.metadata.namespace)
    .filter((set) => !isDeleting(set) && matchesSelector(deployment.spec.selector, set.spec.template.metadata?.labels))
    .map((set) => ({
      ...set,
      metadata: {
        ...set.metadata,
        ownerReferences: [...(set.metadata.ownerReferences ?? []), controllerReference(deployment)],
      },
    }));
}
