/** Status of a Job or Deployment: what was decided, what the clusters said, and whether they can be seen. */
import type { Condition, RolloutStatus, WorkloadClusterStatus, WorkloadStatus } from '@skyflow/contracts';
import type { ObjectRecord, ShareRecord, WorkloadRecord } from './object-record.js';
import type { ClusterSights } from './objects-state.js';
import { type Liveness, sightingOf, timestamp } from './sightings.js';
import { type PhaseVerdict, type Sighting, generationDue, sharePhase, workloadPhase } from './workload-phase.js';

export function workloadStatus(
  record: ObjectRecord,
  workload: WorkloadRecord,
  sights: ClusterSights,
  liveness: Liveness,
): WorkloadStatus {
  const seen = (cluster: string): Sighting => sightingOf(cluster, sights.get(cluster), liveness);
  const verdict = deletionVerdict(record, workload) ?? workloadPhase(workload, record.generation, seen);
  const sums = { placed: 0, ready: 0, running: 0, succeeded: 0, failed: 0 };
  const clusters = workload.shares.map((share) => {
    const status = shareStatus(record, workload, share, seen(share.cluster));
    sums.placed += share.replicas;
    sums.ready += status.ready;
    sums.running += status.running;
    sums.succeeded += status.succeeded;
    sums.failed += status.failed;
    return status;
  });
  return {
    phase: verdict.phase,
    ...said(verdict),
    observedGeneration: observedGeneration(workload),
    placed: sums.placed,
    replicas: askedReplicas(workload, record.generation),
    ready: sums.ready,
    running: sums.running,
    succeeded: sums.succeeded,
    failed: sums.failed,
    clusters,
    ...rolloutStatus(record, workload),
    conditions: conditions(record, workload, verdict),
  };
}

/** What the spec says; of a workload that is duplicated, as many on each of its clusters. */
export function askedReplicas({ facts, decision, shares }: WorkloadRecord, generation: number): number {
  if (decision === undefined || decision.generation < generation) return facts.replicas;
  const placed = shares.reduce((sum, share) => sum + (share.placed ? share.replicas : 0), 0);
  return Math.max(facts.replicas, placed + decision.unplaced);
}

function shareStatus(
  record: ObjectRecord,
  workload: WorkloadRecord,
  share: ShareRecord,
  sighting: Sighting,
): WorkloadClusterStatus {
  const { facts } = workload;
  const { observed } = share;
  const verdict = sharePhase(facts, generationDue(workload, record.generation, share.cluster), share, sighting);
  const deleting = record.deletedAt > 0 && verdict.phase !== 'UNKNOWN';
  return {
    cluster: share.cluster,
    phase: deleting ? 'DELETING' : verdict.phase,
    replicas: share.replicas + share.leaving,
    ready: observed?.ready ?? 0,
    running: observed?.running ?? 0,
    succeeded: observed?.succeeded ?? 0,
    failed: observed?.failed ?? 0,
    ...(observed?.outdated === undefined ? {} : { outdated: observed.outdated }),
    ...said(verdict),
    ...(observed === undefined ? {} : { observedAt: timestamp(observed.at) }),
  };
}

function rolloutStatus({ generation }: ObjectRecord, { rollout }: WorkloadRecord): { rollout?: RolloutStatus } {
  if (rollout?.generation !== generation) return {};
  const { state, from, message, released } = rollout;
  const clusters = released.map(({ cluster, state: reached }) => ({ cluster, state: reached }));
  return { rollout: { state, from, to: generation, message, clusters } };
}

function deletionVerdict(record: ObjectRecord, workload: WorkloadRecord): PhaseVerdict | undefined {
  if (record.deletedAt === 0) return undefined;
  const left = workload.shares.map((share) => share.cluster);
  const message = left.length === 0 ? undefined : `waiting until it is gone from ${left.join(', ')}`;
  return { phase: 'DELETING', reason: 'Deleting', message };
}

/** The generation that the scheduler and every cluster with a share have taken up. */
function observedGeneration({ decision, shares }: WorkloadRecord): number {
  let generation = decision?.generation ?? 0;
  for (const share of shares) if (share.placed) generation = Math.min(generation, share.observed?.generation ?? 0);
  return generation;
}

function conditions(record: ObjectRecord, workload: WorkloadRecord, verdict: PhaseVerdict): Condition[] {
  const { decision } = workload;
  const placed = decision !== undefined && decision.unplaced === 0 && decision.generation >= record.generation;
  const settled = verdict.phase === 'RUNNING' || verdict.phase === 'COMPLETED';
  return [
    {
      type: 'Scheduled',
      status: placed ? 'True' : 'False',
      reason: placed ? 'Placed' : (decision?.reason ?? 'Queued'),
      message: placed ? '' : (decision?.message ?? 'waiting for the scheduler'),
      lastTransitionTime: timestamp(decision?.at ?? workload.phaseAt),
    },
    {
      type: 'Ready',
      status: settled ? 'True' : verdict.phase === 'UNKNOWN' ? 'Unknown' : 'False',
      reason: verdict.reason ?? titled(verdict.phase),
      message: verdict.message ?? '',
      lastTransitionTime: timestamp(workload.phaseAt),
    },
  ];
}

const titled = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase();

const said = ({ reason, message }: PhaseVerdict): { reason?: string; message?: string } => ({
  ...(reason === undefined ? {} : { reason }),
  ...(message === undefined ? {} : { message }),
});
