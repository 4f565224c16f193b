/**
 * One placement through the pipeline: filter → score → spread → reserve. (Queue order and pre-filter are the round's.) Looks
 * at the round's table and reserves on it; the state is not changed.
 */
import type { ClusterVerdict, EntryData, Placement } from '@skyflow/contracts';
import type { Refusal } from './pipeline/plugin.js';
import { type Candidate, type ShapeView, bringUpToDate, viewOf } from './pipeline/shape-view.js';
import { type Part, spread, spreadFirst } from './pipeline/spread.js';
import { type Objections, noObjections, objectionsOf, takesNew } from './objections.js';
import { type RulePlan, planByRules } from './placement/plan-by-rules.js';
import { placedWorkload } from './placement/evolve-workload-terms.js';
import { type NearOthers, nearOthers } from './placement/near-others.js';
import { type PlacementRules, hasWorkloadTerms, isDividing } from './placement/rules.js';
import { type WorkloadTerms, countWorkload, forkWorkloadTerms } from './placement/workload-terms.js';
import { PREFERENCE } from './pipeline/preferences.js';
import {
  type PlannedShare,
  keptShares,
  leavingReplicas,
  missingIn,
  newlyHeld,
  placementsOf,
  stayingShares,
  takingBack,
} from './plan.js';
import { Reason } from './reasons.js';
import { type RoundTable, reserve } from './round-table.js';
import type { Shape } from './shape.js';
import { shortageOf } from './shortage.js';
import { type ClusterRecord, type SchedulingState, type WorkloadRecord, isDuplicated, shareOn } from './state.js';

/** Version of the code that decides; goes into every decision. Rises with every change of what is decided. */
export const SCHEDULING_CODE = 'scheduling/7';

/** What decisions of one round share. */
export interface Round {
  state: SchedulingState;
  epoch: number;
  /** Most verdicts that one decision records. */
  verdicts: number;
  table: RoundTable;
  views: Map<Shape, ShapeView>;
  /** Where workloads are with what this round has placed; made when it is first needed. */
  workloadTerms?: WorkloadTerms;
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
  const { shape } = workload;
  const view = currentView(round, shape);
  const near = nearBy(round, workload);
  const plan = planFor(round, workload, view, admission, near);
  const chosen = new Set(plan.parts.map((part) => part.candidate));
  const objects = withLimits(plan, chosen);
  const verdicts = verdictsOf(view, chosen, objects, round.verdicts);

  const added = new Map(plan.parts.map(({ candidate, replicas }) => [candidate.cluster.record.name, replicas]));
  const placements = placementsOf(workload, plan.kept, added);
  const leaving = leavingReplicas(workload, placements);
  const taken = newlyHeld(workload, placements, leaving);
  for (const { candidate, replicas } of plan.parts) {
    const more = Math.min(replicas, taken.get(candidate.cluster.record.name) ?? 0);
    if (more > 0) reserve(table, candidate.cluster, shape, more);
  }
  notePlaced(round, workload, placements);
  const shortage =
    plan.unplaced > 0 ? (admittedReason(plan, admission) ?? explainShortage(round, workload, plan)) : undefined;
  return {
    epoch: round.epoch,
    ref: workload.ref,
    generation: workload.generation,
    placements,
    unplaced: plan.unplaced,
    ...shortage,
    basis: state.position,
    code: SCHEDULING_CODE,
    verdicts,
    ...(leaving.length > 0 && { leaving }),
  };
}

interface Plan {
  kept: readonly PlannedShare[];
  parts: readonly Part[];
  unplaced: number;
  objects: Objections;
  /** Only of a workload with rules. */
  limits?: RulePlan['limits'];
  withheld?: number;
  lacking?: RulePlan['lacking'];
}

function planFor(
  { state }: Round,
  workload: WorkloadRecord,
  view: ShapeView,
  admission: Admission,
  near: NearOthers | undefined,
): Plan {
  const rules = dividingRules(workload);
  if (rules !== undefined) return planDivided(state, workload, rules, view, admission, near);
  const { problem } = workload.shape;
  const keeping = keptShares(state, workload);
  const objects = withAdmission(
    withOthers(objectionsOf(workload, keeping, missingIn(workload, keeping)), near),
    admission,
  );
  const kept = takingBack(workload, keeping, takesNew(view.candidates, objects));
  const missing = missingIn(workload, kept);
  const wanted = Math.min(missing, admission.most);
  const parts = wanted > 0 && problem === undefined ? divide(workload, view, objects, wanted) : [];
  const unplaced = missing - parts.reduce((sum, part) => sum + part.replicas, 0);
  return { kept, parts, unplaced, objects };
}

