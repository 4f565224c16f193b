/** What users can say about moves, as the scheduler reads it, and what holds where they say nothing. */
import type { ClusterHealth, FailoverPolicy } from '@skyflow/contracts';
import { isRecord } from '../pod-spec.js';

/** Grace time of the replicas of a LOST cluster. */
export const DEFAULT_LOST_SECONDS = 30;
/**
 * Grace time where only the API of a cluster does not answer: its pods most likely run on, so more patience than with one that is
 * not heard of at all. Kubernetes' own default for pods on nodes that it cannot reach.
 */
export const DEFAULT_UNREACHABLE_SECONDS = 300;
/** How long a drain waits for replacements, and for jobs to run to their end. */
export const DEFAULT_DRAIN_SECONDS = 600;

/** `spec.placement.failover` of a stored workload. Reads leniently: a fold must not throw. */
export function failoverOf(spec: Record<string, unknown>): FailoverPolicy | undefined {
  const failover = isRecord(spec.placement) ? spec.placement.failover : undefined;
  if (!isRecord(failover)) return undefined;
  const { mode, graceSeconds } = failover;
  return {
    ...((mode === 'Automatic' || mode === 'Never') && { mode }),
    ...(typeof graceSeconds === 'number' && graceSeconds >= 0 && { graceSeconds }),
  };
}

/** How long a cluster may be away before replicas with this policy are started elsewhere; undefined: for ever. */
export function failoverGraceMs(failover: FailoverPolicy | undefined, health: ClusterHealth): number | undefined {
  if (failover?.mode === 'Never') return undefined;
  const fallback = health === 'LOST' ? DEFAULT_LOST_SECONDS : DEFAULT_UNREACHABLE_SECONDS;
  return 1_000 * (failover?.graceSeconds ?? fallback);
}
