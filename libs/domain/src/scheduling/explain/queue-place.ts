/** Where a waiting workload stands: in its queue, and among those that wait for the same. */
import type { SchedulingState, WorkloadRecord } from '../state.js';

export interface QueuePlace {
  /** Its queue; absent while no queues are used. */
  queue?: string;
  /** 1: it is looked at first. */
  place: number;
  /** Workloads in its queue. */
  of: number;
  /** Workloads before it that wait for the same. */
  aheadAlike: number;
}

export const placeInQueue = (state: SchedulingState, workload: WorkloadRecord): QueuePlace =>
  state.queueing === undefined || workload.line === undefined
    ? placeOverall(state, workload)
    : placeInItsQueue(state.queueing.lines.byQueue.get(workload.terms.queue) ?? [], workload);

/** Without queues the oldest is looked at first. */
function placeOverall({ waiting, undecided }: SchedulingState, { createdAt, waitsIn }: WorkloadRecord): QueuePlace {
  let ahead = 0;
  let of = undecided.size;
  let aheadAlike = 0;
  for (const group of waiting.values()) {
    const before = countBefore(group.members, createdAt);
    ahead += before;
    of += group.members.size;
    if (group.key === waitsIn?.key) aheadAlike = before;
  }
  return { place: ahead + 1, of, aheadAlike };
}

/** Within a queue: the highest priority, then the oldest. */
function placeInItsQueue(
  lines: Iterable<NonNullable<WorkloadRecord['line']>>,
  { terms, line: own, createdAt }: WorkloadRecord,
): QueuePlace {
  let ahead = 0;
  let of = 0;
  let aheadAlike = 0;
  for (const line of lines) {
    of += line.members.size;
    if (line.terms.priority > terms.priority) ahead += line.members.size;
    else if (line.terms.priority === terms.priority) ahead += countBefore(line.members, createdAt);
    if (line === own) aheadAlike = countBefore(line.members, createdAt);
  }
  return { queue: terms.queue, place: ahead + 1, of, aheadAlike };
}

function countBefore(members: ReadonlyMap<string, number>, createdAt: number): number {
  let count = 0;
  for (const at of members.values()) if (at < createdAt) count++;
  return count;
}
