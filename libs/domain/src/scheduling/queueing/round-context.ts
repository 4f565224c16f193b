/** What the steps of one round over queues share. */
import type { Displacement, Placement } from '@skyflow/contracts';
import { type PlacementDecision, type Round } from '../decide-workload.js';
import type { Draft } from '../draft.js';
import { bringUpToDate, type Candidate, viewOf } from '../pipeline/shape-view.js';
import { keptShares, newlyHeld } from '../plan.js';
import { Reason } from '../reasons.js';
import type { Reservation, RoundCluster } from '../round-table.js';
import type { Shape } from '../shape.js';
import type { SchedulingState, WorkloadRecord } from '../state.js';
import type { Blocked, Line, Queueing } from './queueing-records.js';
import { type QueueNode, type QueueTree, take } from './queue-tree.js';

export interface RoundContext {
  state: SchedulingState;
  queueing: Queueing;
  round: Round;
  tree: QueueTree;
  /** Of all clusters, by column. */
  capacity: Float64Array;
  nowMs: number;
  /** Whether the time had a part in any decision. */
  usedTime: boolean;
  /** Whether any cluster has prices. */
  priced: boolean;
  mostDecisions: number;
  drafts: Draft<'PlacementDecided'>[];
  /** Workloads that were decided in this round. */
  decided: Set<string>;
  /** Room kept for workloads for which others leave. */
  claims: Map<string, Reservation[]>;
  /** Looks that were taken before their turn. */
  outcomes: Map<string, Outcome>;
  /** Lines and claimants for which room is kept. */
  keepers: Set<unknown>;
  /** Clusters on which room is kept, and for whom: the first of a line, or one for whom others leave. */
  shadowed: Map<RoundCluster, Set<WorkloadRecord>>;
  /** The round ends before this line has its turn; undefined once it has come. */
  until?: Line | undefined;
  /** Victims that may still be displaced in this round, and sets of victims that may still be tried. */
  victims: number;
  trials: number;
}

/** What a look at a workload came to. */
export interface Outcome {
  /** Undefined: all of it has its place. */
  blocked: Blocked | undefined;
  dueMs: number | undefined;
  /** Clusters that it may use at all, for room to be kept there. */
  usable: readonly Candidate[];
  /** It has a claim: no other room need be kept for it. */
  claimed: boolean;
}

/** What else a decision on a waiting workload says. */
export interface Remarks {
  claims?: readonly Placement[];
  displaces?: readonly Displacement[];
}

export function noteKept({ shadowed }: RoundContext, cluster: RoundCluster, whose: WorkloadRecord): void {
  const known = shadowed.get(cluster);
  if (known === undefined) shadowed.set(cluster, new Set([whose]));
  else known.add(whose);
}

/** The leaf that a workload is counted in. */
export function leafOf({ tree }: RoundContext, { terms }: WorkloadRecord): QueueNode {
  const leaf = tree.leaves.get(terms.queue);
  if (leaf === undefined) throw new Error(`queue ${terms.queue} is not in the tree of the round`);
  return leaf;
}

/** Replicas that no kept share has. Below 0: too many are there. */
export const missingOf = ({ state }: RoundContext, workload: WorkloadRecord): number =>
  workload.shares.length === 0
    ? workload.replicas
    : workload.replicas - keptShares(state, workload).reduce((sum, share) => sum + share.replicas, 0);

/** Replicas of a decision that its queue is not charged for yet. */
const heldAnew = (workload: WorkloadRecord, { placements, leaving = [] }: PlacementDecision): number =>
  [...newlyHeld(workload, placements, leaving).values()].reduce((sum, replicas) => sum + replicas, 0);

/** What the plugins say of every cluster for a shape, after everything that was reserved so far. */
export function candidatesOf({ round, state }: RoundContext, shape: Shape): readonly Candidate[] {
  const pods = state.columns.byName.get('pods') ?? 0;
  let view = round.views.get(shape);
  if (view === undefined) {
    view = viewOf(shape, round.table, pods);
    round.views.set(shape, view);
  }
  bringUpToDate(view, round.table, pods);
  return view.candidates;
}

/** Whether the round may decide so many more. */
export const hasRoomFor = ({ drafts, mostDecisions }: RoundContext, decisions: number): boolean =>
  drafts.length === 0 || drafts.length + decisions <= mostDecisions;

/**
 * Records a decision, unless it only says again what is known: that the workload waits, for the same reason.
 * @param together entries of the same name are committed together.
 */
export function record(
  context: RoundContext,
  workload: WorkloadRecord,
  data: PlacementDecision,
  added: number,
  remarks: Remarks = {},
  together?: string,
): void {
  const { queueing, drafts, decided } = context;
  take(leafOf(context, workload), workload.shape.request, Math.min(added, heldAnew(workload, data)));
  const before = workload.decision;
  // Who was displaced goes on saying by whom, and who displaced others for whom it waits, until that changes.
  const says = before?.reason;
  const keepsReason =
    says === Reason.PREEMPTED ||
    (says === Reason.PREEMPTING && remarks.claims !== undefined) ||
    // That others have used up the quota meanwhile is no news to one that has no room: nobody looks at it for that.
    (data.reason === Reason.QUOTA_EXCEEDED && says !== Reason.GANG_INCOMPLETE);
  const isNews =
    before === undefined ||
    queueing.revise.has(workload.ref.uid) ||
    added !== 0 ||
    (data.reason !== says && !keepsReason) ||
    remarks.displaces !== undefined ||
    (remarks.claims === undefined) !== (workload.claims === undefined);
  if (!isNews) return;
  decided.add(workload.ref.uid);
  if (remarks.claims !== undefined) data.claims = [...remarks.claims];
  if (remarks.displaces !== undefined) data.displaces = [...remarks.displaces];
  const draft: Draft<'PlacementDecided'> = { type: 'PlacementDecided', data, origin: workload.origin };
  if (together !== undefined) draft.together = together;
  drafts.push(draft);
}