/**
 * Where a service that says how its replicas are divided would be put if it were nowhere yet. What it holds must have been given back on the
 * round's table. Undefined: it does not say.
 */
export function dividedAnew(round: Round, workload: WorkloadRecord): ReadonlyMap<string, number> | undefined {
  const rules = dividingRules(workload);
  if (rules === undefined) return undefined;
  const view = currentView(round, workload.shape);
  const { parts } = planDivided(round.state, workload, rules, view, ADMITTED, nearBy(round, workload), true);
  return new Map(parts.map(({ candidate, replicas }) => [candidate.cluster.record.name, replicas]));
}

/** How it divides its replicas, if it says so and can be placed at all. */
function dividingRules({ shape: { rules, problem } }: WorkloadRecord): PlacementRules | undefined {
  if (rules === undefined || problem !== undefined) return undefined;
  return isDividing(rules) || hasWorkloadTerms(rules) ? rules : undefined;
}

function planDivided(
  state: SchedulingState,
  workload: WorkloadRecord,
  rules: PlacementRules,
  { candidates }: ShapeView,
  admission: Admission,
  near: NearOthers | undefined,
  anew = false,
): Plan {
  const stays = anew ? [] : staysOf(state, workload);
  const objects = withAdmission(withOthers(objectionsOf(workload, stays, missingIn(workload, stays)), near), admission);
  const staying = anew ? [] : takingBack(workload, stays, takesNew(candidates, objects));
  const leaningTo = (candidate: Candidate) => ({
    refuses: objects(candidate) !== undefined,
    preference: PREFERENCE * (near?.liking(candidate.cluster.record) ?? 0),
  });
  return { ...planByRules({ workload, rules, candidates, staying, most: admission.most, leaningTo }), objects };
}

const staysOf = (state: SchedulingState, workload: WorkloadRecord): PlannedShare[] =>
  workload.mode === 'service' || isDuplicated(workload) ? stayingShares(state, workload) : keptShares(state, workload);

/** Undefined: no other workload matters. */
function nearBy({ state, workloadTerms }: Round, workload: WorkloadRecord): NearOthers | undefined {
  const index = workloadTerms ?? state.workloadTerms;
  return index.terms.size === 0 ? undefined : nearOthers(index, placedWorkload(workload), state.clusters);
}

/** What the rest of the round has to know of where this workload is now. */
function notePlaced(round: Round, workload: WorkloadRecord, placements: readonly Placement[]): void {
  if (round.state.workloadTerms.terms.size === 0) return;
  round.workloadTerms ??= forkWorkloadTerms(round.state.workloadTerms);
  const placed = placedWorkload(workload);
  const clusters = new Set([...placed.clusters, ...placements.map(({ cluster }) => cluster)]);
  countWorkload(round.workloadTerms, { ...placed, clusters: [...clusters] });
}

const withOthers = (objects: Objections, near: NearOthers | undefined): Objections =>
  near === undefined
    ? objects
    : (candidate) => {
        const own = objects(candidate);
        if (own !== undefined || candidate.refused) return own;
        const against = near.refuse(candidate.cluster.record);
        return against && { plugin: 'WorkloadAffinity', ...against };
      };

const withAdmission = (objects: Objections, { objection }: Admission): Objections =>
  objection === undefined
    ? objects
    : (candidate) => {
        const own = objects(candidate);
        if (own !== undefined || candidate.refused) return own;
        const against = objection(candidate.cluster.record);
        return against && { plugin: 'Queues', ...against };
      };

/** Why what was placed is all that may be, if the queues say so. */
function admittedReason({ parts, withheld = 0 }: Plan, { most, reason }: Admission): Refusal | undefined {
  return parts.reduce((sum, part) => sum + part.replicas, withheld) === most ? reason : undefined;
}

