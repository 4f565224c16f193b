/** Answers `pods`: native pods of SkyFlow's workloads on this cluster, from the cache, with when it was last known good. */
import { podsRequestSchema, type PodsReply } from '@skyflow/contracts';
import { AgentLinkError, type StreamHandler } from '@skyflow/agent-link';
import { isManaged } from '@skyflow/domain';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { KeptPod } from '../cluster/kept-objects.js';

export interface ServePodsOptions {
  cluster: string;
  session: () => ClusterSession | undefined;
  /** When the cluster's API was last known to be reachable, ms since the epoch. */
  knownGoodAt: () => number;
}

export function podsHandler({ cluster, session, knownGoodAt }: ServePodsOptions): StreamHandler {
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
    const reply: PodsReply = { cluster, asOf: knownGoodAt(), pods: pods.map(nativeOf) };
    return Promise.resolve(oneChunk(Buffer.from(JSON.stringify(reply))));
  };
}

const nativeOf = ({ metadata, spec, status }: KeptPod & { spec?: unknown }): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec,
  status,
});

function parse(request: unknown): { namespace?: string | undefined; uid?: string | undefined } {
  const parsed = podsRequestSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new AgentLinkError('400', `not a request for pods: ${parsed.error.issues[0]?.message ?? 'unknown shape'}`);
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
