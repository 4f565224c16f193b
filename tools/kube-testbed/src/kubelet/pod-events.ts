/** Events of pods as a kubelet tells them: the same one again is one with a count, as client-go's correlator makes them. */
import { randomUUID } from 'node:crypto';
import { isApiError, resources, type KubeClient, type KubeObject } from '@skyflow/kube-client';

export interface PodEvent {
  type: string;
  reason: string;
  message: string;
  source: string;
  host?: string | undefined;
  fieldPath?: string | undefined;
}

/** client-go's own limit of what it remembers. */
const MOST_REMEMBERED = 4_096;

export class PodEvents {
  /** By what makes events the same, oldest first. */
  private readonly told = new Map<string, { name: string; count: number }>();

  constructor(private readonly client: KubeClient) {}

  /** @throws KubeApiError, KubeUnreachableError */
  async tell(about: KubeObject, { type, reason, message, source, host, fieldPath }: PodEvent): Promise<void> {
    const { namespace = 'default', name, uid, resourceVersion } = about.metadata;
    const sameness = [uid, source, fieldPath, type, reason, message].join('|');
    const now = new Date().toISOString().replace(/\.\d+/, '');
    const before = this.told.get(sameness);
    const told = { name: before?.name ?? `${name}.${randomUUID()}`, count: (before?.count ?? 0) + 1 };
    // Noted before it is sent: two of the same may be told at a time.
    this.remember(sameness, told);
    if (before !== undefined) {
      const counted = { count: told.count, lastTimestamp: now };
      await this.client.patch(resources.events, { namespace, name: told.name }, counted).catch((error: unknown) => {
        // The API keeps events for an hour; the next one is a new one.
        if (!isApiError(error, 404)) throw error;
        this.told.delete(sameness);
      });
      return;
    }
    await this.client.create(resources.events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: told.name, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid, resourceVersion, fieldPath },
      type,
      reason,
      message,
      source: { component: source, host },
      reportingComponent: source,
      reportingInstance: host ?? '',
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }

  private remember(sameness: string, told: { name: string; count: number }): void {
    this.told.delete(sameness);
    this.told.set(sameness, told);
    if (this.told.size <= MOST_REMEMBERED) return;
    const [oldest = ''] = this.told.keys();
    this.told.delete(oldest);
  }
}
