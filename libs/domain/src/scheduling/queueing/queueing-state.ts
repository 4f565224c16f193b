/**
 * What a scheduler keeps for queues, once any is used: until then it costs nothing, and rounds go as they do without. From the
 * first Queue, the first cluster with prices, or the first workload that names a queue, a priority, a gang or a waiting policy, it stays.
 */
import type { Position } from '@skyflow/contracts';
import { type SchedulingState, type WorkloadRecord } from '../state.js';
import { OBJECTS_KEPT } from '../waiting.js';
import { lineUp, newLines } from './lines.js';
import type { Queueing } from './queueing-records.js';

/** Begins to keep queues; what there is already is taken up. */
export function startQueueing(state: SchedulingState, at: Position): Queueing {
  if (state.queueing !== undefined) return state.queueing;
  const queueing: Queueing = {
    lines: newLines(),
    usage: new Map(),
    revise: new Set(),
    claimants: new Set(),
    changedAt: at,
    freedAt: new Map(),
    takenAt: new Map(),
    grownAt: new Map(),
  };
  state.queueing = queueing;
  for (const uid of state.undecided) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined) fileInQueue(state, workload, true, false);
  }
  for (const workload of state.workloads.values()) {
    if (workload.waitsIn !== undefined) fileInQueue(state, workload, false, true);
    for (const share of workload.shares) if (share.held !== 0) account(state, workload, share.held);
  }
  return queueing;
}

/** Notes that a workload holds so many replicas more (or less) than before. */
export function account(state: SchedulingState, { terms, shape }: WorkloadRecord, replicas: number): void {
  const { queueing } = state;
  if (queueing === undefined || replicas === 0) return;
  if (replicas < 0) queueing.freedAt.set(topmostOf(state, terms.queue), state.position);
  else {
    queueing.takenAt.set(terms.priority, state.position);
    queueing.grownAt.set(terms.queue, state.position);
  }
  let usage = queueing.usage.get(terms.queue);
  if (usage === undefined) queueing.usage.set(terms.queue, (usage = []));
  const { columns, amounts } = shape.request;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] ?? 0;
    while (usage.length <= column) usage.push(0);
    usage[column] = (usage[column] ?? 0) + (amounts[i] ?? 0) * replicas;
  }
}

/** The topmost queue above a queue, or itself. */
export function topmostOf({ queues }: Pick<SchedulingState, 'queues'>, queue: string): string {
  let name = queue;
  for (let steps = 0; steps <= queues.size; steps++) {
    const parent = queues.get(name)?.parent;
    if (parent === undefined || !queues.has(parent)) return name;
    name = parent;
  }
  return queue;
}

/** Puts a workload where it belongs: into its line, among those to be decided again, or nowhere. */
export function fileInQueue(
  state: SchedulingState,
  workload: WorkloadRecord,
  undecided: boolean,
  waits: boolean,
): void {
  const { queueing } = state;
  if (queueing === undefined) return;
  const { uid } = workload.ref;
  const again = undecided && workload.decision !== undefined;
  if (again) queueing.revise.add(uid);
  else queueing.revise.delete(uid);
  const left = lineUp(queueing.lines, workload, !again && (undecided || waits));
  // Who leaves without having been placed may have kept others from a place.
  if (left && (undecided || workload.deleting)) queueing.changedAt = state.position;
  if (workload.line !== undefined && queueing.lines.size > OBJECTS_KEPT) workload.object = undefined;
  if (workload.deleting) workload.claims = undefined;
  if (workload.claims === undefined) queueing.claimants.delete(uid);
  else queueing.claimants.add(uid);
}

export function forgetInQueue(state: SchedulingState, workload: WorkloadRecord): void {
  workload.claims = undefined;
  fileInQueue(state, workload, false, false);
}
