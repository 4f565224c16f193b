/**
 * What can honestly be said of a workload. A share is what its agent last reported, unless that report is about an older
 * generation (PENDING), or its cluster cannot be seen now (UNKNOWN, with since when). A finished batch share stays finished.
 */
import type { WorkloadPhase } from '@skyflow/contracts';
import type { ObjectRecord, ShareRecord, WorkloadFacts, WorkloadRecord } from './object-record.js';

/** Whether a cluster can be seen, and if not, why not and since when. */
export type Sighting =
  { readonly seen: true } | { readonly seen: false; readonly reason: string; readonly message: string };

export interface PhaseVerdict {
  readonly phase: WorkloadPhase;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** What the fold takes for granted: every cluster can be seen. */
export const everythingSeen = (): Sighting => ({ seen: true });

/** Phase of one share. `generation` is the object's. */
export function sharePhase(
  facts: WorkloadFacts,
  generation: number,
  share: ShareRecord,
  sighting: Sighting,
): PhaseVerdict {
  const { cluster, observed } = share;
  if (!share.placed) {
    if (!sighting.seen) {
      const message = `${sighting.message}; what may still run there is removed before it is READY again`;
      return { phase: 'UNKNOWN', reason: sighting.reason, message };
    }
    if (share.leaving > 0) {
      const message = `what is on ${cluster} stays until its replacement elsewhere is ready`;
      return { phase: observed?.phase ?? 'PENDING', reason: 'Evicting', message };
    }
    return { phase: 'DELETING', reason: 'Withdrawn', message: `${cluster} is removing its share` };
  }
  const current = observed !== undefined && observed.generation >= generation;
  if (current && isFinal(facts, observed.phase)) return observed;
  if (!sighting.seen) return { phase: 'UNKNOWN', reason: sighting.reason, message: sighting.message };
  if (observed === undefined) {
    return { phase: 'PENDING', reason: 'NotReported', message: `${cluster} has not reported this workload yet` };
  }
  if (!current) {
    const message = `${cluster} still reports generation ${String(observed.generation)}, not ${String(generation)}`;
    return { phase: 'PENDING', reason: 'GenerationNotObserved', message };
  }
  if (
    facts.native === 'Deployment' &&
    observed.phase === 'RUNNING' &&
    observed.ready < share.replicas + share.leaving
  ) {
    const message = `${String(observed.ready)} of ${String(share.replicas)} replicas are ready on ${cluster}`;
    return { phase: 'PENDING', reason: observed.reason ?? 'NotReady', message: observed.message ?? message };
  }
  return observed;
}

/** Phase of the whole, without regard to its own deletion. */
export function workloadPhase(
  workload: WorkloadRecord,
  generation: number,
  sightingOf: (cluster: string) => Sighting,
): PhaseVerdict {
  const { decision, facts } = workload;
  if (decision === undefined) {
    return { phase: 'PENDING', reason: 'Queued', message: 'waiting for the scheduler to place it' };
  }
  const verdicts = workload.shares
    .filter((share) => share.placed)
    .map((share) => ({
      share,
      verdict: sharePhase(facts, generationDue(workload, generation, share.cluster), share, sightingOf(share.cluster)),
    }));
  const worst = (phase: WorkloadPhase): PhaseVerdict | undefined => {
    const found = verdicts.find((each) => each.verdict.phase === phase);
    return found && named(found.share.cluster, found.verdict);
  };
  const failed = worst('FAILED');
  if (failed) return failed;
  const unknown = worst('UNKNOWN');
  if (unknown) return unknown;
  if (verdicts.length > 0 && decision.unplaced === 0 && verdicts.every((each) => each.verdict.phase === 'COMPLETED')) {
    return { phase: 'COMPLETED' };
  }
  if (decision.generation < generation) {
    const message = `waiting for the scheduler to take up generation ${String(generation)}`;
    return { phase: 'PENDING', reason: 'Queued', message };
  }
  if (isCovered(workload, generation, sightingOf)) return { phase: 'RUNNING' };
  if (decision.unplaced > 0) return unplaced(workload, decision.unplaced);
  const pending = worst('PENDING');
  if (pending) return pending;
  if (verdicts.length === 0 && facts.replicas > 0) {
    return { phase: 'PENDING', reason: decision.reason ?? 'NotPlaced', message: decision.message ?? 'not placed' };
  }
  return runningOut(workload, generation);
}

/** The generation that a cluster is to have: not the newest where a rollout has not come, or was rolled back. */
export function generationDue({ rollout }: WorkloadRecord, generation: number, cluster: string): number {
  if (rollout?.generation !== generation) return generation;
  const isNew = rollout.state !== 'RolledBack' && rollout.released.some((released) => released.cluster === cluster);
  return isNew ? generation : rollout.from;
}

/** It runs; and what is to be said of a rollout meanwhile. */
function runningOut({ rollout }: WorkloadRecord, generation: number): PhaseVerdict {
  if (rollout?.generation !== generation) return { phase: 'RUNNING' };
  const reason = { Progressing: 'RollingOut', Stopped: 'RolloutStopped', RolledBack: 'RolledBack' }[rollout.state];
  return { phase: 'RUNNING', reason, message: rollout.message };
}

/** Whether replicas that leave stand in for those that are not ready yet, so that nobody notices the move. */
function isCovered(
  { facts, shares }: WorkloadRecord,
  generation: number,
  sightingOf: (cluster: string) => Sighting,
): boolean {
  if (facts.native !== 'Deployment' || !shares.some((share) => share.leaving > 0)) return false;
  const ready = shares.reduce((sum, { cluster, replicas, leaving, observed }) => {
    const isCurrent = observed !== undefined && observed.generation >= generation && sightingOf(cluster).seen;
    return isCurrent ? sum + Math.min(observed.ready, replicas + leaving) : sum;
  }, 0);
  return ready >= facts.replicas;
}

/** The scheduler's own words; ours only if it gave none. */
function unplaced({ decision, facts }: WorkloadRecord, count: number): PhaseVerdict {
  return {
    phase: 'PENDING',
    reason: decision?.reason ?? 'Unschedulable',
    message: decision?.message ?? `${count} of ${facts.replicas} replicas wait: no cluster can take them`,
  };
}

/** Says which cluster it is about, once. */
function named(cluster: string, verdict: PhaseVerdict): PhaseVerdict {
  const { phase, reason, message } = verdict;
  if (message === undefined || message.includes(cluster)) return { phase, reason, message };
  return { phase, reason, message: `${cluster}: ${message}` };
}

/** Only batch jobs end; a Deployment's failure may pass. */
const isFinal = (facts: WorkloadFacts, phase: WorkloadPhase): boolean =>
  phase === 'COMPLETED' || (phase === 'FAILED' && facts.native === 'Job');

/** Whether what a record's spec asks for is no longer held on the share's cluster. */
export const isShareFinished = (record: ObjectRecord, share: ShareRecord): boolean =>
  record.workload !== undefined &&
  share.observed !== undefined &&
  share.observed.generation >= record.generation &&
  isFinal(record.workload.facts, share.observed.phase);
