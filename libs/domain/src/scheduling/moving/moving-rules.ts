/** What users can say about moves, as the scheduler reads it, and what holds where they say nothing. */
import {
  type ClusterHealth,
  type FailoverPolicy,
  type MoveTerms,
  type RebalancePolicy,
  type RolloutStrategy,
  rolloutTypes,
} from '@skyflow/contracts';
import { compact, oneOf, text, whole } from '../placement/read-fields.js';
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
/** How long a cluster must be well before replicas go back to it. */
export const DEFAULT_STABILIZATION_SECONDS = 300;

const MODES = ['Automatic', 'Never'] as const;

/** The terms of moves in a placement or policy. Reads leniently: a fold must not throw. */
export function moveTermsIn(value: unknown): MoveTerms | undefined {
  if (!isRecord(value)) return undefined;
  const { failover, failback, rebalance, rollout } = value;
  return compact<MoveTerms>({
    failover: isRecord(failover)
      ? compact<FailoverPolicy>({
          mode: oneOf(failover.mode, MODES),
          graceSeconds: whole(failover.graceSeconds, 0),
        })
      : undefined,
    failback: isRecord(failback)
      ? compact<NonNullable<MoveTerms['failback']>>({
          mode: oneOf(failback.mode, MODES),
          stabilizationSeconds: whole(failback.stabilizationSeconds, 0),
        })
      : undefined,
    // Nothing else need be said: all has a default.
    rebalance: isRecord(rebalance)
      ? (compact<RebalancePolicy>({
          mode: oneOf(rebalance.mode, MODES),
          intervalSeconds: whole(rebalance.intervalSeconds, 1),
          maxReplicas: whole(rebalance.maxReplicas, 1),
          minImprovement: whole(rebalance.minImprovement, 1),
        }) ?? {})
      : undefined,
    rollout: isRecord(rollout) ? rolloutIn(rollout) : undefined,
  });
}

function rolloutIn(value: Record<string, unknown>): RolloutStrategy | undefined {
  return compact<RolloutStrategy>({
    type: oneOf(value.type, rolloutTypes),
    maxConcurrency: whole(value.maxConcurrency, 1),
    groupBy: text(value.groupBy),
    minReadySeconds: whole(value.minReadySeconds, 0),
    progressDeadlineSeconds: whole(value.progressDeadlineSeconds, 1),
    maxFailures: whole(value.maxFailures, 0),
    onFailure: oneOf(value.onFailure, ['Rollback', 'Pause'] as const),
    paused: value.paused === true ? true : undefined,
  });
}

/** What is said of moves, as a workload's record has it. */
interface Said {
  moves: { terms?: MoveTerms } | undefined;
  shape: { policies?: readonly { terms: MoveTerms }[] };
}

/** What a workload says, or else the first of its policies that says something. */
export function moveTerm<K extends keyof MoveTerms>({ moves, shape }: Said, term: K): MoveTerms[K] | undefined {
  return moves?.terms?.[term] ?? shape.policies?.find(({ terms }) => terms[term] !== undefined)?.terms[term];
}

/** How a change of the workload goes over its clusters: a strategy without a type only changes what the policies say. */
export function rolloutStrategyOf({ moves, shape }: Said): RolloutStrategy | undefined {
  const own = moves?.terms?.rollout;
  if (own?.type !== undefined) return own;
  const general = moveTerm({ moves: undefined, shape }, 'rollout');
  return own === undefined ? general : { ...general, ...own };
}

/** How long a cluster may be away before replicas with this policy are started elsewhere; undefined: for ever. */
export function failoverGraceMs(failover: FailoverPolicy | undefined, health: ClusterHealth): number | undefined {
  if (failover?.mode === 'Never') return undefined;
  const fallback = health === 'LOST' ? DEFAULT_LOST_SECONDS : DEFAULT_UNREACHABLE_SECONDS;
  return 1_000 * (failover?.graceSeconds ?? fallback);
}
