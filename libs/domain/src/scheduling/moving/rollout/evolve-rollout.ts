/** Rollouts, folded: which clusters have the new version, and that one is over. */
import type { EntryData, Position, StoredObject } from '@skyflow/contracts';
import { refresh } from '../../membership.js';
import type { Origin, SchedulingState, WorkloadMoves, WorkloadRecord } from '../../state.js';
import { moveTerm } from '../moving-rules.js';
import { isReleased, isStepwise, rolloutAfterEdit, templateOf, type Rollout } from './rollout.js';

export function rolloutAdvanced(
  state: SchedulingState,
  { epoch, ref, generation, state: next, released }: EntryData<'RolloutAdvanced'>,
  at: Position,
  origin: Origin,
): void {
  const workload = state.workloads.get(ref.uid);
  const before = workload?.moves?.rollout;
  if (epoch < state.epoch || workload === undefined || before === undefined || workload.generation !== generation)
    return;
  const rollout: Rollout | undefined =
    next === 'Complete' ? undefined : { from: before.from, state: next, released, announced: true };
  for (const share of workload.shares) {
    if (isReleased(before, share.cluster) !== isReleased(rollout, share.cluster)) share.decision = at;
  }
  workload.moves = withRollout(workload.moves, rollout);
  workload.heldObject = undefined;
  workload.origin ??= origin;
  refresh(state, workload);
}

/** A workload was written: a rollout begins, goes on, or is not needed (any more). */
export function rolloutStored(
  workload: WorkloadRecord,
  object: StoredObject,
  before: { generation: number; objectAt: Position; moves: WorkloadMoves | undefined } | undefined,
): void {
  workload.heldObject = undefined;
  if (workload.mode !== 'service' || !isStepwise(moveTerm(workload, 'rollout'))) return;
  const template = templateOf(object);
  const rollout =
    before &&
    rolloutAfterEdit(
      {
        version: { generation: before.generation, position: before.objectAt },
        template: before.moves?.template,
        rollout: before.moves?.rollout,
      },
      template,
      workload.shares.some((share) => share.work === 'assigned'),
    );
  workload.moves = withRollout({ ...workload.moves, template }, rollout);
}

const withRollout = (moves: WorkloadMoves | undefined, rollout: Rollout | undefined): WorkloadMoves => {
  const { rollout: _before, ...rest } = moves ?? {};
  return { ...rest, ...(rollout !== undefined && { rollout }) };
};
