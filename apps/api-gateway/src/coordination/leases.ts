/** Leases of this gateway: definition, store, and what keeps the bucket tidy. */
import type { ResourceDefinition, ResourceStore, SchemaSet } from '@skyflow/apimachinery';
import { type KubeObject, LEASE_OBJECT_BUCKET } from '@skyflow/contracts';
import { KvBucket } from '@skyflow/event-log';
import type { NatsConnection } from '@nats-io/transport-node';
import type { CommandSink } from '../store/command-sink.js';
import type { ReadModel } from '../store/read-model.js';
import { LeaseCopy, keyOf } from './lease-copy.js';
import { leaseDefinition } from './lease-definition.js';
import { LeaseStore, MOST_LEASES } from './lease-store.js';

/** A Lease that nobody renewed for so long is of nobody. */
const LIFE_MS = 7 * 86_400_000;
/** A watcher that was away shorter is told what went. */
const GONE_FOR_MS = 3_600_000;
const MOST_BYTES = 64 * 1_024;
/** Between two looks for Leases whose namespace is gone. */
const SWEEP_MS = 600_000;

export interface LeasesParts {
  nats: NatsConnection;
  model: ReadModel;
  sink: CommandSink;
  schemas: SchemaSet;
  /** Copies of the bucket where it is made. */
  replicas: number;
  warn: (line: string) => void;
}

export class LeaseObjects {
  readonly resource: { definition: ResourceDefinition; store: ResourceStore };
  private readonly bucket: KvBucket;
  private readonly copy: LeaseCopy;

  constructor(private readonly parts: LeasesParts) {
    const { nats, model, sink, schemas, replicas, warn } = parts;
    const definition = leaseDefinition(schemas);
    this.bucket = new KvBucket({
      connection: nats,
      bucket: LEASE_OBJECT_BUCKET,
      description: 'SkyFlow: coordination.k8s.io Leases',
      replicas,
      ttlMs: LIFE_MS,
      goneForMs: GONE_FOR_MS,
      mostKeys: MOST_LEASES,
      mostBytes: MOST_BYTES,
    });
    this.copy = new LeaseCopy(definition, this.bucket, warn);
    this.resource = {
      definition,
      store: new LeaseStore({ definition, bucket: this.bucket, copy: this.copy, model, sink }),
    };
  }

  /** Until the signal aborts. The log must have been folded. */
  run(signal: AbortSignal): void {
    void this.copy.run(signal);
    this.parts.model.onChanges((changes) => {
      if (changes.some(({ type, record }) => type === 'DELETED' && record.kind === 'Namespace')) void this.sweep();
    });
    const timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  /** Deletes those whose namespace is gone. What fails is tried again at the next look. */
  private async sweep(): Promise<void> {
    const { model, warn } = this.parts;
    const hasNoPlace = ({ metadata: { namespace = '' } }: KubeObject): boolean =>
      model.state.table.get('Namespace', '', namespace) === undefined;
    try {
      await this.copy.upToDate();
      for (const { metadata } of this.copy.objects().filter(hasNoPlace)) {
        await this.bucket.delete(keyOf(metadata), Number(metadata.resourceVersion));
      }
    } catch (error) {
      warn(`leases of namespaces that are gone wait: ${(error as Error).message}`);
    }
  }
}
