/**
 * A scheduling round: what is true at `state.position` → placements. The steps:
 * 1. queue: what waits for room first, oldest first, where something may have come free since it was last tried; then what is
 *    undecided, in the order in which it became so;
 * 2. each through the pipeline (decide-workload.ts), reserving on the round's table, so that nothing is promised twice;
 * 3. a retry that changes nothing is not recorded.
 * The same state gives the same entries, byte for byte.
 */
import type { Position } from '@skyflow/contracts';
import { type PlacementDecision, type Round, decideWorkload } from './decide-workload.js';
import type { Draft } from './draft.js';
import { allowsCluster } from './pipeline/cluster-filters.js';
import { decideQueuedRound } from './queueing/decide-queued-round.js';
import { type Attempts, type RoundLimits, newAttempts } from './round-limits.js';
import { roundTable } from './round-table.js';
import type { SchedulingState, WaitingGroup, WorkloadRecord } from './state.js';
import { inQueueOrder } from './waiting.js';

/** Decides a round. Changes neither state nor log; fold the entries once they are appended, then decide the next. */
export function decideRound(
  state: SchedulingState,
  limits: RoundLimits,
  attempts: Attempts = newAttempts(),
): Draft<'PlacementDecided'>[] {
  if (state.queueing !== undefined) return decideQueuedRound(state, state.queueing, limits, attempts);
  const groups = groupsToRetry(state, attempts);
  if (groups.length === 0 && state.undecided.size === 0) return [];
  const round: Round = {
    state,
    epoch: limits.epoch,
    verdicts: limits.verdicts,
    table: roundTable(state),
    views: new Map(),
  };
  const drafts: Draft<'PlacementDecided'>[] = [];
  const record = (workload: WorkloadRecord, data: PlacementDecision): boolean =>
    drafts.push({ type: 'PlacementDecided', data, origin: workload.origin }) < limits.decisions;

  if (!retryWaiting(round, groups, attempts, record)) return drafts;
  for (const uid of state.undecided) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined && !record(workload, decideWorkload(round, workload))) break;
  }
  return drafts;
}

/**
 * Groups whose outcome may be another than when they were last tried: a cluster came, went or changed, or something came free on
 * a cluster that they may use.
 */
function groupsToRetry(state: SchedulingState, attempts: Attempts): WaitingGroup[] {
  if (state.waiting.size === 0) {
    attempts.clear();
    return [];
  }
  for (const key of attempts.keys()) if (!state.waiting.has(key)) attempts.delete(key);
  return [...state.waiting.values()].filter((group) => {
    const tried = attempts.get(group.key) ?? -1;
    if (state.topologyAt > tried) return true;
    if (state.improvedAt <= tried) return false;
    const [first] = group.members.keys();
    const workload = state.workloads.get(first ?? '');
    if (workload?.mode !== 'service') return true;
    for (const cluster of state.clusters.values()) {
      if (cluster.improvedAt > tried && allowsCluster(workload.shape, cluster)) return true;
    }
    return false;
  });
}

type Recorder = (workload: WorkloadRecord, data: PlacementDecision) => boolean;

/** Tries the groups together in queue order; a group is done when its next member finds no room. False: the round is full. */
function retryWaiting(round: Round, groups: readonly WaitingGroup[], attempts: Attempts, record: Recorder): boolean {
  const { state } = round;
  const queues = groups.map((group) => queueOf(group));
  for (let queue = oldest(queues); queue !== undefined; queue = oldest(queues)) {
    const workload = state.workloads.get(queue.uid);
    queue.advance();
    if (workload === undefined) continue;
    const data = decideWorkload(round, workload);
    const placed = data.unplaced !== workload.decision?.unplaced || replicasIn(data) !== replicasOn(workload);
    if (placed) {
      if (!record(workload, data)) return false;
      continue;
    }
    queues.splice(queues.indexOf(queue), 1);
    if (!restate(round, queue.group, data, record)) return false;
    attempts.set(queue.group.key, state.position);
  }
  return true;
}

const replicasIn = ({ placements }: PlacementDecision): number =>
  placements.reduce((sum, { replicas }) => sum + replicas, 0);

const replicasOn = ({ shares }: WorkloadRecord): number => shares.reduce((sum, { replicas }) => sum + replicas, 0);

/** The group found no room for a reason that is not the recorded one of all its members: says so to those. */
function restate(round: Round, group: WaitingGroup, { reason }: PlacementDecision, record: Recorder): boolean {
  if (reason === undefined || (group.reasons.size === 1 && group.reasons.has(reason))) return true;
  for (const uid of inQueueOrder(group).keys()) {
    const workload = round.state.workloads.get(uid);
    if (workload === undefined || workload.decision?.reason === reason) continue;
    if (!record(workload, decideWorkload(round, workload))) return false;
  }
  return true;
}

interface Queue {
  group: WaitingGroup;
  uid: string;
  /** Place in the queue of `uid`; undefined: nobody is left. */
  at: Position | undefined;
  advance(): void;
}

function queueOf(group: WaitingGroup): Queue {
  const members = inQueueOrder(group).entries();
  const queue: Queue = {
    group,
    uid: '',
    at: undefined,
    advance() {
      const { value } = members.next();
      [this.uid, this.at] = value ?? ['', undefined];
    },
  };
  queue.advance();
  return queue;
}

/** The queue with the oldest head. Groups are few (one per shape that waits), so a scan is enough. */
function oldest(queues: readonly Queue[]): Queue | undefined {
  let first: Queue | undefined;
  for (const queue of queues) {
    if (queue.at !== undefined && (first?.at === undefined || queue.at < first.at)) first = queue;
  }
  return first;
}
