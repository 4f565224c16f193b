/**
 * A round where queues are used. The steps:
 * 1. claims: room that others leave for somebody is taken for him first;
 * 2. what was decided once and does not hold any more (edited, its cluster gone), in the order in which it became so;
 * 3. turns: the queue that is furthest below its due share, in it the highest priority, then the oldest; what does not fit waits,
 *    and the first of each queue that finds no room keeps the room that lacks least for it from all that come later;
 * 4. one that found none displaces others, if it may and it helps.
 * Lines whose outcome cannot have changed are passed over. The same state and time give the same entries, byte for byte.
 */
import { type Attempts, type RoundLimits, newAttempts } from '../round-limits.js';
import type { Draft } from '../draft.js';
import { roundTable } from '../round-table.js';
import { type SchedulingState, type WorkloadRecord } from '../state.js';
import { onOneCluster } from './admission.js';
import { isWorthALook } from './attempts.js';
import { fitsItsClaim, takeClaims } from './claims.js';
import { FairOrder } from './fair-order.js';
import { lookAtGang, refuse } from './gang.js';
import { lookAt, clusterRules } from './look.js';
import { neverTogether } from './never-together.js';
import { QueueTurns, type Turn } from './queue-turns.js';
import { inLine } from './lines.js';
import { type QueueNode, queueTree, replicasWithin, take } from './queue-tree.js';
import type { Line, Queueing, Tried } from './queueing-records.js';
import {
  type Outcome,
  type RoundContext,
  candidatesOf,
  hasRoomFor,
  leafOf,
  missingOf,
  noteKept,
} from './round-context.js';
import { Reason } from '../reasons.js';
import { keepRoom } from './shadow.js';

/** Most workloads that one round displaces, and most sets of victims that it tries. */
const VICTIMS_PER_ROUND = 100;
const TRIALS_PER_ROUND = 20_000;

export function decideQueuedRound(
  state: SchedulingState,
  queueing: Queueing,
  limits: RoundLimits,
  attempts: Attempts,
): Draft<'PlacementDecided'>[] {
  const nowMs = limits.nowMs ?? 0;
  if (queueing.revise.size === 0 && !someLineIsDue(state, queueing, attempts, nowMs)) return [];
  const context = contextOf(state, queueing, limits, nowMs);
  const claimants = takeClaims(context);
  if (reviseAll(context)) {
    lookAtClaimants(context, claimants, attempts);
    takeTurns(context, attempts);
  }
  return context.usedTime
    ? context.drafts.map((draft) => ({ ...draft, data: { ...draft.data, now: nowMs } }))
    : context.drafts;
}

/**
 * The round as it stands when the turn of a workload comes, for whoever wants to know what it finds: everybody before it has what he gets, and
 * the room that is kept. Undefined: it waits in no line, or so many are before it that its turn is in a later round.
 */
export function roundBefore(
  state: SchedulingState,
  { line }: WorkloadRecord,
  limits: RoundLimits,
): RoundContext | undefined {
  const { queueing } = state;
  if (queueing === undefined || line === undefined) return undefined;
  const context: RoundContext = { ...contextOf(state, queueing, limits, limits.nowMs ?? 0), until: line };
  const attempts = newAttempts();
  const claimants = takeClaims(context);
  if (!reviseAll(context)) return undefined;
  lookAtClaimants(context, claimants, attempts);
  takeTurns(context, attempts);
  return context.until === undefined ? context : undefined;
}

function contextOf(
  state: SchedulingState,
  queueing: Queueing,
  { epoch, decisions, verdicts }: RoundLimits,
  nowMs: number,
): RoundContext {
  const names = new Set([...queueing.lines.byQueue.keys(), ...queueing.usage.keys()]);
  for (const uid of [...queueing.revise, ...queueing.claimants]) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined) names.add(workload.terms.queue);
  }
  return {
    state,
    queueing,
    round: { state, epoch, verdicts, table: roundTable(state), views: new Map() },
    tree: queueTree(state.queues, names, queueing.usage, state.columns),
    capacity: capacityOf(state),
    nowMs,
    usedTime: false,
    priced: [...state.clusters.values()].some(({ prices }) => prices !== undefined),
    mostDecisions: decisions,
    drafts: [],
    decided: new Set(),
    claims: new Map(),
    outcomes: new Map(),
    shadowed: new Map(),
    keepers: new Set(),
    victims: VICTIMS_PER_ROUND,
    trials: TRIALS_PER_ROUND,
  };
}

