/** When a line was last looked at in vain, and what could make another look worth it. */
import { allowsCluster } from '../pipeline/cluster-filters.js';
import type { SchedulingState, WorkloadRecord } from '../state.js';
import type { Line, Queueing, Tried } from './queueing-records.js';
import { topmostOf } from './queueing-state.js';

/** Whether the outcome for the head of a line could be another than when it was last tried. */
export function isWorthALook(
  state: SchedulingState,
  queueing: Queueing,
  line: Line,
  head: WorkloadRecord | undefined,
  tried: Tried | undefined,
  nowMs: number,
): boolean {
  if (tried === undefined || head === undefined) return true;
  if (state.topologyAt > tried.at || queueing.changedAt > tried.at) return true;
  if (tried.dueMs !== undefined && tried.dueMs <= nowMs) return true;
  if (line.terms.gang !== undefined && line.members.size !== tried.members) return true;
  if (tried.blocked === 'members') return false;
  if (someoneTookMore(state, queueing, line, tried)) return true;
  if (tried.blocked === 'quota') {
    return (queueing.freedAt.get(topmostOf(state, line.terms.queue)) ?? -1) > tried.at;
  }
  if (state.improvedAt <= tried.at) return false;
  if (isShadowed(line, tried) || line.terms.gang !== undefined || head.mode !== 'service') return true;
  for (const cluster of state.clusters.values()) {
    if (cluster.improvedAt > tried.at && allowsCluster(head.shape, cluster)) return true;
  }
  return false;
}

/**
 * Whether somebody got more whom the line may displace, or by whom others of his queue may be displaced; or, where room was kept from it, anybody: whoever that room is kept for may
 * wait for something else now.
 */
function someoneTookMore(
  { queues }: SchedulingState,
  { takenAt, grownAt }: Queueing,
  line: Line,
  tried: Tried,
): boolean {
  const { terms } = line;
  const reclaim = queues.get(terms.queue)?.reclaim;
  const ofAny = reclaim === 'Any';
  const isAnyLower = [...takenAt.keys()].some((other) => other < terms.priority);
  const mayDisplace = !terms.neverDisplaces && (ofAny || isAnyLower);
  const mindsAnybody = isShadowed(line, tried) && (tried.blocked === 'room' || mayDisplace);
  for (const [priority, at] of takenAt) {
    if (at <= tried.at) continue;
    if (mindsAnybody || (mayDisplace && (ofAny || priority < terms.priority))) return true;
  }
  // Whoever got more, his queue may borrow since: then those of it that are lower may be displaced.
  if (terms.neverDisplaces || reclaim === 'Never' || !isAnyLower) return false;
  for (const [queue, at] of grownAt) if (queue !== terms.queue && at > tried.at) return true;
  return false;
}

/** Whether room was kept for anybody else. */
const isShadowed = (line: Line, { keepers }: Tried): boolean => keepers.size > (keepers.has(line) ? 1 : 0);
