/** What a workload, beside its shape, has against clusters: because of what it has run, and where. */
import type { Refusal } from './pipeline/plugin.js';
import type { Candidate } from './pipeline/shape-view.js';
import { type PlannedShare, missingCompletions } from './plan.js';
import { Reason } from './reasons.js';
import { type Share, type WorkloadRecord, shareOn } from './state.js';

/** A refusal, and the plugin whose it is. */
export type Objection = Refusal & { plugin: string };
export type Objections = (candidate: Candidate) => Objection | undefined;

/** Nearly all workloads object to nothing; known by identity. */
export const noObjections: Objections = () => undefined;

export function objectionsOf(workload: WorkloadRecord, kept: readonly PlannedShare[], missing: number): Objections {
  const { mode, shares } = workload;
  const evicted = shares.filter((share) => share.eviction !== undefined);
  if (evicted.length === 0 && (mode === 'service' || (shares.length === 0 && mode === 'batch'))) return noObjections;
  const running = kept.filter((share) => !share.finished);
  const bound = running.length > 0 && (mode === 'indexed' || missingCompletions(workload, kept) === 0);
  return ({ cluster: { record }, fits, refused }) => {
    if (refused) return undefined;
    const away = evicted.find((share) => share.cluster === record.name || share.eviction?.to !== undefined);
    if (away !== undefined && away.eviction?.to !== record.name) {
      return { plugin: 'Evictions', reason: Reason.EVICTED, message: evictionMessage(away) };
    }
    if (mode === 'service') return undefined;
    if (shareOn(workload, record.name)?.finished === true) {
      return ofBatch(Reason.FINISHED_THERE, 'its share there has run to its end');
    }
    if (bound && !running.some((share) => share.cluster === record.name)) {
      const where = running.map((share) => share.cluster).join(', ');
      return ofBatch(Reason.COMPLETIONS_FIXED, `its completions are all given to ${where} and cannot be moved`);
    }
    return mode === 'indexed' && fits > 0 && fits < missing
      ? ofBatch(
          Reason.INSUFFICIENT_RESOURCES,
          `an indexed job needs one cluster for all, only ${fits} of ${missing} replicas fit`,
        )
      : undefined;
  };
}

/** Whether a cluster takes new replicas of the workload, if there is room. */
export const takesNew =
  (candidates: readonly Candidate[], objects: Objections) =>
  (name: string): boolean => {
    const candidate = candidates.find(({ cluster }) => cluster.record.name === name);
    return candidate !== undefined && !candidate.refused && objects(candidate) === undefined;
  };

const ofBatch = (reason: Reason, message: string): Objection => ({ plugin: 'BatchShares', reason, message });

const evictionMessage = ({ cluster, eviction }: Share): string =>
  eviction?.to === undefined
    ? `its replicas are moved away from ${cluster} (${String(eviction?.cause)})`
    : `its replicas go back from ${cluster} to ${eviction.to} (${eviction.cause})`;
