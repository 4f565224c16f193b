/** Rollouts, folded: which clusters have the new version, and that one is over. */
import type { EntryData, Position, StoredObject } from '@skyflow/contracts';
import { refresh } from '../../membership.js';
import type { Origin, SchedulingState, WorkloadMoves, WorkloadRecord } from '../../state.js';
import { rolloutStrategyOf } from '../moving-rules.js';
import { isReleased, rolloutAfterEdit, templateOf, type Rollout } from './rollout.js';

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
  atMs: number,
  before: { generation: number; objectAt: Position; moves: WorkloadMoves | undefined } | undefined,
): void {
  workload.heldObject = undefined;
  // One that is under way goes on without its strategy, too: everywhere at once then.
  const isTracked = rolloutStrategyOf(workload) !== undefined || before?.moves?.rollout !== undefined;
  if (workload.mode !== 'service' || !isTracked) {
    return;
  }
  const template = templateOf(object);
  const rollout =
    before &&
    rolloutAfterEdit(
      {
        version: { generation: before.generation, position: before.objectAt },
        template: before.moves?.template,
        rollout: before.moves?.rollout,
      },
      { template, runs: workload.shares.some((share) => share.work === 'assigned'), atMs },
    );
  workload.moves = withRollout({ ...workload.moves, template }, rollout);
  const interrupted = before?.moves?.rollout;
  if (interrupted === undefined) return;
  // What has the version that was on its way goes back to the one before, until the next comes to it.
  for (const share of workload.shares) {
    if (isReleased(interrupted, share.cluster) && !isReleased(rollout, share.cluster))
      share.decision = workload.objectAt;
  }
}

const withRollout = (moves: WorkloadMoves | undefined, rollout: Rollout | undefined): WorkloadMoves => {
  const { rollout: _before, ...rest } = moves ?? {};
  return { ...rest, ...(rollout !== undefined && { rollout }) };
};
