/** A gang of several workloads: all of them get their places in one round and one commit, or none does. */
import { type PlacementDecision, decideWorkload } from '../decide-workload.js';
import type { Refusal } from '../pipeline/plugin.js';
import { Reason } from '../reasons.js';
import { type Reservation, giveBack } from '../round-table.js';
import type { WorkloadRecord } from '../state.js';
import { quotaAdmission } from './admission.js';
import { inLine } from './lines.js';
import type { Blocked, Line } from './queueing-records.js';
import { clusterRules } from './look.js';
import { neverTogether } from './never-together.js';
import { take } from './queue-tree.js';
import { type RoundContext, candidatesOf, leafOf, missingOf, record } from './round-context.js';

interface Placed {
  workload: WorkloadRecord;
  data: PlacementDecision;
  missing: number;
}

export interface GangOutcome {
  /** Undefined: the whole gang has its places. */
  blocked: Blocked | undefined;
  dueMs: number | undefined;
  members: readonly WorkloadRecord[];
}

export function lookAtGang(context: RoundContext, line: Line): GangOutcome {
  const { state } = context;
  const { gang } = line.terms;
  const members = [...inLine(line).keys()].flatMap((uid) => state.workloads.get(uid) ?? []);
  const size = gang?.size ?? 1;
  const present = line.terms.users - line.terms.going;
  if (present < size) {
    const message = `${String(present)} of ${String(size)} workloads of gang ${nameOf(line)} are there; it waits for the others`;
    for (const workload of members) refuse(context, workload, { reason: Reason.GANG_INCOMPLETE, message });
    return { blocked: 'members', dueMs: undefined, members };
  }
  const attempts = gang?.together === true ? clustersFor(context, members) : [undefined];
  let failed: Placed | undefined;
  let dueMs: number | undefined;
  for (const only of attempts) {
    const tried = tryAll(context, members, only);
    dueMs = tried.dueMs;
    failed = tried.failed;
    if (failed !== undefined) continue;
    for (const { workload, data, missing } of tried.placed) {
      record(context, workload, data, missing, {}, `gang ${line.terms.key}`);
    }
    return { blocked: undefined, dueMs, members };
  }
  const isOverQuota = failed?.data.reason === Reason.QUOTA_EXCEEDED;
  const never = isOverQuota ? undefined : neverTogether(context, members, gang?.together === true);
  const why =
    failed === undefined ? 'no cluster is there' : `${failed.workload.ref.name}: ${failed.data.message ?? ''}`;
  const reason = {
    reason: Reason.GANG_DOES_NOT_FIT,
    message: `gang ${nameOf(line)} of ${String(members.length)} workloads is placed whole or not at all; ${never === undefined ? '' : `${never}; `}${why}`,
  };
  for (const workload of members) refuse(context, workload, reason);
  return { blocked: isOverQuota ? 'quota' : 'room', dueMs, members };
}

/** Decides all members, or up to the first that finds no place: then everything is given back. */
function tryAll(
  context: RoundContext,
  members: readonly WorkloadRecord[],
  only: string | undefined,
): { placed: Placed[]; failed: Placed | undefined; dueMs: number | undefined } {
  const { table } = context.round;
  const journal: Reservation[] = [];
  table.journal = journal;
  const placed: Placed[] = [];
  let dueMs: number | undefined;
  let failed: Placed | undefined;
  for (const workload of members) {
    const missing = missingOf(context, workload);
    const leaf = leafOf(context, workload);
    const { most, reason } = quotaAdmission(leaf, workload, missing);
    const rules = clusterRules(context, workload, missing);
    dueMs = rules?.dueMs ?? dueMs;
    const data = decideWorkload(context.round, workload, {
      most: most < missing ? 0 : most,
      ...(reason !== undefined && { reason }),
      objection: (cluster) =>
        rules?.objection(cluster) ??
        (only === undefined || cluster.name === only
          ? undefined
          : { reason: Reason.GANG_DOES_NOT_FIT, message: 'the whole gang must be on one cluster' }),
    });
    placed.push({ workload, data, missing });
    // Counted here, so that the next member sees it; recording counts it again.
    take(leaf, workload.shape.request, missing - data.unplaced);
    if (data.unplaced === 0) continue;
    failed = { workload, data, missing };
    break;
  }
  table.journal = undefined;
  for (const { workload, data, missing } of placed) {
    take(leafOf(context, workload), workload.shape.request, data.unplaced - missing);
  }
  if (failed !== undefined) for (const reservation of journal) giveBack(table, reservation);
  return { placed, failed, dueMs };
}

/** Names of the clusters to try for a gang that must be on one: best for its first member first. */
function clustersFor(context: RoundContext, members: readonly WorkloadRecord[]): string[] {
  const [first] = members;
  if (first === undefined) return [];
  return candidatesOf(context, first.shape)
    .filter(({ fits }) => fits > 0)
    .map(({ cluster, score }) => ({ name: cluster.record.name, score }))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

/** Its members wait, each with the reason. */
export function refuse(context: RoundContext, workload: WorkloadRecord, reason: Refusal): void {
  const missing = missingOf(context, workload);
  const data = decideWorkload(context.round, workload, { most: 0, reason });
  record(context, workload, data, missing - data.unplaced);
}

const nameOf = ({ terms }: Line): string => terms.gang?.name ?? '';
