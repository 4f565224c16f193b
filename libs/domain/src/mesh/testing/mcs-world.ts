/** Two or more clusters that export Services; for tests. */
import {
  type Endpoint,
  type EntryData,
  MCS_API_VERSION,
  observationSubject,
  type ServiceExportSpec,
  type ServiceExportStatus,
  type ServiceImportSpec,
  type ServiceImportStatus,
  type StoredObject,
} from '@skyflow/contracts';
import type { DesiredService } from '../desired.js';
import { derivedUid } from '../mcs/derived-services.js';
import { endpoint, World } from './mesh-world.js';

const KEY = 'default/hello';
type Observed = EntryData<'ExportObserved'>;
type Service = NonNullable<Observed['service']>;

export const helloService = (more: Partial<Service> = {}): Service => ({
  creationTimestamp: '2026-01-01T00:00:00Z',
  type: 'ClusterIP',
  selector: { app: 'hello' },
  ports: [
    { name: 'tcp', port: 42, protocol: 'TCP' },
    { name: 'udp', port: 42, protocol: 'UDP' },
  ],
  sessionAffinity: 'None',
  ipFamilies: ['IPv4'],
  internalTrafficPolicy: 'Cluster',
  ...more,
});

export interface Import {
  metadata: StoredObject['metadata'];
  spec: ServiceImportSpec;
  status: ServiceImportStatus;
}

export class McsWorld extends World {
  private exportsMade = 0;

  constructor(readonly names: readonly string[] = ['c1', 'c2']) {
    super();
    names.forEach((name, at) => {
      this.cluster(name);
      this.gateway(name, `127.208.0.${at + 1}`);
    });
  }

  /** A ServiceExport at the gateway. */
  exports(spec: ServiceExportSpec = {}): void {
    this.exportsMade += 1;
    const uid = `export-${this.exportsMade}`;
    const metadata = { name: 'hello', namespace: 'default', uid, creationTimestamp: '2026-01-01T00:00:00Z' };
    const object = { apiVersion: MCS_API_VERSION, kind: 'ServiceExport', metadata, spec };
    this.add('sky.cmd.0', 'ObjectCreated', { object });
    this.settle();
  }

  unexports(): void {
    const ref = { kind: 'ServiceExport', namespace: 'default', name: 'hello', uid: `export-${this.exportsMade}` };
    this.add('sky.cmd.0', 'ObjectDeleted', { ref });
    this.settle();
  }

  /** What a cluster has under the name, and the ServiceExport of its own, made at second `at`. */
  has(
    cluster: string,
    service: Service | undefined,
    declared?: { at: number; labels?: Record<string, string>; annotations?: Record<string, string> },
  ): void {
    const data: Observed = {
      ...{ namespace: 'default', name: 'hello' },
      ...(service === undefined ? {} : { service }),
      ...(declared === undefined
        ? {}
        : {
            declared: {
              uid: `own-${cluster}`,
              creationTimestamp: new Date(declared.at * 1000).toISOString(),
              ...(declared.labels === undefined ? {} : { exportedLabels: declared.labels }),
              ...(declared.annotations === undefined ? {} : { exportedAnnotations: declared.annotations }),
            },
          }),
    };
    this.add(observationSubject(cluster), 'ExportObserved', data);
    this.settle();
  }

  /** The agents make the Services by which clusters import, and report pods of those that export. */
  run(podsOf: Record<string, number> = {}): void {
    this.settle();
    for (const [cluster, { services, withdrawn }] of this.agents) {
      for (const { ref, object, primary } of services.values()) {
        const spec = object['spec'] as { ports: { name?: string; port: number; protocol?: string }[] };
        if (primary) {
          const { generation = 1 } = object.metadata;
          const data = { ref, generation, clusterIP: `10.96.0.${cluster.length + generation}`, externalIPs: [] };
          this.add(observationSubject(cluster), 'ServiceObserved', { ...data, ipFamilies: ['IPv4'] });
        }
        const here = (object['spec'] as { exported?: typeof spec }).exported ?? (primary ? undefined : spec);
        const endpoints = Array.from({ length: podsOf[cluster] ?? 0 }, (_, at): Endpoint => ({
          ...endpoint(at),
          uid: `${cluster}-${at}`,
          ports: (here?.ports ?? []).map(({ name = '', port, protocol = 'TCP' }) => ({ name, port, protocol })),
        }));
        if (here !== undefined) this.add(observationSubject(cluster), 'EndpointsObserved', { ref, endpoints });
      }
      for (const ref of withdrawn.values()) this.add(observationSubject(cluster), 'ServiceRemoved', { ref });
    }
    this.settle();
  }

  /** The ServiceImport; undefined: there is none. */
  get import(): Import | undefined {
    const text = this.state.exports.get(KEY)?.import ?? '';
    return text === '' ? undefined : (JSON.parse(text) as Import);
  }

  /** The condition of the export at the gateway. */
  condition(type: string): { status: string; reason: string; message: string } | undefined {
    const text = this.state.exports.get(KEY)?.status ?? '';
    if (text === '') return undefined;
    return (JSON.parse(text) as ServiceExportStatus).conditions.find((each) => each.type === type);
  }

  /** The condition of the ServiceExport that a cluster has of its own. */
  conditionOn(cluster: string, type: string): { status: string; reason: string } | undefined {
    const { conditions = [] } = this.agents.get(cluster)?.exports.get(KEY) ?? {};
    return conditions.find((each) => each.type === type);
  }

  /** The Service by which a cluster imports; undefined: it does not. */
  imported(cluster: string): DesiredService | undefined {
    return this.agents.get(cluster)?.services.get(derivedUid(KEY, cluster));
  }

  /** By source cluster: names of the ports behind which the pods of that cluster are here. */
  portsFrom(cluster: string): Record<string, string[]> {
    return Object.fromEntries(
      [...(this.imported(cluster)?.remote ?? [])].map(([source, { endpoints }]) => [
        source,
        [...new Set(endpoints.flatMap(({ leases = [] }) => leases.map(({ name }) => name)))].sort(),
      ]),
    );
  }
}
