/** What queues and prices let a workload have in this round, before anybody looks for room. */
import { timestamp } from '../../objects/sightings.js';
import type { Admission } from '../decide-workload.js';
import type { Refusal } from '../pipeline/plugin.js';
import type { Candidate } from '../pipeline/shape-view.js';
import { Reason } from '../reasons.js';
import type { ClusterRecord, WorkloadRecord } from '../state.js';
import { humanAmount } from '../../resources/format.js';
import { hourlyCost, payFromMs } from './prices.js';
import { type QueueNode, availableAt, replicasWithin } from './queue-tree.js';

/** Replicas that the quotas of the queue and of those above it allow, and what to say of the others. */
export function quotaAdmission(
  leaf: QueueNode,
  { shape }: WorkloadRecord,
  missing: number,
): { most: number; reason?: Refusal } {
  if (!leaf.hasQuota) return { most: missing };
  const most = replicasWithin(leaf, shape.request);
  if (most >= missing) return { most: missing };
  const short = Object.entries(shape.requests).flatMap(([resource, amount], index) => {
    const available = availableAt(leaf, shape.request.columns[index] ?? 0);
    if (available >= amount * (most + 1)) return [];
    return [
      `${humanAmount(resource, Math.max(0, available))} of ${resource} left, ${humanAmount(resource, amount)} needed per replica`,
    ];
  });
  const message = `the quota of queue ${leaf.record.name} allows ${String(most)} of ${String(missing)} replicas: ${short.join('; ')}`;
  return { most, reason: { reason: Reason.QUOTA_EXCEEDED, message } };
}

/** What is against clusters, beside the workload's own rules. */
export interface ClusterRules {
  objection: NonNullable<Admission['objection']>;
  /** When it may cost something, if that is still to come; ms since the epoch. */
  dueMs: number | undefined;
}

/** Whether all replicas must go to one cluster: a gang that says so, or numbered completions, which clusters cannot divide. */
export const onOneCluster = ({ terms, mode }: WorkloadRecord): boolean =>
  terms.gang?.together === true || mode === 'indexed';

/**
 * Clusters without a price first; while the workload would rather wait, only those; then the cheapest that have room together.
 * @param candidates up to date. `enough`: how many replicas must fit; `onOne`: all of them on one cluster.
 */
export function priceRule(
  workload: WorkloadRecord,
  candidates: readonly Candidate[],
  nowMs: number,
  enough: number,
  onOne: boolean,
): ClusterRules {
  const { requests } = workload.shape;
  const dueMs = payFromMs(workload);
  if (dueMs > nowMs) {
    const until = timestamp(dueMs);
    const objection = (cluster: ClusterRecord): Refusal | undefined => {
      const cost = hourlyCost(cluster, requests);
      if (cost === 0) return undefined;
      const message = `costs ${amount(cost)} an hour per replica; it waits for a cluster without a price until ${until}`;
      return { reason: Reason.TOO_DEAR_YET, message };
    };
    return { objection, dueMs };
  }
  const most = dearestNeeded(candidates, requests, enough, onOne);
  const objection = (cluster: ClusterRecord): Refusal | undefined => {
    const cost = hourlyCost(cluster, requests);
    if (cost <= most) return undefined;
    const message = `costs ${amount(cost)} an hour per replica; there is room where it costs ${amount(most)} at most`;
    return { reason: Reason.CHEAPER_ELSEWHERE, message };
  };
  return { objection, dueMs: undefined };
}

/** The price that has to be paid for the replicas to fit. */
function dearestNeeded(
  candidates: readonly Candidate[],
  requests: WorkloadRecord['shape']['requests'],
  enough: number,
  onOne: boolean,
): number {
  const priced = candidates
    .filter(({ fits }) => fits > 0)
    .map(({ cluster, fits }) => ({ cost: hourlyCost(cluster.record, requests), fits }))
    .sort((a, b) => a.cost - b.cost);
  let fits = 0;
  for (const each of priced) {
    fits = onOne ? each.fits : fits + each.fits;
    if (fits >= enough) return each.cost;
  }
  return Number.POSITIVE_INFINITY;
}

const amount = (cost: number): string => String(Number(cost.toPrecision(3)));
