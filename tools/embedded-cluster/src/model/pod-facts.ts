/** Questions about one pod, answered from spec and status. All pure. */
import type { Pod } from './pod.js';
import { conditionOf, isDeleting, millis } from './object-facts.js';

export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Counts towards a controller's replicas: neither finished nor being deleted. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isDeleting(pod);

export const isReady = (pod: Pod): boolean => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return false;
  return minReadySeconds === 0 || millis(ready.lastTransitionTime) + minReadySeconds * 1000 <= nowMs;
}

/** When a ready pod becomes available, ms since the epoch; undefined when it is not ready. */
export function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return millis(ready.lastTransitionTime) + minReadySeconds * 1000;
}

/** Which pods a controller deletes first when it has too many (k8s.io/kubernetes pkg/controller ActivePods). */
export function compareForDeletion(a: Pod, b: Pod): number {
  return (
    Number(a.spec.nodeName !== undefined) - Number(b.spec.nodeName !== undefined) ||
    phaseRank(a) - phaseRank(b) ||
    Number(isReady(a)) - Number(isReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    millis(b.metadata.creationTimestamp) - millis(a.metadata.creationTimestamp) ||
    (a.metadata.name < b.metadata.name ? 1 : -1)
  );
}

const phaseRank = (pod: Pod): number => (pod.status?.phase === 'Running' ? 2 : pod.status?.phase === 'Unknown' ? 1 : 0);

const deletionCost = (pod: Pod): number =>
  Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;

export const restartPolicyOf = (pod: Pod): 'Always' | 'OnFailure' | 'Never' => pod.spec.restartPolicy ?? 'Always';

/** Quality of service class (pkg/apis/core/v1/helper/qos). */
export function qosClassOf(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  let any = false;
  let guaranteed = true;
  for (const { resources } of all) {
    for (const name of ['cpu', 'memory']) {
      const request = resources?.requests?.[name];
      const limit = resources?.limits?.[name];
      if (request !== undefined || limit !== undefined) any = true;
      if (limit === undefined || (request !== undefined && String(request) !== String(limit))) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
