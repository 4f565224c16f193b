/**
 * Replicas that move by themselves to where they are better off, where a policy (or the workload) asks for it with `rebalance`: looked at
 * every so often, few at a time, and only for as much better that nothing goes back and forth. Services only.
 *
 * Nothing of it happens while anything else moves, and workloads that are to go back to a cluster are left to the failback. Pure: the wall
 * clock comes in and is recorded; when a policy was last looked at is remembered by the process, when something moved by the log.
 */
import type { Position, RebalancePolicy } from '@skyflow/contracts';
import { moveTerm } from '../moving-rules.js';
import type { SchedulingState, WorkloadRecord } from '../../state.js';

export const DEFAULT_INTERVAL_SECONDS = 300;
/** Replicas that one policy moves in an interval. */
export const DEFAULT_MAX_REPLICAS = 10;
/** By how much a place must be better, of 100. Twice what is enough where somebody asks (`MARGIN`). */
export const DEFAULT_MIN_IMPROVEMENT = 20;
/** Workloads that are looked at in one call: a look is tens of microseconds, and decisions wait for it. */
const LOOKED_AT = 500;
/** Longest time for which nothing is looked for, so that a new policy need not wait long. */
const IDLE_MS = 5_000;

/** What a process remembers of its looks, by who asks. Only saves work, and spaces out looks that find nothing. */
export class Looks extends Map<string, { atMs: number; upTo: Position }> {
  /** Before then nothing is due. */
  idleUntilMs = Number.NEGATIVE_INFINITY;
}

/** Workloads of one policy, or one that asks for itself, which are looked at now. */
export interface DueGroup {
  /** In queue order. */
  workloads: readonly WorkloadRecord[];
  maxReplicas: number;
  minImprovement: number;
}

type Kept = Pick<WorkloadRecord, 'ref' | 'mode' | 'moves' | 'shape'>;

/** Whether none of its replicas is to go back to where it was. */
export const mayBalance = (state: SchedulingState, workload: WorkloadRecord): boolean =>
  moveTerm(workload, 'failback')?.mode === 'Never' ||
  workload.moves?.displaced?.some(({ cluster }) => state.clusters.has(cluster)) !== true;

/** Whether replicas of it may move without being asked for. */
export function isBalanced(workload: Kept): boolean {
  if (workload.mode !== 'service') return false;
  const term = moveTerm(workload, 'rebalance');
  return term !== undefined && term.mode !== 'Never';
}

/** The next workloads to look at of those whose time has come; notes in `looks` that they were. */
export function dueToBalance(state: SchedulingState, nowMs: number, looks: Looks): DueGroup | undefined {
  if (state.moving.size > 0 || nowMs < looks.idleUntilMs) return undefined;
  let shortest = Number.POSITIVE_INFINITY;
  for (const [by, { policy, workloads }] of [...groupsOf(state)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { intervalSeconds = DEFAULT_INTERVAL_SECONDS } = policy;
    const intervalMs = 1_000 * intervalSeconds;
    shortest = Math.min(shortest, intervalSeconds);
    const looked = looks.get(by);
    const isGoingOn = looked !== undefined && looked.upTo > 0;
    if (!isGoingOn && nowMs - (looked?.atMs ?? Number.NEGATIVE_INFINITY) < intervalMs) continue;
    if (workloads.some(({ moves }) => moves?.balanced !== undefined && nowMs - moves.balanced.atMs < intervalMs)) {
      continue;
    }
    const left = workloads.filter(({ createdAt }) => createdAt > (isGoingOn ? looked.upTo : 0));
    const next = left.slice(0, LOOKED_AT);
    const last = next.at(-1);
    const atMs = isGoingOn ? looked.atMs : nowMs;
    looks.set(by, { atMs, upTo: last === undefined || left.length === next.length ? 0 : last.createdAt });
    if (next.length === 0) continue;
    const { maxReplicas = DEFAULT_MAX_REPLICAS, minImprovement = DEFAULT_MIN_IMPROVEMENT } = policy;
    return { workloads: next, maxReplicas, minImprovement };
  }
  looks.idleUntilMs = nowMs + Math.min(IDLE_MS, 1_000 * shortest);
  return undefined;
}

/** By policy, `<namespace>/<name>`; of those that ask for themselves, by uid. */
function groupsOf(state: SchedulingState): Map<string, { policy: RebalancePolicy; workloads: WorkloadRecord[] }> {
  const groups = new Map<string, { policy: RebalancePolicy; workloads: WorkloadRecord[] }>();
  const members = [...state.balancing].flatMap((uid) => state.workloads.get(uid) ?? []);
  for (const workload of members.sort((a, b) => a.createdAt - b.createdAt)) {
    const policy = moveTerm(workload, 'rebalance');
    if (policy === undefined) continue;
    const by = askedBy(workload);
    const group = groups.get(by);
    if (group === undefined) groups.set(by, { policy, workloads: [workload] });
    else group.workloads.push(workload);
  }
  return groups;
}

function askedBy({ ref, moves, shape }: Kept): string {
  if (moves?.terms?.rebalance !== undefined) return ref.uid;
  const policy = shape.policies?.find(({ terms }) => terms.rebalance !== undefined);
  return `${ref.namespace ?? ''}/${policy?.name ?? ''}`;
}
