/** Why the replicas of a workload have to leave a cluster now, if they have to. */
import type { EvictionCause } from '@skyflow/contracts';
import { notToleratedFromMs, taintText } from '../placement/taints.js';
import { type ClusterRecord, type WorkloadRecord, isDuplicated } from '../state.js';
import { DEFAULT_DRAIN_SECONDS, failoverGraceMs, moveTerm } from './moving-rules.js';

/** Time that replacements have to become ready, however late it is decided. */
const LEAST_STAY_MS = 30_000;

export interface ReasonToLeave {
  cause: EvictionCause;
  message: string;
  /** Until when what leaves may stay for its replacement; undefined: it goes at once. */
  until: number | undefined;
  /** It leaves although there is no room elsewhere. */
  anyway: boolean;
}

/** Whether anything on the cluster may have to leave: cheap, as it is asked of every cluster all the time. */
export const mayHaveToLeave = (cluster: ClusterRecord): boolean =>
  cluster.drain !== undefined || isAway(cluster) || cluster.taints.some(({ effect }) => effect === 'NoExecute');

export function reasonToLeave(
  cluster: ClusterRecord,
  workload: WorkloadRecord,
  nowMs: number,
): ReasonToLeave | undefined {
  if (isAway(cluster)) return afterLoss(cluster, workload, nowMs);
  return byDrain(cluster, workload, nowMs) ?? byTaint(cluster, workload, nowMs);
}

const isAway = ({ health }: ClusterRecord): boolean => health.state === 'LOST' || health.state === 'UNREACHABLE';

/** Copies on every cluster have nowhere to go: the others have theirs. */
function afterLoss(
  { name, health }: ClusterRecord,
  workload: WorkloadRecord,
  nowMs: number,
): ReasonToLeave | undefined {
  const graceMs = failoverGraceMs(moveTerm(workload, 'failover'), health.state);
  if (graceMs === undefined || nowMs < health.sinceMs + graceMs || isDuplicated(workload)) return undefined;
  const message = `${name} is ${health.state} for longer than its replicas may wait`;
  return { cause: 'ClusterLost', message, until: undefined, anyway: false };
}

function byDrain({ name, drain }: ClusterRecord, { mode }: WorkloadRecord, nowMs: number): ReasonToLeave | undefined {
  if (drain === undefined) return undefined;
  const endMs = drain.sinceMs + drain.graceMs;
  if (nowMs >= endMs) {
    const message = `the time that the drain of ${name} gives is over`;
    return { cause: 'Drained', message, until: undefined, anyway: true };
  }
  if (mode !== 'service') return undefined;
  const until = Math.max(endMs, nowMs + LEAST_STAY_MS);
  return { cause: 'Drained', message: `${name} is being drained`, until, anyway: false };
}

/** `tolerationSeconds` is all the time that a job which runs to completion gets; services stay for their replacement. */
function byTaint({ name, taints }: ClusterRecord, workload: WorkloadRecord, nowMs: number): ReasonToLeave | undefined {
  const fromMs = notToleratedFromMs(taints, workload.shape.rules?.tolerations ?? []);
  if (fromMs === undefined || nowMs < fromMs) return undefined;
  const named = taints.filter(({ effect }) => effect === 'NoExecute').map(taintText);
  const message = `${name} has a taint that is not tolerated (any longer): ${named.join(', ')}`;
  const endMs = fromMs + 1_000 * DEFAULT_DRAIN_SECONDS;
  if (workload.mode !== 'service' || nowMs >= endMs) {
    return { cause: 'Tainted', message, until: undefined, anyway: true };
  }
  return { cause: 'Tainted', message, until: Math.max(endMs, nowMs + LEAST_STAY_MS), anyway: false };
}
