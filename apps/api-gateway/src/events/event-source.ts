/** Events of all clusters and of SkyFlow itself. Those of a cluster that does not answer stay as they were seen last. */
import { askAgent } from '@skyflow/agent-link';
import { agentRequestSubject, eventsReplySchema, type KubeObject } from '@skyflow/contracts';
import type { EventLog } from '@skyflow/event-log';
import type { NatsConnection } from '@nats-io/transport-node';
import { LABEL_CLUSTER } from '../mirrors/mirrored-names.js';
import type { MirrorSource } from '../mirrors/mirror-store.js';
import type { ReadModel } from '../store/read-model.js';
import { ANSWER_WITHIN_MS } from '../workloads/agent-pods.js';
import { mirroredEvent, type NativeEvent, newerEvent, ownEvent } from './event-objects.js';
import { OwnEvents } from './own-events.js';

export interface EventSourceOptions {
  nats: NatsConnection;
  model: ReadModel;
  own: OwnEvents;
  stopping: AbortSignal;
}

export class EventSource implements MirrorSource {
  private readonly seen = new Map<string, KubeObject[]>();

  constructor(private readonly options: EventSourceOptions) {}

  async fetch(): Promise<KubeObject[]> {
    const { model, own } = this.options;
    await model.upToDate();
    const clusters = [...model.state.table.ordered('Cluster')].map(({ name }) => name);
    const [said, ...native] = await Promise.all([own.recent(), ...clusters.map((cluster) => this.ofCluster(cluster))]);
    for (const cluster of this.seen.keys()) if (!clusters.includes(cluster)) this.seen.delete(cluster);
    return [...said.map(ownEvent), ...native.flat()];
  }

  private async ofCluster(cluster: string): Promise<KubeObject[]> {
    const { nats, stopping } = this.options;
    try {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
      const answer = await askAgent(nats, agentRequestSubject(cluster, 'events'), {}, { signal });
      const { events } = eventsReplySchema.parse(answer);
      this.seen.set(
        cluster,
        events.map((event) => mirroredEvent(event as unknown as NativeEvent, cluster)),
      );
    } catch {
      stopping.throwIfAborted();
      // That the cluster is away is told by its own status and events.
    }
    return this.seen.get(cluster) ?? [];
  }
}

/** What the log says of objects, up to a commit. Events of the clusters themselves are not in the log. */
export const pastEvents = (log: EventLog, seq: number): MirrorSource => ({
  fetch: async () =>
    (await new OwnEvents({ log, foldedSeq: () => seq, onBatch: () => undefined }).recent()).map(ownEvent),
});

/** The same source under the names of events.k8s.io/v1. */
export const newerEvents = (source: MirrorSource): MirrorSource => ({
  fetch: async (before) => (await source.fetch(before)).map(newerEvent),
});

/** Cluster that an event is of; '' for one of SkyFlow's own that is about no single cluster. */
export const clusterOfEvent = ({ metadata }: KubeObject): string => metadata.labels?.[LABEL_CLUSTER] ?? '';
