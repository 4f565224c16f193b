/** Answers `events`: native Events about what SkyFlow made in this cluster, with when the cluster was last known good. */
import { eventsRequestSchema, type EventsReply } from '@skyflow/contracts';
import { AgentLinkError, type StreamHandler } from '@skyflow/agent-link';
import type { ClusterSession } from '../cluster/cluster-session.js';
import { EventFeed } from './event-feed.js';
import { asLinkError, sessionOf } from './pod-of-ours.js';

export interface ServeEventsOptions {
  cluster: string;
  session: () => ClusterSession | undefined;
  knownGoodAt: () => number;
  stopping: AbortSignal;
}

/** A cluster that does not give its events in this time is told as one that cannot be reached. */
const LIST_WITHIN_MS = 4_000;

export function eventsHandler({ cluster, session, knownGoodAt, stopping }: ServeEventsOptions): StreamHandler {
  const feed = new EventFeed(stopping);
  return async (request, signal) => {
    const parsed = eventsRequestSchema.safeParse(request);
    if (!parsed.success) throw new AgentLinkError('400', `not a request for events: ${parsed.error.message}`);
    const { namespace, uid } = parsed.data;
    // What was read before is told also while the cluster is away.
    const current = sessionOf({ cluster, session, unreachable: () => undefined });
    const late = AbortSignal.timeout(LIST_WITHIN_MS);
    const events = await feed.read(current, AbortSignal.any([signal, late])).catch((error: unknown) => {
      if (late.aborted && !signal.aborted)
        throw new AgentLinkError('503', `cluster ${cluster} does not give its events`);
      throw asLinkError(cluster, error);
    });
    const wanted = events.filter(
      ({ metadata, workload }) =>
        (namespace === undefined || metadata.namespace === namespace) && (uid === undefined || workload === uid),
    );
    const reply: EventsReply = { cluster, asOf: knownGoodAt(), events: wanted };
    return oneChunk(Buffer.from(JSON.stringify(reply)));
  };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
