/**
 * Workloads that wait for room, grouped by what they wait for: when the first of a group finds no room, the others find none
 * either, so a retry costs a look per group and not per workload.
 */
import type { Position } from '@skyflow/contracts';
import { hasWorkloadTerms, isDividing } from './placement/rules.js';
import { Reason } from './reasons.js';
import type { WaitingGroup, WaitsIn, WorkloadRecord } from './state.js';

/** With more than so many, those that wait do not keep their objects in memory: they are read again when they are placed (stored-objects.ts). */
export const OBJECTS_KEPT = 20_000;

/** The group of a waiting workload: the same key means that they fit or do not fit together. */
export function waitingKey(workload: WorkloadRecord): string {
  const { ref, shape, mode, replicas, shares } = workload;
  if (minds(workload)) return `${shape.key} ${ref.uid}`;
  if (shape.rules !== undefined && isDividing(shape.rules)) {
    return `${shape.key} divided ${mode} ${replicas} ${shares.length > 0 ? ref.uid : ''}`;
  }
  if (mode === 'indexed') return `${shape.key} indexed ${replicas} ${shares.length > 0 ? ref.uid : ''}`;
  return mode === 'batch' && shares.length > 0 ? `${shape.key} batch ${ref.uid}` : shape.key;
}

/** Other workloads decide where it can go: what holds for one need not hold for another of its shape. */
const minds = ({ shape, decision }: WorkloadRecord): boolean =>
  (shape.rules !== undefined && hasWorkloadTerms(shape.rules)) || decision?.reason === Reason.WORKLOAD_ANTI_AFFINITY;

/** Puts a workload into the group and under the reason that hold for it now, or into none. */
export function regroup(groups: Map<string, WaitingGroup>, workload: WorkloadRecord, now: WaitsIn | undefined): void {
  const before = workload.waitsIn;
  if (before?.key === now?.key && before?.reason === now?.reason) return;
  if (before !== undefined) leave(groups, before, workload.ref.uid);
  workload.waitsIn = now === undefined ? undefined : join(groups, now, workload);
}

/** The members in queue order. (Puts the group in order first if a workload came back into it.) */
export function inQueueOrder(group: WaitingGroup): Map<string, Position> {
  if (!group.sorted) {
    group.members = new Map([...group.members].sort(([, a], [, b]) => a - b));
    group.sorted = true;
  }
  return group.members;
}

function join(groups: Map<string, WaitingGroup>, now: WaitsIn, workload: WorkloadRecord): WaitsIn {
  const { key, reason } = now;
  let group = groups.get(key);
  if (group === undefined) {
    group = { key, members: new Map(), sorted: true, last: 0, reasons: new Map(), waitsIn: new Map() };
    groups.set(key, group);
  }
  if (workload.createdAt < group.last) group.sorted = false;
  group.last = Math.max(group.last, workload.createdAt);
  group.members.set(workload.ref.uid, workload.createdAt);
  group.reasons.set(reason, (group.reasons.get(reason) ?? 0) + 1);
  const shared = group.waitsIn.get(reason);
  if (shared === undefined) group.waitsIn.set(reason, now);
  return shared ?? now;
}

function leave(groups: Map<string, WaitingGroup>, { key, reason }: WaitsIn, uid: string): void {
  const group = groups.get(key);
  if (group?.members.delete(uid) !== true) return;
  const left = (group.reasons.get(reason) ?? 1) - 1;
  if (left === 0) {
    group.reasons.delete(reason);
    group.waitsIn.delete(reason);
  } else group.reasons.set(reason, left);
  if (group.members.size === 0) groups.delete(key);
}
