/** What to say of replicas that wait: one reason, and a message with the numbers of the clusters that came closest. */
import { humanAmount } from '../resources/format.js';
import { largest } from './pipeline/node-fit.js';
import type { Candidate } from './pipeline/shape-view.js';
import { Reason } from './reasons.js';
import { countFitsWhenEmpty } from './room.js';
import { type Shape, maskOf } from './shape.js';
import type { RoundCluster } from './round-table.js';
import type { WorkloadRecord } from './state.js';
import type { Refusal } from './pipeline/plugin.js';

/** Clusters named in a message; the verdicts have all of them. */
const NAMED_CLUSTERS = 3;

/** From what says least about the workload to what says most: the reason given is the last that any cluster has. */
const BY_RELEVANCE: readonly string[] = [
  Reason.POLICY_NOT_FOUND,
  Reason.NOT_IN_PLACEMENT,
  Reason.EXCLUDED,
  Reason.LABELS_DO_NOT_MATCH,
  Reason.FIELDS_DO_NOT_MATCH,
  Reason.AFFINITY_DOES_NOT_MATCH,
  Reason.NO_TOPOLOGY,
  Reason.TAINT_NOT_TOLERATED,
  Reason.NO_WEIGHT,
  Reason.OTHER_GROUP,
  Reason.FINISHED_THERE,
  Reason.COMPLETIONS_FIXED,
  Reason.CHEAPER_ELSEWHERE,
  Reason.CLUSTER_DELETING,
  Reason.CLUSTER_NOT_READY,
  Reason.CLUSTER_UNSCHEDULABLE,
  Reason.EVICTED,
  Reason.NO_USABLE_NODE,
  Reason.NO_NODE_MATCHES,
  Reason.INSUFFICIENT_RESOURCES,
  Reason.WORKLOAD_AFFINITY,
  Reason.WORKLOAD_ANTI_AFFINITY,
  Reason.SPREAD_LIMIT,
  Reason.GANG_DOES_NOT_FIT,
  Reason.TOO_DEAR_YET,
];

/** The cluster is not one that the workload's rules allow. */
const RULED_OUT: ReadonlySet<string> = new Set([
  Reason.NOT_IN_PLACEMENT,
  Reason.EXCLUDED,
  Reason.LABELS_DO_NOT_MATCH,
  Reason.FIELDS_DO_NOT_MATCH,
  Reason.AFFINITY_DOES_NOT_MATCH,
  Reason.NO_TOPOLOGY,
  Reason.NO_WEIGHT,
]);

/**
 * Why replicas wait.
 * @param judged candidates after everything was reserved, with what the workload itself has against them.
 */
export function shortageOf(
  workload: WorkloadRecord,
  judged: readonly { candidate: Candidate; objection: Refusal | undefined }[],
): Refusal {
  const { shape } = workload;
  if (shape.problem !== undefined) return { reason: Reason.INVALID_REQUESTS, message: shape.problem };
  if (judged.length === 0) {
    return { reason: Reason.NO_CLUSTERS, message: 'no cluster is registered; register one first' };
  }
  const refusals = judged
    .map(({ candidate, objection }) => ({
      cluster: candidate.cluster.record.name,
      ...(objection ?? refusalBy(candidate)),
    }))
    .sort(
      (a, b) => BY_RELEVANCE.indexOf(b.reason) - BY_RELEVANCE.indexOf(a.reason) || (a.cluster < b.cluster ? -1 : 1),
    );
  const named = refusals.slice(0, NAMED_CLUSTERS).map(({ cluster, message }) => `${cluster}: ${message}`);
  const more = refusals.length > NAMED_CLUSTERS ? [`and ${refusals.length - NAMED_CLUSTERS} more clusters`] : [];
  const clusters = [...named, ...more].join('; ');
  const never = neverFits(
    shape,
    judged.map(({ candidate }) => candidate.cluster),
  );
  return {
    reason: workloadReason(refusals[0]?.reason),
    message: never === undefined ? clusters : `${never} (${clusters})`,
  };
}

/** The fit filter's or cluster filter's verdict; a candidate that still has room is too small for all replicas together. */
function refusalBy({ verdict, fits }: Candidate): Refusal {
  return verdict.reason === undefined
    ? { reason: Reason.INSUFFICIENT_RESOURCES, message: `all replicas must be on one cluster, only ${fits} fit` }
    : { reason: verdict.reason as Reason, message: verdict.message ?? verdict.reason };
}

const workloadReason = (reason: Reason | undefined): Reason =>
  reason !== undefined && RULED_OUT.has(reason) ? Reason.NO_CLUSTER_MATCHES : (reason ?? Reason.INSUFFICIENT_RESOURCES);

/** Says so when one replica is larger than every node known, empty ones too. */
function neverFits(shape: Shape, clusters: readonly RoundCluster[]): string | undefined {
  const layouts = clusters.map(({ room }) => room.layout).filter(({ nodes }) => nodes.length > 0);
  if (layouts.length === 0) return undefined;
  if (layouts.some((layout) => countFitsWhenEmpty(layout, shape.request, maskOf(shape, layout)) > 0)) return undefined;
  const sizes = Object.keys(shape.requests).flatMap((resource, index) => {
    const column = shape.request.columns[index] ?? 0;
    const sizesOf = layouts.map(({ allocatable, stride }) => largest(allocatable, stride, column, undefined));
    return resource === 'pods' ? [] : [`${humanAmount(resource, Math.max(...sizesOf))} ${resource}`];
  });
  return `would fit on no node of any cluster even when empty; the largest is ${sizes.join(', ')}`;
}
