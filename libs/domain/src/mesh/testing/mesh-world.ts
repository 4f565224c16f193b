/** A log in memory that the mesh controller and the agents of all clusters fold; for tests. */
import {
  type Endpoint,
  type Entry,
  type EntryData,
  type EntryType,
  type PlaneChoice,
  type ServiceSpec,
  type ServiceStatus,
  type StoredObject,
  decisionSubject,
  linkUid,
  observationSubject,
  workSubject,
} from '@skyflow/contracts';
import {
  type DesiredServices,
  type RemoteEndpoints,
  evolveDesiredServices,
  initialDesiredServices,
} from '../desired.js';
import { decideService } from '../decide-mesh.js';
import { decideExport, missingExportWork } from '../mcs/decide-exports.js';
import { evolveMesh } from '../evolve.js';
import { type MeshState, type ServiceRecord, initialMesh } from '../state.js';
import { missingWork } from '../wanted.js';

export const REF = { kind: 'Service', namespace: 'default', name: 'web', uid: 'svc' };

export const endpoint = (n: number, ready = true): Endpoint => ({
  address: `10.0.0.${n}`,
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  ready,
  serving: ready,
  terminating: false,
  pod: `web-${n}`,
  uid: `pod-${n}`,
});

export const stored = (kind: string, name: string, uid: string, spec?: object, generation = 1): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: {
    name,
    uid,
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation,
    ...(kind === 'Service' ? { namespace: 'default' } : {}),
  },
  ...(spec === undefined ? {} : { spec }),
});

/** A log in memory that the controller and the agents of all clusters fold. */
export class World {
  readonly state: MeshState = initialMesh();
  readonly agents = new Map<string, DesiredServices>();
  position = 0;
  /** Time that passed besides the second per entry. */
  waitedMs = 0;
  /** Everything that was appended. */
  readonly log: { subject: string; at: number; type: EntryType; data: unknown }[] = [];
  epoch = 1;

  add<T extends EntryType>(subject: string, type: T, data: EntryData<T>): void {
    this.position += 1;
    const entry = { type, v: 1, at: this.nowMs, actor: 'test', corr: 'c', data } as unknown as Entry;
    this.log.push({ subject, at: this.nowMs, type, data });
    evolveMesh(this.state, entry, { position: this.position, subject });
    const [, kind, cluster = ''] = subject.split('.');
    if (kind !== 'work' && kind !== 'obs') return;
    const agent = this.agents.get(cluster) ?? initialDesiredServices();
    this.agents.set(cluster, evolveDesiredServices(agent, entry, this.position));
  }

  get nowMs(): number {
    return this.position * 1000 + this.waitedMs;
  }

  /** @param address of its gateway; absent: it has none. */
  gateway(cluster: string, address?: string, listening = `${cluster}:8443`, pods: string[] = ['10.0.0.0/16']): void {
    this.add(observationSubject(cluster), 'GatewayObserved', {
      cluster: `uid-${cluster}`,
      ...(address === undefined ? {} : { address, listening }),
      networks: { pods, services: [], nodes: [] },
      authorities: address === undefined ? [] : [`-----BEGIN ${cluster}`],
    });
  }

  /** Its agent was started anew, or has told all again. */
  settling(cluster: string, isSettling: boolean): void {
    const { settling: _before, ...known } = this.state.clusters.get(cluster)?.gateway ?? {
      cluster: `uid-${cluster}`,
      authorities: [],
    };
    const data = { ...known, ...(isSettling ? { settling: true as const } : {}) };
    this.add(observationSubject(cluster), 'GatewayObserved', data);
  }

  /** Networks of its pods; its gateway stays. */
  networks(cluster: string, pods: string[]): void {
    const { address, listening } = this.state.clusters.get(cluster)?.gateway ?? {};
    this.gateway(cluster, address, listening, pods);
  }

