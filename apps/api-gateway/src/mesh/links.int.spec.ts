/** Links over HTTP: there because of services, asked something of by anybody who may, and taken back. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject, type ServiceStatus } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture, until } from '../testing/gateway-fixture.js';

const LINKS = '/apis/skyflow.io/v1/links';
const SERVICES = '/apis/skyflow.io/v1/namespaces/default/services';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const SINCE = '2026-01-01T00:00:00Z';

const link = (name: string, spec?: object): object => ({
  ...{ apiVersion: 'skyflow.io/v1', kind: 'Link', metadata: { name } },
  ...(spec === undefined ? {} : { spec }),
});

describe('links over HTTP', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    for (const name of ['east', 'west', 'north', 'south']) {
      const cluster = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name } };
      expect((await gateway.request('POST', '/apis/skyflow.io/v1/clusters', cluster)).status).toBe(201);
    }
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  /** A service on `east` whose pods on `west` are reached. */
  async function useLink(): Promise<void> {
    const made = await gateway.request('POST', SERVICES, {
      ...{ apiVersion: 'skyflow.io/v1', kind: 'Service', metadata: { name: 'web' } },
      spec: { cluster: 'east', selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    expect([made.status, made.body.message]).toEqual([201, undefined]);
    const path = { state: 'UP' as const, message: 'reached west', since: SINCE };
    const status: ServiceStatus = {
      ...{ phase: 'READY', observedGeneration: 1, cluster: 'east', ready: 1, total: 1, endpoints: [], conditions: [] },
      clusters: [{ cluster: 'west', primary: false, ready: 1, total: 1, plane: 'gateway', path }],
    };
    await gateway.append(decisionSubject('mesh'), 'ServiceStatusDecided', {
      epoch: 1,
      ref: { kind: 'Service', namespace: 'default', name: 'web', uid: made.body.metadata.uid },
      status: { ...status },
    });
  }

  it('refuses what is no way between two clusters, and planes that there are not, by field', async () => {
    for (const [body, text] of [
      [link('east'), 'must be FROM.TO'],
      [link('east.west', { from: 'east', to: 'north' }), 'must be FROM.TO'],
      [link('east.nowhere'), 'spec.to: there is no cluster "nowhere"; the clusters are: '],
      [link('east.east'), 'spec.to: Invalid value: "east"'],
      [link('east.west', { plane: 'tunnel' }), 'spec.plane: Unsupported value: "tunnel"'],
    ] as const) {
      const { status, body: answer } = await gateway.request('POST', LINKS, body);
      expect([status, answer.message]).toEqual([422, expect.stringContaining(text)]);
    }
    expect((await gateway.request('GET', LINKS)).body.items).toEqual([]);
  });

  it('keeps what is asked of one that nobody uses yet, and says that', async () => {
    const made = await gateway.request('POST', LINKS, link('north.south', { plane: 'flat' }));
    expect([made.status, made.body]).toMatchObject([
      201,
      { spec: { from: 'north', to: 'south', plane: 'flat' }, status: { phase: 'UNKNOWN' } },
    ]);
    expect((await gateway.request('POST', LINKS, link('north.south'))).status).toBe(409);
    const stale = { ...made.body, metadata: { ...made.body.metadata }, spec: { plane: 'gateway' } };
    const changed = await gateway.request('PUT', `${LINKS}/north.south`, stale);
    expect([changed.status, changed.body.spec]).toMatchObject([200, { plane: 'gateway' }]);
    expect((await gateway.request('PUT', `${LINKS}/north.south`, { ...stale, spec: { plane: 'auto' } })).status).toBe(
      409,
    );
    expect((await gateway.request('DELETE', `${LINKS}/north.south`)).status).toBe(200);
    expect((await gateway.request('GET', `${LINKS}/north.south`)).status).toBe(404);
  });

  it('takes a patch of one that is there because of a service, and lets it be when that is taken back', async () => {
    await useLink();
    const path = `${LINKS}/east.west`;
    // Ways are looked up once a second.
    await until('it is there', async () => (await gateway.request('GET', path)).status === 200);
    const refused = await gateway.request('DELETE', path);
    expect([refused.status, refused.body.message]).toEqual([405, expect.stringContaining('services use it')]);
    const patched = await gateway.request('PATCH', path, { spec: { plane: 'gateway' } }, MERGE);
    expect([patched.status, patched.body]).toMatchObject([
      200,
      { spec: { from: 'east', to: 'west', plane: 'gateway' }, status: { phase: 'UP' } },
    ]);
    const table = await gateway.request('GET', LINKS, undefined, {
      accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
    });
    expect(table.text).toContain('"east.west","east","west","gateway","gateway","UP"');
    expect((await gateway.request('DELETE', path)).status).toBe(200);
    expect((await gateway.request('GET', path)).body.spec).toEqual({ from: 'east', to: 'west', plane: 'auto' });
  });
});
