/**
 * Objects of settled workloads are not kept in memory; the log has them. When such a workload needs work again (a ConfigMap
 * changed, its cluster is deleted), whoever runs the core reads the object at its position and hands it back. Decisions never
 * need one.
 */
import { type Entry, type Position, isWorkloadKind } from '@skyflow/contracts';
import { versionFor } from './moving/rollout/versions.js';
import { actionFor } from './membership.js';
import type { SchedulingState } from './state.js';

/** Positions of entries whose objects are needed to issue work, at most `most`, in order. */
export function objectsToRead(state: SchedulingState, most: number): Position[] {
  const positions: Position[] = [];
  for (const uid of state.unissued) {
    if (positions.length >= most) break;
    const workload = state.workloads.get(uid);
    if (workload === undefined) continue;
    const needed = new Set<Position>();
    for (const share of workload.shares) {
      const { object, position } = versionFor(workload, share);
      if (object === undefined && actionFor(state, workload, share) === 'assign') needed.add(position);
    }
    positions.push(...needed);
  }
  return positions.sort((a, b) => a - b);
}

/** Positions of all entries whose objects may ever be needed again, in order: what a checkpoint keeps of purged history. */
export function storedObjectsOf(state: SchedulingState): Position[] {
  const positions = new Set<Position>();
  for (const { objectAt, moves } of state.workloads.values()) {
    positions.add(objectAt);
    if (moves?.rollout !== undefined) positions.add(moves.rollout.from.position);
  }
  return [...positions].sort((a, b) => a - b);
}

/** Takes in an entry that was read again; ignored when the workload has changed since or is gone. */
export function supplyObject(state: SchedulingState, entry: Entry, position: Position): void {
  if (entry.type !== 'ObjectCreated' && entry.type !== 'ObjectUpdated') return;
  const { object } = entry.data;
  const workload = isWorkloadKind(object.kind) ? state.workloads.get(object.metadata.uid) : undefined;
  if (workload?.objectAt === position) workload.object ??= object;
  else if (workload?.moves?.rollout?.from.position === position) workload.heldObject ??= object;
}