  cluster(name: string, health: 'READY' | 'LOST' = 'READY'): void {
    if (!this.state.clusters.has(name)) {
      this.add('sky.cmd.0', 'ObjectCreated', { object: stored('Cluster', name, `uid-${name}`) });
      this.gateway(name);
    }
    this.add(decisionSubject('scheduler'), 'ClusterHealthDecided', {
      epoch: 1,
      cluster: name,
      uid: `uid-${name}`,
      state: health,
      reason: 'Test',
      message: 'by the test',
    });
  }

  service(spec: Partial<ServiceSpec> = {}): void {
    const whole = { cluster: 'a', type: 'ClusterIP', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec };
    this.add('sky.cmd.0', 'ObjectCreated', { object: stored('Service', 'web', 'svc', whole) });
  }

  /** What somebody asks of a link, made or changed. */
  link(name: string, plane: PlaneChoice): void {
    const [from = '', to = ''] = name.split('.');
    const object = stored('Link', name, linkUid(name), { from, to, plane });
    this.add('sky.cmd.0', this.state.links.has(name) ? 'ObjectUpdated' : 'ObjectCreated', { object });
    this.settle();
  }

  unlink(name: string): void {
    this.add('sky.cmd.0', 'ObjectDeleted', { ref: { kind: 'Link', name, uid: linkUid(name) } });
    this.settle();
  }

  observe(cluster: string, ...endpoints: Endpoint[]): void {
    this.add(observationSubject(cluster), 'EndpointsObserved', { ref: REF, endpoints });
  }

  native(cluster: string, generation = 1): void {
    const data = { ref: REF, generation, clusterIP: '10.96.0.10', externalIPs: [] };
    this.add(observationSubject(cluster), 'ServiceObserved', data);
  }

  path(cluster: string, source: string, state: 'UP' | 'DOWN', failing?: string[]): void {
    const data = { ref: REF, source, state, message: 'by the test', ...(failing === undefined ? {} : { failing }) };
    this.add(observationSubject(cluster), 'PathObserved', data);
  }

  /** What an active controller appends until nothing is left. @returns how many entries it took. */
  settle(): number {
    let entries = 0;
    for (let round = 0; round < 20; round++) {
      const before = entries;
      for (const book of [...this.state.exports.values()]) {
        for (const { type, data } of decideExport(this.state, book, this.epoch, this.nowMs)) {
          entries++;
          this.add(decisionSubject('mesh'), type, data);
        }
        for (const [cluster, { type, data }] of missingExportWork(this.state, book, this.epoch, this.nowMs)) {
          entries++;
          this.add(workSubject(cluster), type, data);
        }
      }
      for (const service of [...this.state.services.values()]) {
        const decision = decideService(this.state, service, this.epoch);
        if (decision !== undefined) {
          entries++;
          this.add(decisionSubject('mesh'), decision.type, decision.data);
        }
        if (!this.state.services.has(service.ref.uid)) continue;
        for (const [cluster, work] of missingWork(this.state, service, this.epoch, () => ({
          nowMs: this.nowMs,
          taken: new Set(),
        }))) {
          for (const { type, data } of work) {
            entries++;
            this.add(workSubject(cluster), type, data);
          }
        }
      }
      if (entries === before) return entries;
    }
    throw new Error('it never settles');
  }

  get record(): ServiceRecord {
    const record = this.state.services.get('svc');
    if (record === undefined) throw new Error('the service is gone');
    return record;
  }

  get status(): ServiceStatus {
    return JSON.parse(this.record.status) as ServiceStatus;
  }

  remote(cluster: string): Record<string, string[]> {
    const remote = this.agents.get(cluster)?.services.get('svc')?.remote ?? new Map<string, RemoteEndpoints>();
    return Object.fromEntries(
      [...remote].map(([source, { endpoints }]) => [source, endpoints.map(({ address }) => address)]),
    );
  }
}

export const twoClusters = (spec: Partial<ServiceSpec> = {}): World => {
  const world = new World();
  world.cluster('a');
  world.cluster('b');
  world.service(spec);
  world.settle();
  return world;
};
