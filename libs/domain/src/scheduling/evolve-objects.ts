/** What users asked for, folded: workloads, clusters, namespaces, ConfigMaps and Secrets. */
import { type ClusterSpec, type ObjectRef, type Position, type StoredObject, isWorkloadKind } from '@skyflow/contracts';
import { dependencyKey, dependencyKeysOf, isDependencyKind } from './dependencies.js';
import { improved, letGo, settle } from './holding.js';
import { dropDependent, forgetEmptyNamespace, refresh, releaseShape } from './membership.js';
import { isRecord, podSpecOf } from './pod-spec.js';
import { declaredFacts, factsOf, taintsOf } from './placement/cluster-facts.js';
import { appliedPolicies } from './placement/policies.js';
import {
  priorityClassDeleted,
  priorityClassStored,
  queueDeleted,
  queueStored,
  takeTerms,
} from './queueing/evolve-queues.js';
import { startQueueing } from './queueing/queueing-state.js';
import { noteGoing, releaseTerms } from './queueing/terms.js';
import { emptyRoom } from './room.js';
import { internShape } from './intern-shape.js';
import { type ShapeData, placementKey, shapeDataOf, withPolicies } from './shape.js';
import {
  type ClusterRecord,
  type Moment,
  NO_SHARES,
  type NamespaceRecord,
  type Origin,
  type SchedulingState,
  type WorkloadMode,
  type WorkloadRecord,
  inQueueOrderOf,
} from './state.js';
import { loseCluster, rejoinShares } from './evolve-clusters.js';
import { POLICY_KIND, policyDeleted, policyStored } from './evolve-policies.js';
import { rolloutStored } from './moving/rollout/evolve-rollout.js';
import { movesAfterEdit } from './moving/displaced.js';
import { DEFAULT_DRAIN_SECONDS } from './moving/moving-rules.js';

/** ObjectCreated and ObjectUpdated. */
export function objectStored(state: SchedulingState, object: StoredObject, moment: Moment, origin: Origin): void {
  const { kind, metadata } = object;
  if (isWorkloadKind(kind)) workloadStored(state, object, moment, origin);
  else if (kind === 'Queue') queueStored(state, object, moment.position);
  else if (kind === 'Cluster') clusterStored(state, object, moment);
  else if (kind === POLICY_KIND) policyStored(state, object, moment.position, origin);
  else if (kind === 'Namespace') namespaceCreated(state, metadata.name);
  else if (isDependencyKind(kind)) {
    if (kind === 'PriorityClass') priorityClassStored(state, object);
    const key = dependencyKey(kind, metadata.namespace, metadata.name);
    state.dependencies.set(key, object);
    dependencyChanged(state, key, origin);
  }
}

/**
 * Whether a change of it has a say here: what was deleted, and is only kept by finalizers, may be changed yet, and does not come back by it.
 * A namespace that goes is not there again for a label.
 */
export function isThere(state: SchedulingState, { kind, metadata }: StoredObject): boolean {
  const { namespace, name, uid } = metadata;
  if (isWorkloadKind(kind)) return state.workloads.has(uid);
  if (kind === 'Cluster') return state.clusters.get(name)?.uid === uid;
  if (kind === 'Queue') return state.queues.get(name)?.uid === uid;
  if (kind === POLICY_KIND) return state.policies.get(namespace ?? '')?.has(name) === true;
  return isDependencyKind(kind) && state.dependencies.get(dependencyKey(kind, namespace, name))?.metadata.uid === uid;
}

/** ObjectDeleted. */
export function objectDeleted(
  state: SchedulingState,
  ref: ObjectRef,
  force: boolean,
  at: Position,
  origin: Origin,
): void {
  const { kind, namespace, name, uid } = ref;
  if (isWorkloadKind(kind)) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined) workloadDeleted(state, workload, force, at, origin);
  } else if (kind === 'Cluster') {
    const cluster = state.clusters.get(name);
    if (cluster?.uid !== uid) return;
    if (force) {
      loseCluster(state, cluster, at, origin);
      return;
    }
    cluster.deleting = true;
    state.topologyAt = at;
    refreshAll(state, cluster.shares, origin);
  } else if (kind === 'Queue') queueDeleted(state, name, uid, at);
  // What runs keeps its class on the clusters: without it its pods would be made anew.
  else if (kind === 'PriorityClass') priorityClassDeleted(state, name, uid);
  else if (kind === POLICY_KIND) policyDeleted(state, ref, at, origin);
  else if (kind === 'Namespace') {
    namespaceOf(state, name).deleted = true;
    state.deletedNamespaces.add(name);
    forgetEmptyNamespace(state, name);
  } else if (isDependencyKind(kind)) {
    const key = dependencyKey(kind, namespace, name);
    state.dependencies.delete(key);
    dependencyChanged(state, key, origin);
  }
}