/** What the division has against clusters, of those that were not chosen. */
function withLimits({ objects, limits }: Plan, chosen: ReadonlySet<Candidate>): Objections {
  if (limits === undefined || limits.size === 0) return objects;
  return (candidate) => {
    const limit = chosen.has(candidate) ? undefined : limits.get(candidate);
    return objects(candidate) ?? (limit && { plugin: 'ReplicaDivision', ...limit });
  };
}

export function currentView({ state, table, views }: Round, shape: Shape): ShapeView {
  const pods = state.columns.byName.get('pods') ?? 0;
  let view = views.get(shape);
  if (view === undefined) {
    view = viewOf(shape, table, pods);
    views.set(shape, view);
  }
  bringUpToDate(view, table, pods);
  return view;
}

/** Judged after everything was reserved, so that the numbers are those that the waiting replicas meet. */
function explainShortage(round: Round, workload: WorkloadRecord, plan: Plan): Refusal {
  const { candidates } = currentView(round, workload.shape);
  const objects = withLimits(plan, new Set());
  const judged = candidates.map((candidate) => ({
    candidate,
    objection: objects(candidate) ?? tooFew(plan, candidate),
  }));
  // Where replicas are divided by rules, a cluster that has room and nothing against it has what it is to have.
  const lacking = plan.limits === undefined ? judged : judged.filter((each) => isLacking(each));
  const shortage = withLacking(plan, lacking.length, () => shortageOf(workload, lacking.length > 0 ? lacking : judged));
  if (plan.withheld === undefined || plan.withheld === 0) return shortage;
  const fit = `all or nothing: of ${plan.unplaced} missing replicas ${plan.withheld} fit`;
  return { reason: Reason.ALL_OR_NOTHING, message: `${fit} (${shortage.message})` };
}

/** Groups that are not there come before what is against the clusters that are. */
function withLacking({ lacking }: Plan, named: number, shortage: () => Refusal): Refusal {
  if (lacking === undefined) return shortage();
  return named === 0 ? lacking : { ...lacking, message: `${lacking.message} (${shortage().message})` };
}

const isLacking = ({ candidate, objection }: { candidate: Candidate; objection: Refusal | undefined }): boolean =>
  objection !== undefined || candidate.fits === 0;

const tooFew = ({ withheld = 0 }: Plan, { fits }: Candidate): Refusal | undefined =>
  withheld > 0 && fits > 0 ? { reason: Reason.INSUFFICIENT_RESOURCES, message: `only ${fits} fit` } : undefined;

function divide(workload: WorkloadRecord, view: ShapeView, objects: Objections, missing: number): Part[] {
  const { shape, mode, replicas, shares } = workload;
  if (missing === 1 && objects === noObjections && shares.length === 0) return spreadFirst(view);
  const { candidates } = view;
  const ownOn = (cluster: string): number => shareOn(workload, cluster)?.replicas ?? 0;
  const usable = objects === noObjections ? candidates : candidates.filter((each) => objects(each) === undefined);
  if (mode !== 'indexed') return spread(shape, usable, missing, replicas, ownOn);
  return spread(shape, usable, 1, 1, ownOn).map((part) => ({ ...part, replicas: missing }));
}

/** All verdicts in order of cluster; if they are too many, the chosen ones and refusals before the others. */
function verdictsOf(
  view: ShapeView,
  chosen: ReadonlySet<Candidate>,
  objects: Objections,
  most: number,
): ClusterVerdict[] {
  const named = view.candidates.length <= most ? view.candidates : mostTelling(view, chosen, most);
  if (objects === noObjections) return named.map(({ verdict }) => verdict);
  return named.map((candidate) => {
    const objection = objects(candidate);
    if (objection === undefined) return candidate.verdict;
    return { cluster: candidate.cluster.record.name, ...objection };
  });
}

function mostTelling({ candidates, fits }: ShapeView, chosen: ReadonlySet<Candidate>, most: number): Candidate[] {
  const named = [...chosen];
  for (const isRefused of [true, false]) {
    for (let index = 0; index < fits.length; index++) {
      if (named.length >= most) return named.slice(0, most);
      if ((fits[index] === 0) !== isRefused) continue;
      const candidate = candidates[index];
      if (candidate !== undefined && !chosen.has(candidate)) named.push(candidate);
    }
  }
  return named;
}
