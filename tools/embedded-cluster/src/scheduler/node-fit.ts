/**
 * Whether a pod can run on a node, with kube-scheduler's own words when not (plugins NodeUnschedulable, TaintToleration,
 * NodeAffinity, NodeResourcesFit). Filters run in that order and the first that refuses is the reason counted.
 */
import type { ResourceList } from '@skyflow/contracts';
import { matchesLabels, matchesNodeTerms } from '../model/label-match.js';
import { requestsOf } from '../model/pod-requests.js';
import type { Node, Pod, Taint, Toleration } from '../model/pod.js';

/** A node with what is left on it. */
export interface NodeRoom {
  node: Node;
  allocatable: ResourceList;
  requested: ResourceList;
}

const UNSCHEDULABLE_TAINT = 'node.kubernetes.io/unschedulable';

/** Reasons why not; empty: it fits. Several only for resources, each counted by itself. */
export function refusals(pod: Pod, room: NodeRoom): string[] {
  const { node } = room;
  const tolerations = pod.spec.tolerations ?? [];
  const unschedulable: Taint = { key: UNSCHEDULABLE_TAINT, effect: 'NoSchedule' };
  if (node.spec.unschedulable === true && !tolerates(tolerations, unschedulable)) {
    return ['node(s) were unschedulable'];
  }
  if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== '' && pod.spec.nodeName !== node.metadata.name) {
    return ["node(s) didn't match the requested node name"];
  }
  const taint = (node.spec.taints ?? []).find(
    (candidate) => candidate.effect !== 'PreferNoSchedule' && !tolerates(tolerations, candidate),
  );
  if (taint !== undefined) return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  if (!matchesAffinity(pod, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  return missingResources(pod, room);
}

function missingResources(pod: Pod, { allocatable, requested }: NodeRoom): string[] {
  const reasons: string[] = [];
  for (const [resource, amount] of Object.entries(requestsOf(pod))) {
    const free = (allocatable[resource] ?? 0) - (requested[resource] ?? 0);
    if (amount > free) reasons.push(resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`);
  }
  return reasons;
}

function matchesAffinity(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    matchesLabels(pod.spec.nodeSelector, labels) &&
    (required === undefined || matchesNodeTerms(required.nodeSelectorTerms, labels, node.metadata.name))
  );
}

export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(
    (toleration) =>
      (toleration.effect === undefined || toleration.effect === '' || toleration.effect === taint.effect) &&
      (toleration.key === undefined || toleration.key === '' || toleration.key === taint.key) &&
      (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')),
  );
}
