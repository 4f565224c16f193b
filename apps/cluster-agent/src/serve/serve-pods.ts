/**
 * Answers `pods`: native pods of SkyFlow's workloads on this cluster, from the cache, with when it was last known good. While the
 * cluster cannot be reached they are Unknown since then, whatever they were.
 */
import { podsRequestSchema, type PodsReply } from '@skyflow/contracts';
import { AgentLinkError, type StreamHandler } from '@skyflow/agent-link';
import { isManaged } from '@skyflow/domain';
import type { KeptPod } from '../cluster/kept-objects.js';
import type { ServedCluster } from './pod-of-ours.js';

export interface ServePodsOptions extends ServedCluster {
  /** When the cluster's API was last known to be reachable, ms since the epoch. */
  knownGoodAt: () => number;
}

export function podsHandler({ cluster, session, knownGoodAt, unreachable }: ServePodsOptions): StreamHandler {
  return (request) => {
    const { namespace, uid } = parse(request);
    const current = session();
    if (current?.pods.hasSynced !== true) {
      throw new AgentLinkError('503', `the agent of cluster ${cluster} has not read the cluster's pods yet; try again`);
    }
    const candidates = uid === undefined ? current.pods.store.values() : current.podsOf(uid);
    const pods: KeptPod[] = [];
    for (const pod of candidates) {
      if (isManaged(pod) && (namespace === undefined || pod.metadata.namespace === namespace)) pods.push(pod);
    }
    const asOf = knownGoodAt();
    const why = unreachable();
    const lost = why === undefined ? undefined : lostStatus(cluster, asOf, why);
    const reply: PodsReply = { cluster, asOf, pods: pods.map((pod) => nativeOf(pod, lost)) };
    return Promise.resolve(oneChunk(Buffer.from(JSON.stringify(reply))));
  };
}

const nativeOf = (
  { metadata, spec, status }: KeptPod & { spec?: unknown },
  lost: Record<string, unknown> | undefined,
): Record<string, unknown> => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { ...status, ...lost } });

/** What takes the place of a state that nobody can see now. */
const lostStatus = (cluster: string, sinceMs: number, why: string): Record<string, unknown> => ({
  phase: 'Unknown',
  reason: 'ClusterUnreachable',
  message: `cluster ${cluster} cannot be reached since ${sinceOf(sinceMs)}: ${why}`,
  conditions: [],
  containerStatuses: [],
});

/** 0: it was never reached. */
const sinceOf = (ms: number): string =>
  ms === 0 ? 'the agent started' : new Date(ms).toISOString().replace(/\.\d+/, '');

function parse(request: unknown): { namespace?: string | undefined; uid?: string | undefined } {
  const parsed = podsRequestSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new AgentLinkError('400', `not a request for pods: ${parsed.error.issues[0]?.message ?? 'unknown shape'}`);
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
