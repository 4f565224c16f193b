/** Links, Endpoints and what a check finds. */
import { describe, expect, it } from '@jest/globals';
import type { GatewayStatus, MeshReply, ServiceClusterStatus, ServiceStatus } from '@skyflow/contracts';
import { endpointsOf, linksOf, type ServiceObject } from './derived-kinds.js';
import { meshFindings } from './mesh-findings.js';

const SINCE = '2026-01-01T00:00:00Z';
const cluster = (name: string, fields: Partial<ServiceClusterStatus> = {}): ServiceClusterStatus => ({
  cluster: name,
  primary: false,
  ready: 2,
  total: 3,
  plane: 'gateway',
  path: { state: 'UP', message: `reached ${name}`, since: SINCE },
  ...fields,
});

const service = (
  name: string,
  clusters: ServiceClusterStatus[],
  fields: Partial<ServiceStatus> = {},
): ServiceObject => ({
  metadata: { name, namespace: 'default', uid: name, creationTimestamp: SINCE },
  status: {
    phase: 'READY',
    observedGeneration: 1,
    cluster: 'a',
    ready: 2,
    total: 3,
    clusters: [{ cluster: 'a', primary: true, ready: 1, total: 1 }, ...clusters],
    endpoints: [],
    conditions: [],
    ...fields,
  },
});

const down = { path: { state: 'DOWN' as const, message: 'refused', since: SINCE } };

describe('links', () => {
  it('are one per pair, UP when every service is, with the evidence', () => {
    const links = linksOf({ services: [service('one', [cluster('b'), cluster('c')]), service('two', [cluster('b')])] });
    expect(
      links.map(({ metadata, status }) => [metadata.name, status.phase, status.ready, status.services.length]),
    ).toEqual([
      ['a.b', 'UP', 4, 2],
      ['a.c', 'UP', 2, 1],
    ]);
    expect(links[0]?.status.message).toBe('reached b');
  });

  it('say what is wrong with the worst of them', () => {
    const both = linksOf({ services: [service('one', [cluster('b')]), service('two', [cluster('b', down)])] });
    expect(both[0]?.status).toMatchObject({ phase: 'DEGRADED', message: 'refused' });
    expect(linksOf({ services: [service('one', [cluster('b', down)])] })[0]?.status.phase).toBe('DOWN');
  });

  it('come of imports as of services, which say that they are', () => {
    const sources = [cluster('b', { planeBecause: 'link a.b asks for it' })];
    const imported = [{ cluster: 'a', service: 'derived-1', ips: [], ready: 3, total: 3, sources }];
    const imports = [
      { metadata: { name: 'hello', namespace: 'default', creationTimestamp: SINCE }, status: { imported } },
    ];
    const links = linksOf({ services: [service('one', [cluster('b', down)])], imports });
    expect(links.map(({ metadata, status }) => [metadata.name, status.phase, status.ready])).toEqual([
      ['a.b', 'DEGRADED', 4],
    ]);
    expect(links[0]?.status.services[1]).toMatchObject({
      ...{ service: 'default/hello', kind: 'ServiceImport', plane: 'gateway', planeBecause: 'link a.b asks for it' },
    });
  });

  it('are there as soon as somebody asks something of them, and say what', () => {
    const metadata = { name: 'a.b', uid: 'link-a.b', creationTimestamp: SINCE };
    const asked = [{ metadata, spec: { from: 'a', to: 'b', plane: 'flat' as const } }];
    expect(linksOf({ services: [], asked })[0]).toMatchObject({ metadata, status: { phase: 'UNKNOWN', planes: [] } });
    const [used] = linksOf({ services: [service('one', [cluster('b')])], asked });
    expect(used).toMatchObject({ metadata, spec: { plane: 'flat' }, status: { phase: 'UP', planes: ['gateway'] } });
    expect(linksOf({ services: [service('one', [cluster('b')])] })[0]?.spec.plane).toBe('auto');
  });

  it('are never UP by what a cluster said that cannot be seen', () => {
    const lost = cluster('b', { reason: 'ClusterNotSeen', message: 'b is LOST' });
    expect(linksOf({ services: [service('one', [lost])] })[0]?.status).toMatchObject({
      phase: 'UNKNOWN',
      message: 'b is LOST',
    });
  });

  it('are not there for a service that goes, or before it has a cluster', () => {
    const { cluster: _none, ...without } = service('two', []).status as ServiceStatus;
    expect(linksOf({ services: [service('one', [cluster('b')], { phase: 'DELETING' })] })).toEqual([]);
    expect(linksOf({ services: [{ ...service('two', [cluster('b')]), status: without }] })).toEqual([]);
  });
});

