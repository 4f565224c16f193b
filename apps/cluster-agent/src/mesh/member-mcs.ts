/**
 * The Multi-Cluster Services API (KEP-1645) on this cluster itself, where its custom resources are installed (deploy/agent/mcs-crds.yaml):
 * ServiceExports that somebody made here are read and told what came of them, and what this cluster imports is shown as ServiceImports.
 * Where they are not installed nothing is done; they are looked for again and again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Condition,
  type EntryData,
  FIELD_MANAGER,
  LABEL_MANAGED_BY,
  MANAGED_BY,
  MCS_API_VERSION,
  type ServiceSpec,
} from '@skyflow/contracts';
import { covers, isManaged, LABEL_SERVICE_UID, type DesiredService } from '@skyflow/domain';
import { KubeApiError, Reflector, type KubeClient, type KubeObject, type KubeResource } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';

export type DeclaredExport = NonNullable<EntryData<'ExportObserved'>['declared']>;

export interface MemberMcsOptions {
  client: KubeClient;
  /** Told the `namespace/name` of a ServiceExport that changed. */
  onChange: (key: string) => void;
  logger: Logger;
  /** Between two looks whether the resources are there. */
  lookEveryMs?: number;
}

interface Served {
  imports: KubeResource;
  exports: KubeResource;
  reflector: Reflector<KubeObject>;
}

const LOOK_EVERY_MS = 30_000;

export class MemberMcs {
  private served: Served | undefined;

  constructor(private readonly options: MemberMcsOptions) {}

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, onChange, logger, lookEveryMs = LOOK_EVERY_MS } = this.options;
    while (!signal.aborted) {
      const [exports, imports] = await Promise.all([
        this.find('ServiceExport', signal),
        this.find('ServiceImport', signal),
      ]);
      if (exports !== undefined && imports !== undefined) {
        logger.info({}, 'the cluster has ServiceExports and ServiceImports; they are followed');
        const reflector = new Reflector<KubeObject>({
          client,
          resource: exports,
          keep: (object) => object,
          onChange: ({ object }) => onChange(`${object.metadata.namespace ?? ''}/${object.metadata.name}`),
        });
        this.served = { imports, exports, reflector };
        await reflector.run(signal);
        return;
      }
      await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** `namespace/name` of all ServiceExports here. */
  keys(): string[] {
    return [...(this.served?.reflector.store.values() ?? [])].map(
      ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`,
    );
  }

  /** The ServiceExport of this cluster; undefined: there is none. */
  declared(key: string): DeclaredExport | undefined {
    const live = this.served?.reflector.store.get(key);
    if (live === undefined || live.metadata.deletionTimestamp !== undefined) return undefined;
    const { exportedLabels, exportedAnnotations } = (live['spec'] ?? {}) as Partial<DeclaredExport>;
    return {
      uid: live.metadata.uid ?? '',
      creationTimestamp: live.metadata.creationTimestamp ?? '',
      ...(exportedLabels === undefined ? {} : { exportedLabels }),
      ...(exportedAnnotations === undefined ? {} : { exportedAnnotations }),
    };
  }

  /** Writes into the ServiceExport of this cluster what came of it. @throws KubeApiError */
  async say(key: string, conditions: readonly Condition[], signal: AbortSignal): Promise<void> {
    const { served } = this;
    const live = served?.reflector.store.get(key);
    if (served === undefined || live === undefined) return;
    const { generation = 1 } = live.metadata;
    const wanted = { conditions: conditions.map((each) => ({ ...each, observedGeneration: generation })) };
    if (covers(wanted, live['status'] ?? {})) return;
    const { client } = this.options;
    await notGone(client.patch(served.exports, live.metadata, { status: wanted }, { subresource: 'status', signal }));
  }

  /** Shows what a service by which this cluster imports is. One that others made under the name is left alone. @throws KubeApiError */
  async showImport({ ref, object }: DesiredService, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    const { import: shown } = object['spec'] as ServiceSpec;
    if (this.served === undefined || shown === undefined) return;
    const { client, logger } = this.options;
    const { imports } = this.served;
    const key = { name: shown.name, ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }) };
    const wanted = {
      metadata: {
        ...key,
        labels: { ...shown.labels, [LABEL_MANAGED_BY]: MANAGED_BY, [LABEL_SERVICE_UID]: ref.uid },
        ...(Object.keys(shown.annotations).length === 0 ? {} : { annotations: shown.annotations }),
      },
      spec: { ...shown.spec, ...(addresses.length === 0 ? {} : { ips: [...addresses] }) },
    };
    const live = await client.find<KubeObject>(imports, key, { signal });
    if (live !== undefined && !isManaged(live)) {
      logger.warn(
        { import: key },
        'the cluster has a ServiceImport of the name that SkyFlow did not make; it is left alone',
      );
      return;
    }
    if (live === undefined || !covers(wanted, live)) {
      await client.applyServerSide(imports, wanted, { fieldManager: FIELD_MANAGER, force: true, signal });
    }
    const status = { clusters: shown.clusters.map((cluster) => ({ cluster })) };
    if (live !== undefined && covers(status, live['status'] ?? {})) return;
    await notGone(client.patch(imports, key, { status }, { subresource: 'status', signal }));
  }

  /** Takes away what was shown of a service. @throws KubeApiError */
  async hideImport(uid: string, signal: AbortSignal): Promise<void> {
    if (this.served === undefined) return;
    const { client } = this.options;
    const labelSelector = `${LABEL_MANAGED_BY}=${MANAGED_BY},${LABEL_SERVICE_UID}=${uid}`;
    const { items } = await client.list<KubeObject>(this.served.imports, { labelSelector, signal });
    for (const { metadata } of items) await notGone(client.delete(this.served.imports, metadata, { signal }));
  }

  /** Undefined: it is not served, or the API does not answer. */
  private async find(kind: string, signal: AbortSignal): Promise<KubeResource | undefined> {
    return this.options.client.resourceOf(MCS_API_VERSION, kind, { signal }).catch(() => undefined);
  }
}

/** Of what is gone meanwhile nothing is to be said. */
async function notGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof KubeApiError && error.code === 404)) throw error;
  }
}
