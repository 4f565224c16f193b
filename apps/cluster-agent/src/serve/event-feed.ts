/**
 * Native Events about what SkyFlow made in its cluster. They are watched only while somebody asks for them, and of others'
 * events nothing is kept but their names.
 */
import { LABEL_WORKLOAD_UID } from '@skyflow/contracts';
import { keptMetadata, Reflector, resources, withoutManagedFields, type KubeObject } from '@skyflow/kube-client';
import type { ClusterSession } from '../cluster/cluster-session.js';

/** core/v1 Event, as far as it is judged here. */
export interface KeptEvent extends KubeObject {
  involvedObject?: { kind?: string; namespace?: string; name?: string; uid?: string };
  /** uid of the workload that it is about; absent: none of ours. */
  workload?: string;
}

/** Nobody has asked for so long: the watch ends. */
const IDLE_MS = 120_000;

export class EventFeed {
  private running: { session: ClusterSession; events: Reflector<KeptEvent>; stop: AbortController } | undefined;
  private idle: NodeJS.Timeout | undefined;

  /** @param stopping aborts when the agent stops */
  constructor(private readonly stopping: AbortSignal) {}

  /** Ours, as they are now. @throws the signal's reason */
  async read(session: ClusterSession, signal: AbortSignal): Promise<KeptEvent[]> {
    const { events } = this.feedOf(session);
    await events.whenSynced(signal);
    return [...events.store.values()].filter(({ workload }) => workload !== undefined);
  }

  private feedOf(session: ClusterSession): { events: Reflector<KeptEvent> } {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
    if (this.running?.session === session) return this.running;
    this.end();
    const stop = new AbortController();
    const events = new Reflector<KeptEvent>({
      client: session.client,
      resource: resources.events,
      keep: (object) => keepEvent(object, session),
    });
    void events.run(AbortSignal.any([stop.signal, this.stopping]));
    this.running = { session, events, stop };
    return this.running;
  }

  private end(): void {
    this.running?.stop.abort();
    this.running = undefined;
  }
}

function keepEvent(object: KubeObject, session: ClusterSession): KeptEvent {
  const workload = workloadOf((object as KeptEvent).involvedObject ?? {}, session);
  if (workload === undefined) return { metadata: keptMetadata(object.metadata) };
  return { ...object, metadata: withoutManagedFields(object.metadata), workload };
}

/**
 * The workload that an object belongs to. What controllers make carries the name of what it was made for in front of its own;
 * of several workloads that fit the one with the longest name is meant, so that `web-api-x` is not one of `web`.
 */
function workloadOf(
  { namespace = '', name = '' }: NonNullable<KeptEvent['involvedObject']>,
  session: ClusterSession,
): string | undefined {
  const pod = session.pods.store.get(`${namespace}/${name}`);
  const own = pod?.metadata.labels?.[LABEL_WORKLOAD_UID];
  if (own !== undefined) return own;
  for (let end = name.length; end > 0; end = name.lastIndexOf('-', end - 1)) {
    const key = `${namespace}/${name.slice(0, end)}`;
    const found = session.deployments.store.get(key) ?? session.jobs.store.get(key);
    if (found !== undefined) return found.metadata.labels?.[LABEL_WORKLOAD_UID];
  }
  return undefined;
}
