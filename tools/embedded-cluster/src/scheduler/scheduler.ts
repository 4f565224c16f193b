/**
 * The scheduler's pass over waiting pods: highest priority first, then oldest. It is run when a pod or node changes, not by
 * the clock; a pod that does not fit keeps its place and says why, once per reason.
 */
import { addResources } from '@skyflow/domain';
import { conditionOf, isDeleting, millis, timestamp, withCondition } from '../model/object-facts.js';
import { isFinished } from '../model/pod-facts.js';
import { requestsOf } from '../model/pod-requests.js';
import type { Pod } from '../model/pod.js';
import type { NativeCondition } from '../model/condition.js';
import type { ClusterView, Outcome, Write } from '../controllers/reconcile.js';
import { refusedAtOnce, roomOn, schedule } from './schedule.js';
import { claimProblem } from './volume-claims.js';

const SOURCE = 'default-scheduler';

/** Writes for all pods that wait now. Pods bound in this pass take their room at once. */
export function schedulePending(view: ClusterView, waiting: readonly Pod[], nowMs: number): Outcome {
  const pods = waiting.filter(isSchedulable).sort(byPriority);
  if (pods.length === 0) return { writes: [] };
  const rooms = view.list('Node').map((node) => roomOn(view, node));
  const writes: Write[] = [];
  for (const pod of pods) {
    if ((pod.spec.schedulingGates ?? []).length > 0) {
      writes.push(...say(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates', nowMs));
      continue;
    }
    const problem = claimProblem(view, pod);
    const decision = problem === undefined ? schedule(pod, rooms) : refusedAtOnce(problem, rooms.length);
    if ('message' in decision) {
      writes.push(...say(pod, 'Unschedulable', decision.message, nowMs));
      continue;
    }
    const room = rooms.find(({ node }) => node.metadata.name === decision.node);
    if (room !== undefined) room.requested = addResources(room.requested, requestsOf(pod));
    writes.push({ op: 'bind', pod, node: decision.node });
  }
  return { writes };
}

const isSchedulable = (pod: Pod): boolean =>
  (pod.spec.nodeName ?? '') === '' &&
  !isDeleting(pod) &&
  !isFinished(pod) &&
  (pod.spec.schedulerName ?? SOURCE) === SOURCE;

const byPriority = (a: Pod, b: Pod): number =>
  (b.spec.priority ?? 0) - (a.spec.priority ?? 0) ||
  millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp) ||
  Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion);

function say(pod: Pod, reason: string, message: string, nowMs: number): Write[] {
  const old = conditionOf(pod.status?.conditions, 'PodScheduled');
  if (old?.status === 'False' && old.reason === reason && old.message === message) return [];
  const condition: NativeCondition = { type: 'PodScheduled', status: 'False', reason, message };
  const conditions = withCondition(pod.status?.conditions, condition, timestamp(nowMs));
  return [
    { op: 'updateStatus', object: { ...pod, status: { ...pod.status, phase: 'Pending', conditions } } },
    ...(reason === 'SchedulingGated'
      ? []
      : [
          {
            op: 'event' as const,
            about: pod,
            event: { type: 'Warning' as const, reason: 'FailedScheduling', message, source: SOURCE },
          },
        ]),
  ];
}
