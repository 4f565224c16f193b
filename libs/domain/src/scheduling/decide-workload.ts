/**
 * One placement through the pipeline: filter → score → spread → reserve. (Queue order and pre-filter are the round's.) Looks
 * at the round's table and reserves on it; the state is not changed.
 */
import type { ClusterVerdict, EntryData } from '@skyflow/contracts';
import type { Refusal } from './pipeline/plugin.js';
import { type Candidate, type ShapeView, bringUpToDate, viewOf } from './pipeline/shape-view.js';
import { type Part, spread } from './pipeline/spread.js';
import { type PlannedShare, keptShares, leavingReplicas, missingCompletions, placementsOf } from './plan.js';
import { Reason } from './reasons.js';
import { type RoundTable, reserve } from './round-table.js';
import type { Shape } from './shape.js';
import { shortageOf } from './shortage.js';
import { type ClusterRecord, type SchedulingState, type Share, type WorkloadRecord, shareOn } from './state.js';

/** Version of the code that decides; goes into every decision. Rises with every change of what is decided. */
export const SCHEDULING_CODE = 'scheduling/2';

/** What decisions of one round share. */
export interface Round {
  state: SchedulingState;
  epoch: number;
  /** Most verdicts that one decision records. */
  verdicts: number;
  table: RoundTable;
  views: Map<Shape, ShapeView>;
}

export type PlacementDecision = EntryData<'PlacementDecided'>;

/** What the queues have to say of one decision. */
export interface Admission {
  /** Most replicas that may be added. */
  most: number;
  /** Why the others wait, where it is not for want of room. */
  reason?: Refusal;
  /** What is against a cluster, beside the workload's own rules. */
  objection?: (cluster: ClusterRecord) => Refusal | undefined;
}

const ADMITTED: Admission = { most: Number.POSITIVE_INFINITY };

/** Decides where the replicas of a workload are to be, and reserves what is added. */
export function decideWorkload(
  round: Round,
  workload: WorkloadRecord,
  admission: Admission = ADMITTED,
): PlacementDecision {
  const { state, table } = round;
  const pods = state.columns.byName.get('pods') ?? 0;
  const { shape } = workload;
  const kept = keptShares(state, workload);
  const missing = workload.replicas - kept.reduce((sum, share) => sum + share.replicas, 0);

  let view = round.views.get(shape);
  if (view === undefined) {
    view = viewOf(shape, table, pods);
    round.views.set(shape, view);
  }
  bringUpToDate(view, table, pods);
  const objects = withAdmission(objectionsOf(workload, kept, missing), admission);
  const wanted = Math.min(missing, admission.most);
  const parts = wanted > 0 && shape.problem === undefined ? divide(workload, view, objects, wanted) : [];
  const chosen = new Set(parts.map((part) => part.candidate));
  const verdicts = verdictsOf(view, chosen, objects, round.verdicts);

  const added = new Map<string, number>();
  for (const { candidate, replicas } of parts) {
    reserve(table, candidate.cluster, shape, replicas);
    added.set(candidate.cluster.record.name, replicas);
  }
  const unplaced = missing - parts.reduce((sum, part) => sum + part.replicas, 0);
  const placements = placementsOf(workload, kept, added);
  const leaving = leavingReplicas(workload, placements);
  const admitted = missing - unplaced === wanted ? admission.reason : undefined;
  const shortage = unplaced > 0 ? (admitted ?? explainShortage(round, workload, view, objects)) : undefined;
  return {
    epoch: round.epoch,
    ref: workload.ref,
    generation: workload.generation,
    placements,
    unplaced,
    ...shortage,
    basis: state.position,
    code: SCHEDULING_CODE,
    verdicts,
    ...(leaving.length > 0 && { leaving }),
  };
}

/** Judged after everything was reserved, so that the numbers are those that the waiting replicas meet. */
function explainShortage(round: Round, workload: WorkloadRecord, view: ShapeView, objects: Objection): Refusal {
  bringUpToDate(view, round.table, round.state.columns.byName.get('pods') ?? 0);
  return shortageOf(
    workload,
    view.candidates.map((candidate) => ({ candidate, objection: objects(candidate) })),
  );
}