describe('endpoints', () => {
  it('are those of the status, under the name of the service', () => {
    expect(endpointsOf(service('one', []))).toMatchObject({
      metadata: { name: 'one' },
      status: { cluster: 'a', ready: 2 },
    });
    expect(endpointsOf({ metadata: service('one', []).metadata }).status).toEqual({
      ready: 0,
      total: 0,
      endpoints: [],
    });
  });
});

describe('a check of the mesh', () => {
  const gateway: GatewayStatus = { cluster: 'a', startedAt: 0, peers: [], traffic: [], failed: [] };
  const reply = (fields: Partial<MeshReply> = {}): MeshReply => ({ cluster: 'a', gateway, attempts: [], ...fields });
  const services = [service('one', [cluster('b')])];
  const levels = (a: MeshReply | Error): string[] =>
    meshFindings([{ name: 'a', phase: 'READY', reply: a }], services).findings.map(
      ({ level, where, message }) => `${level} ${where}: ${message}`,
    );

  it('names the agent that does not answer', () => {
    expect(levels(new Error('no answer'))).toEqual([
      'error cluster a: is READY; no answer',
      'ok service default/one: READY, connections reach 2 of 3 pods',
    ]);
  });

  it('names the connection that does not arrive, and why', () => {
    const attempt = { service: 'default/one', source: 'b', plane: 'gateway', pod: 'p', place: '127.0.0.1:1', ms: 1 };
    const peers = [{ cluster: 'b', state: 'down' as const, sessions: 0, message: 'refused' }];
    expect(levels(reply({ gateway: { ...gateway, peers }, attempts: [{ ...attempt, error: 'no session' }] }))).toEqual([
      'error gateways a - b: refused',
      'error link a.b: default/one: p at 127.0.0.1:1 (gateway): no session',
      'ok service default/one: READY, connections reach 2 of 3 pods',
    ]);
    expect(levels(reply({ attempts: [attempt] }))).toContain(
      'ok link a.b: default/one: reached p at 127.0.0.1:1 (gateway) in 1.0 ms',
    );
  });

  it('knows imports by the names that users gave, and sees the clusters that only import', () => {
    const imports = [
      {
        metadata: { name: 'hello', namespace: 'team', creationTimestamp: SINCE },
        status: {
          imported: [
            { cluster: 'a', service: 'derived-1', ips: [], ready: 2, total: 3, sources: [cluster('b')] },
            {
              ...{ cluster: 'c', service: 'derived-1', ips: [], ready: 0, total: 3 },
              sources: [cluster('b', { path: { state: 'DOWN', message: 'no session', since: SINCE } })],
            },
          ],
        },
      },
    ];
    const attempt = { service: 'team/derived-1', source: 'b', plane: 'gateway', pod: 'p', place: '127.0.0.1:1', ms: 1 };
    const peers = [{ cluster: 'b', state: 'up' as const, sessions: 2, lanes: 4 }];
    const a = reply({ gateway: { ...gateway, peers }, attempts: [attempt] });
    const { findings } = meshFindings([{ name: 'a', phase: 'READY', reply: a }], [], imports);
    expect(findings.map(({ level, where, message }) => `${level} ${where}: ${message}`)).toEqual([
      'ok gateways a - b: 2 sessions, 4 lanes',
      'ok link a.b: import team/hello: reached p at 127.0.0.1:1 (gateway) in 1.0 ms',
      'ok import team/hello on a: connections reach 2 of 3 pods',
      'warning import team/hello on c: b: no session',
    ]);
  });

  it('says so when there is nothing to check', () => {
    expect(meshFindings([], []).findings).toMatchObject([
      { level: 'ok', message: 'there are no services over clusters' },
    ]);
  });
});
