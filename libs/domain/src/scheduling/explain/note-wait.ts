/** Takes up from the log who begins to wait, and whose wait has ended. */
import type { Entry } from '@skyflow/contracts';
import type { SchedulingState, WorkloadRecord } from '../state.js';
import { estimateFor } from './wait-records.js';

const OPEN_KEPT = 10_000;
const ENDED_KEPT = 200;

/** Takes up an entry that `state` has folded. */
export function noteWait(state: SchedulingState, entry: Entry): void {
  switch (entry.type) {
    case 'PlacementDecided':
      noteDecision(state, entry.data.ref.uid, entry.at);
      break;
    case 'ObjectDeleted':
      state.waits.open.delete(entry.data.ref.uid);
      break;
    default:
  }
}

function noteDecision(state: SchedulingState, uid: string, atMs: number): void {
  const { open, ended } = state.waits;
  const workload = state.workloads.get(uid);
  const began = open.get(uid);
  const key = workload === undefined ? undefined : waitsFor(workload);
  if (workload === undefined || key === undefined) {
    if (began === undefined) return;
    open.delete(uid);
    if (workload?.decision?.unplaced !== 0) return;
    const waitedMs = Math.max(0, atMs - workload.createdAtMs);
    ended.push({ key: began.key, endedMs: atMs, waitedMs, estimateMs: began.estimateMs });
    if (ended.length > ENDED_KEPT) ended.shift();
  } else if (began === undefined && open.size < OPEN_KEPT) {
    open.set(uid, { key, estimateMs: estimateFor(state.waits, key, aheadAtEnd(state, workload))?.ms });
  }
}

/** What a waiting workload waits for; undefined: it does not wait. */
export const waitsFor = ({ waitsIn, line, decision, shape }: WorkloadRecord): string | undefined =>
  waitsIn?.key ?? (line !== undefined && (decision?.unplaced ?? 0) > 0 ? shape.key : undefined);

/** One that begins to wait is behind all that wait for the same. */
function aheadAtEnd(state: SchedulingState, { waitsIn, line }: WorkloadRecord): number {
  const group = waitsIn === undefined ? undefined : state.waiting.get(waitsIn.key);
  return Math.max(0, (group?.members.size ?? line?.members.size ?? 1) - 1);
}