export function namespaceOf(state: SchedulingState, name: string): NamespaceRecord {
  let record = state.namespaces.get(name);
  if (record === undefined) {
    record = { deleted: false, workloads: 0, clusters: new Set() };
    state.namespaces.set(name, record);
  }
  return record;
}

function workloadStored(
  state: SchedulingState,
  object: StoredObject,
  { position: at, atMs }: Moment,
  origin: Origin,
): void {
  const before = state.workloads.get(object.metadata.uid);
  if (before === undefined) {
    const parts = partsOf(state, object, at, origin);
    // Spelled out: with `...parts` each record would take a third more of memory.
    const workload: WorkloadRecord = {
      ref: refOf(object),
      object: parts.object,
      heldObject: undefined,
      createdAt: at,
      objectAt: parts.objectAt,
      rulesAt: at,
      generation: parts.generation,
      labels: parts.labels,
      replicas: parts.replicas,
      mode: parts.mode,
      completions: parts.completions,
      shape: parts.shape,
      moves: movesAfterEdit(undefined, object, atMs),
      terms: takeTerms(state, object, undefined, at),
      createdAtMs: atMs,
      dependencies: parts.dependencies,
      deleting: false,
      forced: false,
      decision: undefined,
      shares: NO_SHARES,
      origin: parts.origin,
      claims: undefined,
      line: undefined,
      waitsIn: undefined,
    };
    rolloutStored(workload, object, atMs, undefined);
    state.workloads.set(workload.ref.uid, workload);
    if (workload.ref.namespace !== undefined) namespaceOf(state, workload.ref.namespace).workloads++;
    addDependents(state, workload);
    refresh(state, workload);
    return;
  }
  for (const share of before.shares) letGo(state, before, share);
  for (const key of before.dependencies) dropDependent(state, key, before.ref.uid);
  const parts = partsOf(state, object, at, origin);
  const reshaped = parts.shape !== before.shape;
  if (reshaped && placementKey(parts.shape) !== placementKey(before.shape)) before.rulesAt = at;
  releaseShape(state, before);
  const terms = takeTerms(state, object, before, at);
  releaseTerms(state.terms, before.terms, before.deleting);
  if (before.deleting) noteGoing(terms);
  const { generation, objectAt, moves } = before;
  Object.assign(before, parts, { terms, claims: undefined, moves: movesAfterEdit(moves, object, atMs) });
  rolloutStored(before, object, atMs, { generation, objectAt, moves });
  addDependents(state, before);
  for (const share of before.shares) {
    settle(state, before, share, at);
    const cluster = state.clusters.get(share.cluster);
    if (reshaped && cluster !== undefined) improved(state, cluster, at);
  }
  refresh(state, before);
}

function workloadDeleted(
  state: SchedulingState,
  workload: WorkloadRecord,
  force: boolean,
  at: Position,
  origin: Origin,
): void {
  if (!workload.deleting) noteGoing(workload.terms);
  workload.deleting = true;
  workload.forced ||= force;
  workload.origin = origin;
  for (const share of workload.shares) settle(state, workload, share, at);
  refresh(state, workload);
}

/** What a record takes from the stored object. Reads leniently: a fold must not throw. */
function partsOf(state: SchedulingState, object: StoredObject, at: Position, origin: Origin) {
  const spec = isRecord(object.spec) ? object.spec : {};
  const replicas = countIn(spec.replicas) ?? 1;
  const mode = modeOf(object, spec);
  return {
    object,
    objectAt: at,
    generation: object.metadata.generation ?? 1,
    replicas,
    mode,
    completions: mode === 'service' ? undefined : (countIn(spec.completions) ?? replicas),
    labels: labelTextOf(state, object),
    shape: internShape(state, ruledShape(state, object)),
    dependencies: dependencyKeysOf(object),
    origin,
  };
}

function ruledShape(state: SchedulingState, object: StoredObject): ShapeData {
  const data = shapeDataOf(object);
  if (data.policy === undefined && state.policies.size === 0) return data;
  const { namespace = '', labels = {} } = object.metadata;
  return withPolicies(data, appliedPolicies(state.policies, namespace, data.policy, labels));
}