/** Of all clusters that stay. */
function capacityOf(state: SchedulingState): Float64Array {
  const capacity = new Float64Array(state.columns.names.length);
  for (const { deleting, room } of state.clusters.values()) {
    if (deleting) continue;
    room.layout.totalAllocatable.forEach((amount, column) => (capacity[column] = (capacity[column] ?? 0) + amount));
  }
  return capacity;
}

function someLineIsDue(state: SchedulingState, queueing: Queueing, attempts: Attempts, nowMs: number): boolean {
  for (const lines of queueing.lines.byQueue.values()) {
    for (const line of lines) {
      const [head] = line.members.keys();
      const workload = state.workloads.get(head ?? '');
      if (isWorthALook(state, queueing, line, workload, attempts.lines.get(line), nowMs)) return true;
    }
  }
  return false;
}

/** False: the round is full. */
function reviseAll(context: RoundContext): boolean {
  const { state, queueing } = context;
  for (const uid of queueing.revise) {
    const workload = state.workloads.get(uid);
    if (workload === undefined || context.decided.has(uid)) continue;
    if (!hasRoomFor(context, 1)) return false;
    const { gang } = workload.terms;
    if (gang !== undefined && gang.name !== '' && workload.shares.length === 0) {
      const message = `it was changed; gang ${gang.name} is looked at as a whole`;
      refuse(context, workload, { reason: Reason.GANG_INCOMPLETE, message });
    } else lookAt(context, workload);
  }
  return hasRoomFor(context, 1);
}

/**
 * Those for whom others left, before anybody else keeps room for himself. Whom the cluster would put on a node that another of them claims
 * waits until that one has his place.
 */
function lookAtClaimants(context: RoundContext, claimants: readonly WorkloadRecord[], attempts: Attempts): void {
  const { state, queueing, nowMs } = context;
  const due = claimants.filter(({ ref, line }) => {
    if (line === undefined || context.decided.has(ref.uid)) return false;
    return isWorthALook(state, queueing, line, state.workloads.get(ref.uid), attempts.lines.get(line), nowMs);
  });
  const blocked = due.filter((workload) => !lookAtClaimant(context, workload, fitsItsClaim(context, workload)));
  for (const workload of blocked) lookAtClaimant(context, workload, true);
}

/** False: not yet. */
function lookAtClaimant(context: RoundContext, workload: WorkloadRecord, isItsTurn: boolean): boolean {
  if (!isItsTurn) return false;
  if (hasRoomFor(context, 1)) context.outcomes.set(workload.ref.uid, lookAt(context, workload));
  return true;
}

function takeTurns(context: RoundContext, attempts: Attempts): void {
  const { tree, queueing, capacity } = context;
  const turns = new Map<QueueNode, QueueTurns>();
  for (const [queue, lines] of queueing.lines.byQueue) {
    const leaf = tree.leaves.get(queue);
    if (leaf !== undefined) turns.set(leaf, new QueueTurns(lines));
  }
  const order = new FairOrder(turns.keys(), capacity, (leaf) => turns.get(leaf)?.first?.at ?? Number.MAX_SAFE_INTEGER);
  const guarded = new Set<QueueNode>();
  for (let leaf = order.next(); leaf !== undefined; leaf = order.next()) {
    const current = leaf;
    const queue = turns.get(leaf);
    const turn = queue?.first;
    if (turn !== undefined && turn.line === context.until) {
      context.until = undefined;
      return;
    }
    if (queue === undefined || turn === undefined) {
      order.remove(leaf);
      continue;
    }
    // Room is kept once for each queue; one that could keep none leaves that to who comes after it.
    const guard = (keeps: () => boolean): void => {
      if (!guarded.has(current) && keeps()) guarded.add(current);
    };
    if (!takeTurn(context, attempts, queue, turn, guard)) return;
    if (queue.first === undefined) order.remove(leaf);
    else order.update(leaf);
  }
}

