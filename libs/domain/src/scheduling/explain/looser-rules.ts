/** What of a workload's rules on itself as a whole would have to be looser for a cluster with room to take a replica. */
import type { ClusterVerdict } from '@skyflow/contracts';
import { type Admission, decideWorkload } from '../decide-workload.js';
import { type ShapeView, viewOf } from '../pipeline/shape-view.js';
import type { PlacementRules } from '../placement/rules.js';
import { Reason } from '../reasons.js';
import { type RoundTable, roundTable } from '../round-table.js';
import type { Shape } from '../shape.js';
import { type SchedulingState, type WorkloadRecord, shareOn } from '../state.js';
import { type Relaxation, relaxationsOf } from './relaxations.js';

/** Whom the change is for: a cluster as it is, or as it would be if it had room for one replica more and no filter against it. */
export interface LetIn {
  cluster: string;
  withRoom: boolean;
  admission: Admission | undefined;
}

/**
 * The first step that is enough; if none is alone, two together. Undefined: no rule of its own is in the way, or it takes more than that.
 * Decides with each, on tables of their own: nothing is changed.
 */
export function looserRules(state: SchedulingState, workload: WorkloadRecord, into: LetIn): string[] | undefined {
  const { rules } = workload.shape;
  if (rules === undefined) return undefined;
  const helps = (relaxed: Relaxation): boolean => decideWith(state, workload, relaxed.rules, into).isIn;
  const steps = relaxationsOf(rules, into.cluster);
  const one = steps.find(helps);
  if (one !== undefined) return [one.text];
  for (const first of steps) {
    const second = relaxationsOf(first.rules, into.cluster).find(helps);
    if (second !== undefined) return [first.text, second.text];
  }
  return undefined;
}

/** What has to change beside the room of a cluster, or the filters against it; nothing: that alone is enough. */
export function besideRoom(
  state: SchedulingState,
  workload: WorkloadRecord,
  cluster: string,
  admission: Admission | undefined,
): string[] {
  const into: LetIn = { cluster, withRoom: true, admission };
  const { isIn, verdict } = decideWith(state, workload, workload.shape.rules, into);
  if (isIn || verdict?.plugin === undefined) return [];
  const otherwise = verdict.message === undefined ? [] : [`without this: ${verdict.message}`];
  return looserRules(state, workload, into) ?? wayAround(verdict.reason, verdict.message) ?? otherwise;
}

/** Whether the cluster would get a replica more with other rules, and what would be said of it. */
function decideWith(
  state: SchedulingState,
  workload: WorkloadRecord,
  rules: PlacementRules | undefined,
  { cluster, withRoom, admission }: LetIn,
): { isIn: boolean; verdict: ClusterVerdict | undefined } {
  const shape: Shape = { ...workload.shape, rules };
  const table = roundTable(state);
  const views = new Map<Shape, ShapeView>();
  if (withRoom) views.set(shape, viewWithRoom(state, shape, table, cluster));
  const round = { state, epoch: state.epoch, verdicts: state.clusters.size, table, views };
  const { placements, verdicts, unplaced } = decideWorkload(round, { ...workload, shape }, admission);
  const verdict = verdicts.find((each) => each.cluster === cluster);
  const has = shareOn(workload, cluster)?.replicas ?? 0;
  const gets = placements.find((placement) => placement.cluster === cluster)?.replicas ?? 0;
  // Else another cluster is better for it, but nothing is against this one any more.
  const isIn = gets > has || (verdict?.plugin === undefined && unplaced < (workload.decision?.unplaced ?? 0));
  return { isIn, verdict };
}

function viewWithRoom(state: SchedulingState, shape: Shape, table: RoundTable, cluster: string): ShapeView {
  const view = viewOf(shape, table, state.columns.byName.get('pods') ?? 0);
  const index = view.candidates.findIndex((each) => each.cluster.record.name === cluster);
  const candidate = view.candidates[index];
  if (candidate === undefined) return view;
  candidate.refusal = undefined;
  candidate.fits = Math.max(candidate.fits, 1);
  view.fits[index] = candidate.fits;
  return view;
}

/** What is to be done about a refusal that is not the workload's own rules; undefined: nothing can be said. */
export function wayAround(reason: string | undefined, message = ''): string[] | undefined {
  switch (reason) {
    case Reason.WORKLOAD_ANTI_AFFINITY:
      return [`without this: ${message}`];
    case Reason.TOO_DEAR_YET:
      return ['a cluster without a price that has room, or a shorter spec.waiting'];
    case Reason.COMPLETIONS_FIXED:
    case Reason.FINISHED_THERE:
      return ['nothing helps: its completions are divided already'];
    default:
      return undefined;
  }
}