function labelTextOf(state: SchedulingState, { metadata: { labels } }: StoredObject): string {
  if (labels === undefined) return '';
  const text = JSON.stringify(labels);
  return text === '{}' ? '' : state.labelTexts.intern(text);
}

const countIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? Math.max(0, value) : undefined;

function modeOf(object: StoredObject, spec: Record<string, unknown>): WorkloadMode {
  if (object.kind !== 'Job' || !['OnFailure', 'Never'].includes(String(podSpecOf(object).restartPolicy)))
    return 'service';
  return spec.completionMode === 'Indexed' ? 'indexed' : 'batch';
}

export function addDependents(state: SchedulingState, { ref, dependencies }: WorkloadRecord): void {
  for (const key of dependencies) {
    const dependents = state.dependents.get(key);
    if (dependents === undefined) state.dependents.set(key, new Set([ref.uid]));
    else dependents.add(ref.uid);
  }
}

function clusterStored(state: SchedulingState, object: StoredObject, moment: Moment): void {
  const { position: at, atMs } = moment;
  const { name, uid, labels = {} } = object.metadata;
  const spec = (object.spec ?? {}) as Partial<ClusterSpec>;
  const unschedulable = spec.unschedulable === true;
  const prices = pricesOf(object.spec);
  // What costs something is taken after what does not, by rounds that know of queues.
  if (prices !== undefined) startQueueing(state, at);
  const before = state.clusters.get(name);
  const declared = declaredFacts(object.spec);
  if (before?.uid === uid) {
    const taints = taintsOf(object.spec, before.taints, atMs);
    const facts = factsOf(declared, labels, before.nodes, before.kubernetesVersion);
    const drain = drainOf(spec, before.drain?.sinceMs ?? atMs);
    const openSinceMs = before.unschedulable && !unschedulable ? atMs : before.openSinceMs;
    Object.assign(before, { labels, declared, taints, facts, prices, unschedulable, openSinceMs, drain });
    state.topologyAt = at;
    return;
  }
  if (before !== undefined) loseCluster(state, before, at, undefined);
  const cluster: ClusterRecord = {
    name,
    uid,
    labels,
    declared,
    taints: taintsOf(object.spec, [], atMs),
    kubernetesVersion: '',
    facts: factsOf(declared, labels, undefined, ''),
    prices,
    deleting: false,
    health: { state: 'INIT', reason: 'Registered', message: 'no agent has reported yet', sinceMs: atMs },
    unschedulable,
    openSinceMs: atMs,
    setbacks: [],
    drain: drainOf(spec, atMs),
    everReady: false,
    nodes: undefined,
    room: emptyRoom([], state.columns),
    shares: new Set(),
    improvedAt: at,
  };
  state.clusters.set(name, cluster);
  state.topologyAt = at;
  rejoinShares(state, cluster, at);
}

const drainOf = ({ drain }: Partial<ClusterSpec>, sinceMs: number): ClusterRecord['drain'] =>
  drain === undefined ? undefined : { sinceMs, graceMs: 1_000 * (drain.graceSeconds ?? DEFAULT_DRAIN_SECONDS) };
function pricesOf(spec: unknown): Record<string, number> | undefined {
  const prices = isRecord(spec) && isRecord(spec.prices) ? Object.entries(spec.prices) : [];
  const real = prices.filter((each): each is [string, number] => typeof each[1] === 'number' && each[1] > 0);
  return real.length === 0 ? undefined : Object.fromEntries(real);
}

/** Only what is in a namespace is of interest here; an empty one needs no record. */
function namespaceCreated(state: SchedulingState, name: string): void {
  const record = state.namespaces.get(name);
  if (record !== undefined) record.deleted = false;
  state.deletedNamespaces.delete(name);
}

function dependencyChanged(state: SchedulingState, key: string, origin: Origin): void {
  refreshAll(state, state.dependents.get(key) ?? [], origin);
}

function refreshAll(state: SchedulingState, uids: Iterable<string>, origin: Origin): void {
  for (const workload of inQueueOrderOf(state, uids)) {
    workload.origin ??= origin;
    refresh(state, workload);
  }
}

export function refOf({ kind, metadata: { name, namespace, uid } }: StoredObject): ObjectRef {
  return { kind, ...(namespace !== undefined && { namespace }), name, uid };
}