/** False: the round is full. */
function takeTurn(
  context: RoundContext,
  attempts: Attempts,
  queue: QueueTurns,
  turn: Turn,
  guard: (keeps: () => boolean) => void,
): boolean {
  const { state, queueing, nowMs } = context;
  const { line } = turn;
  const workload = state.workloads.get(turn.uid);
  const outcomeBefore = context.outcomes.get(turn.uid);
  if (workload === undefined || (context.decided.has(turn.uid) && outcomeBefore?.blocked === undefined)) {
    queue.advance();
    return true;
  }
  const tried = attempts.lines.get(line);
  const isAsBefore = !isWorthALook(state, queueing, line, workload, tried, nowMs) && !isLessKept(context, tried);
  if (outcomeBefore === undefined && isAsBefore) {
    if (tried?.blocked === 'room' && !isOverQuota(context, line, workload))
      guard(() => keepFor(context, line, workload, undefined));
    queue.drop();
    return true;
  }
  const isGang = isNamedGang(line);
  const keptBefore = [...context.keepers];
  const missing = missingOf(context, workload);
  if (!hasRoomFor(context, isGang ? line.members.size : 1)) return false;
  const outcome = isGang ? lookAtGang(context, line) : (outcomeBefore ?? lookAt(context, workload));
  if (outcome.blocked === undefined) {
    if (isGang) queue.drop();
    else queue.advance();
    return true;
  }
  const next: Tried = {
    at: state.position,
    blocked: outcome.blocked,
    keepers: context.keepers,
    keptBefore,
    dueMs: outcome.dueMs,
    members: line.members.size,
  };
  // Who is displaced in a round is not asked again in it, and what he leaves is claimed before the next keeps room: all may be another then.
  const isSpent = context.victims < VICTIMS_PER_ROUND || context.trials <= 0;
  // What was placed in part waits for less than it did when it looked for others to displace: it is looked at once more.
  if (!isGang && isPlacedInPart(context, workload, missing)) attempts.lines.delete(line);
  else if (!isSpent) attempts.lines.set(line, next);
  if (outcome.blocked === 'room')
    guard(() => keepFor(context, line, workload, 'usable' in outcome ? outcome : undefined));
  queue.drop();
  return true;
}

const isPlacedInPart = ({ drafts }: RoundContext, { ref }: WorkloadRecord, missing: number): boolean => {
  const last = drafts.at(-1)?.data;
  return last?.ref.uid === ref.uid && last.unplaced < missing;
};

/**
 * Whether room is not kept (any more, or not before this turn) for somebody for whom it was when the line was last looked at. One that waits for
 * quota minds, too: whom he may displace depends on it.
 */
const isLessKept = ({ keepers }: RoundContext, tried: Tried | undefined): boolean =>
  tried !== undefined && tried.blocked !== 'members' && tried.keptBefore.some((each) => !keepers.has(each));

/** Whether the head of a line, or a gang, waits for quota by now, whatever it waited for when it was last looked at. */
function isOverQuota(context: RoundContext, line: Line, head: WorkloadRecord): boolean {
  const { gang } = line.terms;
  const leaf = leafOf(context, head);
  if (!leaf.hasQuota) return false;
  const members = isNamedGang(line) ? [...inLine(line).keys()] : [head.ref.uid];
  const taken: { workload: WorkloadRecord; replicas: number }[] = [];
  let over = false;
  for (const uid of members) {
    const workload = context.state.workloads.get(uid);
    if (workload === undefined || over) continue;
    const missing = missingOf(context, workload);
    const within = replicasWithin(leaf, workload.shape.request);
    over = gang === undefined ? within === 0 : within < missing;
    take(leaf, workload.shape.request, missing);
    taken.push({ workload, replicas: missing });
  }
  for (const { workload, replicas } of taken) take(leaf, workload.shape.request, -replicas);
  return over;
}

const isNamedGang = ({ terms }: Line): boolean => terms.gang !== undefined && terms.gang.name !== '';

/** Keeps room for the head of a line, or for all of a gang. False: no room could ever be enough. */
function keepFor(context: RoundContext, line: Line, head: WorkloadRecord, outcome: Outcome | undefined): boolean {
  const { state, round } = context;
  const { gang } = line.terms;
  const isGang = isNamedGang(line);
  const members = isGang ? [...inLine(line).keys()].flatMap((uid) => state.workloads.get(uid) ?? []) : [head];
  if (isGang && neverTogether(context, members, gang?.together === true) !== undefined) return false;
  let isKept = false;
  for (const workload of members) {
    if (context.claims.has(workload.ref.uid) || outcome?.claimed === true) {
      isKept = true;
      continue;
    }
    const missing = missingOf(context, workload);
    const onOne = onOneCluster(workload);
    const usable = outcome?.usable ?? usableFor(context, workload, missing);
    const kept = keepRoom(round.table, workload.shape, usable, gang !== undefined || onOne ? missing : 1, onOne);
    if (kept.length > 0) context.keepers.add(line);
    isKept ||= kept.length > 0;
    for (const cluster of kept) noteKept(context, cluster, workload);
  }
  return isKept;
}

function usableFor(context: RoundContext, workload: WorkloadRecord, missing: number) {
  const rules = clusterRules(context, workload, missing);
  return candidatesOf(context, workload.shape).filter(
    ({ refused, cluster }) => !refused && rules?.objection(cluster.record) === undefined,
  );
}
