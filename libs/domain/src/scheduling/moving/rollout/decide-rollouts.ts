/**
 * The next step of every rollout. All: every cluster at once. Progressive: a few clusters at a time, in order of name. ProgressivePerGroup:
 * one group of clusters after the other. A cluster is done when all its replicas of the new version have been ready for minReadySeconds; it has failed when it says so,
 * or has not got there in progressDeadlineSeconds. More failures than maxFailures end the rollout: it is rolled back, or stops. Pure: the
 * wall clock comes in and is recorded.
 */
import type { EntryData, RolloutStrategy } from '@skyflow/contracts';
import type { Draft } from '../../draft.js';
import { groupOf } from '../../placement/topology.js';
import {
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  inQueueOrderOf,
  isWanted,
  shareOn,
  wantedReplicas,
} from '../../state.js';
import { rolloutStrategyOf } from '../moving-rules.js';
import { type ReleasedCluster, type Rollout } from './rollout.js';

export const DEFAULT_PROGRESS_SECONDS = 600;

type Step = Pick<EntryData<'RolloutAdvanced'>, 'state' | 'message' | 'released'>;

/** RolloutAdvanced for every workload whose rollout goes on, in queue order. */
export function decideRollouts(
  state: SchedulingState,
  { epoch, nowMs }: { epoch: number; nowMs: number },
): Draft<'RolloutAdvanced'>[] {
  return inQueueOrderOf(state, state.rollouts).flatMap((workload): Draft<'RolloutAdvanced'>[] => {
    const rollout = workload.moves?.rollout;
    // What is decided on anew first gets its placement.
    if (rollout === undefined || state.undecided.has(workload.ref.uid)) return [];
    const step = nextStep(state, workload, rollout, nowMs);
    if (step === undefined) return [];
    const { ref, generation } = workload;
    const data = { epoch, ref, generation, from: rollout.from.generation, now: nowMs, ...step };
    return [{ type: 'RolloutAdvanced', data, origin: workload.origin }];
  });
}

function nextStep(state: SchedulingState, workload: WorkloadRecord, rollout: Rollout, nowMs: number): Step | undefined {
  const strategy = rolloutStrategyOf(workload);
  const shares = workload.shares.filter((share) => isWanted(state, workload, share));
  const released = rollout.released
    .filter(({ cluster }) => shares.some((share) => share.cluster === cluster))
    .map((each) => (rollout.state === 'Progressing' ? judged(workload, each, strategy, nowMs) : each));
  const isOver = rollout.state === 'RolledBack' || hasFailed(released, strategy, shares.length);
  if (isOver) return ended(workload, rollout, strategy, released);
  const missing = shares.filter(({ cluster }) => !released.some((each) => each.cluster === cluster));
  const isOut = !released.some((each) => each.state === 'Updating') || strategy === undefined;
  const failed = named(released, 'Failed');
  if (missing.length === 0 && isOut) {
    const but =
      failed.length > 0
        ? ` but ${failed.join(', ')}, which failed; maxFailures is ${String(strategy?.maxFailures ?? 0)}`
        : '';
    return { state: 'Complete', message: `all clusters run generation ${workload.generation}${but}`, released };
  }
  const next = strategy?.paused === true ? [] : nextClusters(state, strategy, missing, released);
  const after = [...released, ...next.map((cluster) => ({ cluster, state: 'Updating' as const, sinceMs: nowMs }))];
  // The first step is said even if it is a pause, and after each edit: from then on readers know what they see.
  if (JSON.stringify(after) === JSON.stringify(rollout.released) && rollout.announced === true) return undefined;
  const done = named(after, 'Ready').length;
  const pause = strategy?.paused === true ? ', paused' : '';
  const message = `${done} of ${shares.length} clusters run generation ${workload.generation}${pause}`;
  return { state: 'Progressing', message, released: after };
}

const named = (released: readonly ReleasedCluster[], state: ReleasedCluster['state']): string[] =>
  released.filter((each) => each.state === state).map(({ cluster }) => cluster);

/** Where it failed on every cluster nothing is left that tolerating a failure is for. */
function hasFailed(
  released: readonly ReleasedCluster[],
  strategy: RolloutStrategy | undefined,
  clusters: number,
): boolean {
  const failed = named(released, 'Failed').length;
  return strategy !== undefined && failed > 0 && (failed > (strategy.maxFailures ?? 0) || failed === clusters);
}

/** What is over stays so until the template is changed, and is said again after each other edit. */
function ended(
  { generation }: WorkloadRecord,
  rollout: Rollout,
  strategy: RolloutStrategy | undefined,
  released: ReleasedCluster[],
): Step | undefined {
  if (rollout.state !== 'Progressing' && rollout.announced === true) return undefined;
  const failed = named(released, 'Failed').join(', ');
  const message = `${failed === '' ? 'clusters' : failed} did not get ready with generation ${generation}`;
  return rollout.state === 'RolledBack' || (rollout.state === 'Progressing' && strategy?.onFailure !== 'Pause')
    ? { state: 'RolledBack', message: `${message}; all clusters run generation ${rollout.from.generation}`, released }
    : { state: 'Stopped', message: `${message}; the other clusters keep what they have`, released };
}

function judged(
  workload: WorkloadRecord,
  released: ReleasedCluster,
  strategy: RolloutStrategy | undefined,
  nowMs: number,
): ReleasedCluster {
  const { cluster, sinceMs } = released;
  const share = shareOn(workload, cluster);
  if (released.state !== 'Updating' || share === undefined) return released;
  if (isCurrent(workload, share)) {
    const readyMs = released.readyMs ?? nowMs;
    const isDone = nowMs - readyMs >= 1_000 * (strategy?.minReadySeconds ?? 0);
    return { cluster, state: isDone ? 'Ready' : 'Updating', sinceMs, readyMs };
  }
  const isLate =
    strategy?.paused !== true &&
    nowMs - sinceMs >= 1_000 * (strategy?.progressDeadlineSeconds ?? DEFAULT_PROGRESS_SECONDS);
  const saysSo = share.reported?.failed === true && share.reported.generation >= workload.generation;
  return { cluster, state: isLate || saysSo ? 'Failed' : 'Updating', sinceMs };
}

/** One that surges is ready all the time: it is through when nothing of before is left. */
const isCurrent = ({ generation }: WorkloadRecord, share: Share): boolean => {
  const { reported, ready } = share;
  if (reported === undefined || reported.generation < generation || reported.failed) return false;
  return (reported.outdated ?? 0) === 0 && ready >= wantedReplicas(share);
};

function nextClusters(
  { clusters }: SchedulingState,
  strategy: RolloutStrategy | undefined,
  missing: readonly Share[],
  released: readonly ReleasedCluster[],
): string[] {
  const updating = released.filter((each) => each.state === 'Updating').map(({ cluster }) => cluster);
  const names = missing.map(({ cluster }) => cluster).sort();
  const most = (usual: number): number => Math.max(0, (strategy?.maxConcurrency ?? usual) - updating.length);
  if (strategy?.type === 'Progressive') return names.slice(0, most(1));
  if (strategy?.type !== 'ProgressivePerGroup') return names;
  const key = strategy.groupBy ?? 'region';
  const group = (name: string): string => {
    const cluster = clusters.get(name);
    return (cluster && groupOf(cluster, key)) ?? '';
  };
  const open = [...updating, ...names].map(group).sort()[0];
  return names.filter((name) => group(name) === open).slice(0, most(Number.POSITIVE_INFINITY));
}
