/**
 * What this cluster has under the names of exported Services (KEP-1645): watched, and told to the log when it is news. One watch of
 * Services per namespace in which something is exported.
 */
import { type EntryData, type ExportedService } from '@skyflow/contracts';
import type { AgentState } from '@skyflow/domain';
import { keptMetadata, Reflector, resources, type KubeClient, type KubeObject } from '@skyflow/kube-client';
import type { MemberMcs } from './member-mcs.js';
import type { ObservationWriter } from '../report/observation-writer.js';

export interface ExportedServicesOptions {
  client: KubeClient;
  state: () => AgentState | undefined;
  writer: () => ObservationWriter | undefined;
  /** The ServiceExports of this cluster itself. */
  mcs: Pick<MemberMcs, 'keys' | 'declared'>;
  /** Told the `namespace/name` of what changed. */
  onChange: (key: string) => void;
  signal: AbortSignal;
}

interface Watch {
  reflector: Reflector<KubeObject>;
  stop: AbortController;
}

export class ExportedServices {
  private readonly watches = new Map<string, Watch>();

  constructor(private readonly options: ExportedServicesOptions) {}

  /** Watches where something is exported, and nowhere else. */
  follow(): void {
    const wanted = new Set([...this.keys()].map((key) => key.split('/', 1)[0] ?? ''));
    for (const [namespace, { stop }] of this.watches) {
      if (wanted.has(namespace)) continue;
      stop.abort();
      this.watches.delete(namespace);
    }
    for (const namespace of wanted) if (!this.watches.has(namespace)) this.start(namespace);
  }

  /** All that are exported, here or at the gateway. */
  keys(): Set<string> {
    return new Set([...(this.options.state()?.services.exports.keys() ?? []), ...this.options.mcs.keys()]);
  }

  /** @throws LogUnavailableError the log is away; tell again later. */
  async report(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/', 2);
    const reflector = this.watches.get(namespace)?.reflector;
    // Until a first whole list is there, that it is not in it means nothing.
    if (reflector?.hasSynced !== true) return;
    const live = reflector.store.get(key);
    const service = live === undefined ? undefined : exportedService(live);
    const declared = this.options.mcs.declared(key);
    const data: EntryData<'ExportObserved'> = {
      namespace,
      name,
      ...(service === undefined ? {} : { service }),
      ...(declared === undefined ? {} : { declared }),
    };
    const text = JSON.stringify(data);
    await this.options.writer()?.write(({ services }) => {
      const before = services.reportedExports.get(key);
      // Nobody asks for it, and nothing was said of it that has to be taken back.
      if (declared === undefined && before === undefined && !services.exports.has(key)) return [];
      if (before === text) return [];
      return [{ type: 'ExportObserved', data }];
    }, 'MultiClusterServices');
  }

  private start(namespace: string): void {
    const { client, signal, onChange } = this.options;
    const stop = new AbortController();
    const until = AbortSignal.any([stop.signal, signal]);
    const reflector = new Reflector<KubeObject>({
      client,
      resource: resources.services,
      namespace,
      keep: keepExported,
      onChange: ({ object }) => onChange(`${namespace}/${object.metadata.name}`),
    });
    this.watches.set(namespace, { reflector, stop });
    void reflector.run(until);
    void reflector.whenSynced(until).then(
      () => {
        for (const key of this.keys()) if (key.startsWith(`${namespace}/`)) onChange(key);
      },
      () => undefined,
    );
  }
}

const FIELDS = [
  'type',
  'clusterIP',
  'selector',
  'ports',
  'sessionAffinity',
  'sessionAffinityConfig',
  'ipFamilies',
  'internalTrafficPolicy',
  'trafficDistribution',
];

/** What an import is made of, and nothing else. */
function keepExported(object: KubeObject): KubeObject {
  const spec = (object['spec'] ?? {}) as Record<string, unknown>;
  return {
    metadata: keptMetadata(object.metadata, 'creationTimestamp', 'deletionTimestamp'),
    spec: Object.fromEntries(FIELDS.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]]]))),
  };
}

/** Undefined: it is on its way out. Its address is of no other cluster's concern, but for whether it has one. */
function exportedService({ metadata, ...object }: KubeObject): ExportedService | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const {
    type = 'ClusterIP',
    clusterIP,
    selector = {},
    ports = [],
    ...rest
  } = object['spec'] as Partial<ExportedService>;
  return {
    creationTimestamp: metadata.creationTimestamp ?? '',
    type,
    ...(clusterIP === 'None' ? { clusterIP } : {}),
    selector,
    ports: ports.map(({ name, protocol, port, targetPort, appProtocol }) => ({
      ...(name === undefined || name === '' ? {} : { name }),
      ...(protocol === undefined ? {} : { protocol }),
      port,
      ...(targetPort === undefined ? {} : { targetPort }),
      ...(appProtocol === undefined ? {} : { appProtocol }),
    })),
    ...rest,
  };
}