type Objection = (candidate: Candidate) => Refusal | undefined;

/** Services object to nothing; known by identity, as nearly all workloads are services or new. */
const noObjection: Objection = () => undefined;

const withAdmission = (objects: Objection, { objection }: Admission): Objection =>
  objection === undefined
    ? objects
    : (candidate) => objects(candidate) ?? (candidate.refused ? undefined : objection(candidate.cluster.record));

/** What this workload, beside its shape, has against clusters. */
function objectionsOf(workload: WorkloadRecord, kept: readonly PlannedShare[], missing: number): Objection {
  const { mode, shares } = workload;
  const evicted = shares.filter((share) => share.eviction !== undefined);
  if (evicted.length === 0 && (mode === 'service' || (shares.length === 0 && mode === 'batch'))) return noObjection;
  const running = kept.filter((share) => !share.finished);
  const bound = running.length > 0 && (mode === 'indexed' || missingCompletions(workload, kept) === 0);
  return ({ cluster: { record }, fits, refused }) => {
    if (refused) return undefined;
    const away = evicted.find((share) => share.cluster === record.name || share.eviction?.to !== undefined);
    if (away !== undefined && away.eviction?.to !== record.name) {
      return { reason: Reason.EVICTED, message: evictionMessage(away) };
    }
    if (mode === 'service') return undefined;
    if (shareOn(workload, record.name)?.finished === true) {
      return { reason: Reason.FINISHED_THERE, message: 'its share there has run to its end' };
    }
    if (bound && !running.some((share) => share.cluster === record.name)) {
      const where = running.map((share) => share.cluster).join(', ');
      return {
        reason: Reason.COMPLETIONS_FIXED,
        message: `its completions are all given to ${where} and cannot be moved`,
      };
    }
    return mode === 'indexed' && fits > 0 && fits < missing
      ? {
          reason: Reason.INSUFFICIENT_RESOURCES,
          message: `an indexed job needs one cluster for all, only ${fits} of ${missing} replicas fit`,
        }
      : undefined;
  };
}

const evictionMessage = ({ cluster, eviction }: Share): string =>
  eviction?.to === undefined
    ? `its replicas are moved away from ${cluster} (${String(eviction?.cause)})`
    : `its replicas go back from ${cluster} to ${eviction.to} (${eviction.cause})`;

function divide(workload: WorkloadRecord, { candidates }: ShapeView, objects: Objection, missing: number): Part[] {
  const { shape, mode, replicas } = workload;
  const ownOn = (cluster: string): number => shareOn(workload, cluster)?.replicas ?? 0;
  const usable = objects === noObjection ? candidates : candidates.filter((each) => objects(each) === undefined);
  if (mode !== 'indexed') return spread(shape, usable, missing, replicas, ownOn);
  return spread(shape, usable, 1, 1, ownOn).map((part) => ({ ...part, replicas: missing }));
}

/** All verdicts in order of cluster; if they are too many, the chosen ones and refusals before the others. */
function verdictsOf(
  { candidates }: ShapeView,
  chosen: ReadonlySet<Candidate>,
  objects: Objection,
  most: number,
): ClusterVerdict[] {
  const named = candidates.length <= most ? candidates : mostTelling(candidates, chosen, most);
  if (objects === noObjection) return named.map(({ verdict }) => verdict);
  return named.map((candidate) => {
    const objection = objects(candidate);
    if (objection === undefined) return candidate.verdict;
    const plugin = objection.reason === Reason.EVICTED ? 'Evictions' : 'BatchShares';
    return { cluster: candidate.cluster.record.name, plugin, ...objection };
  });
}

function mostTelling(candidates: readonly Candidate[], chosen: ReadonlySet<Candidate>, most: number): Candidate[] {
  const named = [...chosen];
  for (const refused of [true, false]) {
    for (const candidate of candidates) {
      if (named.length >= most) return named.slice(0, most);
      if (!chosen.has(candidate) && (candidate.fits === 0) === refused) named.push(candidate);
    }
  }
  return named;
}
