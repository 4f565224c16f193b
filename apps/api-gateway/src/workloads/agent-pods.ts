/** Pods of a workload, asked from the agents of its clusters, each answer with its age. */
import { type PodsRequest, agentRequestSubject, podsReplySchema } from '@skyflow/contracts';
import { askAgent } from '@skyflow/agent-link';
import type { NatsConnection } from '@nats-io/transport-node';

/** A core/v1 Pod, as far as it is read here. */
export interface NativePod {
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  spec?: { containers?: { name: string }[]; initContainers?: { name: string }[]; [field: string]: unknown };
  status?: { phase?: string; [field: string]: unknown };
  [field: string]: unknown;
}

export type ClusterPods =
  { cluster: string; asOfMs: number; pods: NativePod[] } | { cluster: string; pods: NativePod[]; error: Error };

/** An agent that is alive answers from its cache, in milliseconds. */
export const ANSWER_WITHIN_MS = 5_000;

/** One result per cluster, in their order; a cluster that does not answer has an error instead of pods. */
export function podsByCluster(
  nats: NatsConnection,
  clusters: readonly string[],
  request: PodsRequest,
  signal: AbortSignal,
): Promise<ClusterPods[]> {
  return Promise.all(clusters.map((cluster) => podsOf(nats, cluster, request, signal)));
}

async function podsOf(
  nats: NatsConnection,
  cluster: string,
  request: PodsRequest,
  signal: AbortSignal,
): Promise<ClusterPods> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const answer = await askAgent(nats, agentRequestSubject(cluster, 'pods'), request, { signal: limited });
    const { asOf, pods } = podsReplySchema.parse(answer);
    return { cluster, asOfMs: asOf, pods: pods as unknown as NativePod[] };
  } catch (error) {
    signal.throwIfAborted();
    return { cluster, pods: [], error: asError(error, cluster) };
  }
}

/** Why an agent did not answer a question, in words. */
export function asError(error: unknown, cluster: string): Error {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new Error(`the agent of cluster ${cluster} did not answer within ${String(ANSWER_WITHIN_MS)} ms; try again`);
  }
  return error instanceof Error ? error : new Error(String(error));
}
