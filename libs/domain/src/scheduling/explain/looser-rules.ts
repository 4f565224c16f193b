/** What of a workload's rules on itself as a whole would have to be looser for a cluster with room to take a replica. */
import { type Admission, decideWorkload } from '../decide-workload.js';
import { Reason } from '../reasons.js';
import { roundTable } from '../round-table.js';
import { type SchedulingState, type WorkloadRecord, shareOn } from '../state.js';
import { type Relaxation, relaxationsOf } from './relaxations.js';

/**
 * The first step that is enough; if none is alone, two together. Undefined: no rule of its own is in the way, or it takes more than that.
 * Decides with each, on tables of their own: nothing is changed.
 */
export function looserRules(
  state: SchedulingState,
  workload: WorkloadRecord,
  cluster: string,
  admission: Admission | undefined,
): string[] | undefined {
  const { rules } = workload.shape;
  if (rules === undefined) return undefined;
  const helps = (relaxed: Relaxation): boolean => letsIn(state, workload, cluster, relaxed, admission);
  const steps = relaxationsOf(rules, cluster);
  const one = steps.find(helps);
  if (one !== undefined) return [one.text];
  for (const first of steps) {
    const second = relaxationsOf(first.rules, cluster).find(helps);
    if (second !== undefined) return [first.text, second.text];
  }
  return undefined;
}

function letsIn(
  state: SchedulingState,
  workload: WorkloadRecord,
  cluster: string,
  { rules }: Relaxation,
  admission: Admission | undefined,
): boolean {
  const relaxed: WorkloadRecord = { ...workload, shape: { ...workload.shape, rules } };
  const round = {
    state,
    epoch: state.epoch,
    verdicts: state.clusters.size,
    table: roundTable(state),
    views: new Map(),
  };
  const { placements, verdicts, unplaced } = decideWorkload(round, relaxed, admission);
  const has = shareOn(workload, cluster)?.replicas ?? 0;
  if ((placements.find((placement) => placement.cluster === cluster)?.replicas ?? 0) > has) return true;
  // Another cluster is better for it, but nothing is against this one any more.
  const verdict = verdicts.find((each) => each.cluster === cluster);
  return verdict?.plugin === undefined && unplaced < (workload.decision?.unplaced ?? 0);
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
