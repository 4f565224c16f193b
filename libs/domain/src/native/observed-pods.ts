/**
 * The pods of a share as a `WorkObserved` names them: for whoever asks later what ran where. The first of them by name, so that a share
 * of thousands does not make every entry a page; the counts beside them are of all.
 */
import { type ObservedPod, PODS_TOLD } from '@skyflow/contracts';
import type { NativePod } from './native-object.js';
import { podTrouble } from './pod-trouble.js';

export interface ObservedPods {
  pods: ObservedPod[];
  morePods?: number;
}

/** @param pods in any order */
export function observedPods(pods: readonly NativePod[]): ObservedPods {
  const named = pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).slice(0, PODS_TOLD);
  const more = pods.length - named.length;
  return { pods: named.map(observedPod), ...(more === 0 ? {} : { morePods: more }) };
}

/** Whether two reports name the same pods alike. What was told without pods is no reason to tell it again. */
export function samePods(
  last: { pods?: readonly ObservedPod[] | undefined; morePods?: number | undefined },
  next: { pods?: readonly ObservedPod[] | undefined; morePods?: number | undefined },
): boolean {
  if (last.pods === undefined || next.pods === undefined) return true;
  if (last.pods.length !== next.pods.length || last.morePods !== next.morePods) return false;
  return last.pods.every((pod, at) => samePod(pod, next.pods?.[at]));
}

function observedPod(pod: NativePod): ObservedPod {
  const { name, creationTimestamp } = pod.metadata;
  const spec = (pod['spec'] ?? {}) as { nodeName?: string; containers?: { name: string }[] };
  const statuses = pod.status?.containerStatuses ?? [];
  const reason = podTrouble(pod)?.reason;
  return {
    name,
    ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
    phase: pod.status?.phase ?? 'Pending',
    ...(reason === undefined || reason === '' ? {} : { reason }),
    ...(creationTimestamp === undefined ? {} : { created: creationTimestamp }),
    containers: (spec.containers ?? statuses).map((container) => ({
      name: container.name,
      ready: statuses.some((status) => status.name === container.name && status.ready === true),
    })),
  };
}

const samePod = (a: ObservedPod, b: ObservedPod | undefined): boolean =>
  b !== undefined &&
  a.name === b.name &&
  a.node === b.node &&
  a.phase === b.phase &&
  a.reason === b.reason &&
  a.created === b.created &&
  a.containers.length === b.containers.length &&
  a.containers.every(({ name, ready }, at) => b.containers[at]?.name === name && b.containers[at].ready === ready);
