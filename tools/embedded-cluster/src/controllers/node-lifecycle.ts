/**
 * Node lifecycle (pkg/controller/nodelifecycle and tainteviction): a node whose kubelet is lost becomes NotReady (Unknown)
 * after the monitor's grace period, gets the unreachable taints, its pods count as not ready at once and are deleted when
 * their tolerations run out. A cordoned node carries the unschedulable taint.
 */
import { conditionOf, isDeleting, millis, sameJson, timestamp, withCondition } from '../model/object-facts.js';
import { isFinished } from '../model/pod-facts.js';
import type { Node, Pod, Taint } from '../model/pod.js';
import type { NativeCondition } from '../model/condition.js';
import { tolerates } from '../scheduler/node-fit.js';
import { type ClusterView, type Outcome, type Write, targetOf } from './reconcile.js';

export interface NodeLifecycle {
  /** When the node's kubelet was lost, ms since the epoch; undefined while it is alive. */
  lostSinceMs(node: string): number | undefined;
  /** How long a silent node counts as well. Kubernetes: 40 s (50 s since 1.32). */
  monitorGraceMs: number;
}

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const OURS = new Set([UNSCHEDULABLE, UNREACHABLE]);
const REPORTED = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

export function reconcileNode(view: ClusterView, name: string, nowMs: number, lifecycle: NodeLifecycle): Outcome {
  const node = view.get('Node', undefined, name);
  if (node === undefined) return { writes: view.podsOnNode(name).map(removeOrphan) };
  const lostSinceMs = lifecycle.lostSinceMs(name);
  const unreachableAtMs = lostSinceMs === undefined ? undefined : lostSinceMs + lifecycle.monitorGraceMs;
  const unreachable = unreachableAtMs !== undefined && unreachableAtMs <= nowMs;
  const taints = wantedTaints(node, unreachable, nowMs);
  const tainted: Node = { ...node, spec: { ...node.spec, taints } };
  const writes: Write[] = [];
  if (!sameJson(taints, node.spec.taints ?? [])) writes.push({ op: 'update', object: tainted });
  const conditions = unreachable ? unknownConditions(node, nowMs) : readyConditions(node, nowMs);
  if (!sameJson(conditions, node.status?.conditions)) {
    writes.push({ op: 'updateStatus', object: { ...node, status: { ...node.status, conditions } } });
    writes.push(nodeEvent(node, unreachable));
  }
  const evictions = evict(view.podsOnNode(name), taints, nowMs);
  if (unreachable) writes.push(...markNotReady(view.podsOnNode(name), nowMs));
  writes.push(...evictions.writes);
  const again = [unreachable ? undefined : unreachableAtMs, evictions.againAtMs].filter((at) => at !== undefined);
  return { writes, ...(again.length === 0 ? {} : { againAtMs: Math.min(...again) }) };
}

/** A pod whose node object is gone is not run by anyone (pkg/controller/podgc). */
const removeOrphan = (pod: Pod): Write => ({ op: 'delete', target: targetOf(pod), gracePeriodSeconds: 0 });

function wantedTaints(node: Node, unreachable: boolean, nowMs: number): Taint[] {
  const taints = (node.spec.taints ?? []).filter(({ key }) => !OURS.has(key));
  const keep = (key: string, effect: string): void => {
    const old = node.spec.taints?.find((taint) => taint.key === key && taint.effect === effect);
    taints.push(old ?? { key, effect, timeAdded: timestamp(nowMs) });
  };
  if (node.spec.unschedulable === true) keep(UNSCHEDULABLE, 'NoSchedule');
  if (unreachable) {
    keep(UNREACHABLE, 'NoSchedule');
    keep(UNREACHABLE, 'NoExecute');
  }
  return taints;
}

function unknownConditions(node: Node, nowMs: number): NativeCondition[] {
  return [...REPORTED, 'Ready'].reduce<NativeCondition[]>(
    (list, type) =>
      withCondition(
        list,
        { type, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
        timestamp(nowMs),
      ),
    node.status?.conditions ?? [],
  );
}

function readyConditions(node: Node, nowMs: number): NativeCondition[] {
  const pressure: Record<string, [string, string]> = {
    MemoryPressure: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    DiskPressure: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    PIDPressure: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  };
  const now = timestamp(nowMs);
  const healthy = REPORTED.reduce<NativeCondition[]>((list, type) => {
    const [reason = '', message = ''] = pressure[type] ?? [];
    return withCondition(list, { type, status: 'False', reason, message }, now);
  }, node.status?.conditions ?? []);
  return withCondition(
    healthy,
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    now,
  );
}

const nodeEvent = (node: Node, unreachable: boolean): Write => ({
  op: 'event',
  about: node,
  event: {
    type: 'Normal',
    reason: unreachable ? 'NodeNotReady' : 'NodeReady',
    message: `Node ${node.metadata.name} status is now: ${unreachable ? 'NodeNotReady' : 'NodeReady'}`,
    source: 'node-controller',
  },
});

/** Pods of a node that is not heard of are not ready: services stop sending to them. */
function markNotReady(pods: readonly Pod[], nowMs: number): Write[] {
  return pods
    .filter((pod) => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True')
    .map((pod) => {
      const condition: NativeCondition = { type: 'Ready', status: 'False' };
      const conditions = withCondition(pod.status?.conditions, condition, timestamp(nowMs));
      return { op: 'updateStatus', object: { ...pod, status: { ...pod.status, conditions } } };
    });
}

/** Deletes pods that do not tolerate a NoExecute taint, each when its toleration runs out. */
function evict(pods: readonly Pod[], taints: readonly Taint[], nowMs: number): Outcome {
  const writes: Write[] = [];
  let againAtMs = Infinity;
  for (const taint of taints.filter(({ effect }) => effect === 'NoExecute')) {
    for (const pod of pods) {
      if (isFinished(pod) || isDeleting(pod)) continue;
      const atMs = evictionTimeMs(pod, taint, nowMs);
      if (atMs > nowMs) againAtMs = Math.min(againAtMs, atMs);
      else {
        const message = `Marking for deletion Pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
        writes.push({ op: 'delete', target: targetOf(pod) });
        writes.push({
          op: 'event',
          about: pod,
          event: { type: 'Normal', reason: 'TaintManagerEviction', message, source: 'taint-eviction-controller' },
        });
      }
    }
  }
  return { writes, ...(Number.isFinite(againAtMs) ? { againAtMs } : {}) };
}

/** Infinity: it may stay. */
function evictionTimeMs(pod: Pod, taint: Taint, nowMs: number): number {
  const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => tolerates([toleration], taint));
  if (tolerations.length === 0) return nowMs;
  const seconds = tolerations.map(({ tolerationSeconds }) => tolerationSeconds ?? Infinity);
  return (millis(taint.timeAdded) || nowMs) + Math.min(...seconds) * 1000;
}
