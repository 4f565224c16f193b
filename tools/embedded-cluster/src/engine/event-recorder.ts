/**
 * Events: what happened to an object, for people. Equal events of one object are one event with a count, as client-go's
 * correlator makes them; old ones are dropped after an hour or when there are too many.
 */
import type { KubeObject } from '@skyflow/contracts';
import type { EventDraft } from '../controllers/reconcile.js';
import { timestamp, uidOf } from '../model/object-facts.js';

export interface EventSink {
  create(event: KubeObject): Promise<KubeObject>;
  /** Undefined: it is not there any more. */
  get(namespace: string, name: string): KubeObject | undefined;
  replace(event: KubeObject): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
}

interface Kept {
  namespace: string;
  name: string;
  correlation: string;
  lastMs: number;
}

const TTL_MS = 3_600_000;

export class EventRecorder {
  readonly #sink: EventSink;
  readonly #limit: number;
  /** By correlation, oldest first. */
  readonly #kept = new Map<string, Kept>();
  #serial = 0;

  /** @param limit events kept in all. */
  constructor(sink: EventSink, limit: number) {
    this.#sink = sink;
    this.#limit = limit;
  }

  async record(about: KubeObject, draft: EventDraft, nowMs: number): Promise<void> {
    const correlation = [
      uidOf(about),
      draft.source,
      draft.fieldPath ?? '',
      draft.type,
      draft.reason,
      draft.message,
    ].join('|');
    const kept = this.#kept.get(correlation);
    const seen = kept === undefined ? undefined : this.#sink.get(kept.namespace, kept.name);
    await this.#expire(nowMs);
    if (kept !== undefined && seen !== undefined) {
      this.#kept.delete(correlation);
      this.#kept.set(correlation, { ...kept, lastMs: nowMs });
      const count = Number(seen['count'] ?? 1) + 1;
      await this.#sink.replace({ ...seen, count, lastTimestamp: timestamp(nowMs) });
      return;
    }
    const event = this.#newEvent(about, draft, nowMs);
    const namespace = event.metadata.namespace ?? 'default';
    await this.#sink.create(event);
    this.#kept.set(correlation, { namespace, name: event.metadata.name, correlation, lastMs: nowMs });
  }

  async #expire(nowMs: number): Promise<void> {
    for (const kept of this.#kept.values()) {
      if (this.#kept.size < this.#limit && kept.lastMs + TTL_MS > nowMs) return;
      this.#kept.delete(kept.correlation);
      await this.#sink.remove(kept.namespace, kept.name);
    }
  }

  #newEvent(about: KubeObject, draft: EventDraft, nowMs: number): KubeObject {
    const { name, namespace } = about.metadata;
    const at = timestamp(nowMs);
    const suffix = (BigInt(nowMs) * 1_000_000n + BigInt(this.#serial++ % 1_000_000)).toString(16);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${suffix}`, namespace: namespace ?? 'default' },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(about.metadata.uid === undefined ? {} : { uid: about.metadata.uid }),
        ...(about.metadata.resourceVersion === undefined ? {} : { resourceVersion: about.metadata.resourceVersion }),
        ...(draft.fieldPath === undefined ? {} : { fieldPath: draft.fieldPath }),
      },
      type: draft.type,
      reason: draft.reason,
      message: draft.message,
      source: { component: draft.source, ...(draft.host === undefined ? {} : { host: draft.host }) },
      reportingComponent: draft.source,
      reportingInstance: draft.host ?? '',
      firstTimestamp: at,
      lastTimestamp: at,
      eventTime: null,
      count: 1,
    };
  }
}
