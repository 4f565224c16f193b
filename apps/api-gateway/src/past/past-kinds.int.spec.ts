/** Every kind that discovery names is read as it was (`?at=`), or says why not: a new kind cannot be forgotten. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject, type ServiceStatus } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture } from '../testing/gateway-fixture.js';

/** Not in the log: by group and plural, what is said. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'coordination.k8s.io/leases':
    /^at: leases are not in the log, so what they were is not known; leave "at" out, or read kinds that are$/,
};
const SINCE = '2026-01-01T00:00:00Z';
const LINKS = '/apis/skyflow.io/v1/links';
const ENDPOINTS = '/apis/skyflow.io/v1/namespaces/default/endpoints';

interface Served {
  resources: { name: string; namespaced: boolean; verbs: string[] }[];
}

describe('kinds of the past', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it('are all that there are, but for those whose reason not to be is known', async () => {
    const { body } = await gateway.request('GET', '/apis');
    const { groups } = body as unknown as { groups: { versions: { groupVersion: string }[] }[] };
    const roots = [
      '/api/v1',
      ...groups.flatMap(({ versions }) => versions.map((each) => `/apis/${each.groupVersion}`)),
    ];
    const refused: string[] = [];
    let read = 0;
    for (const root of roots) {
      const { resources } = (await gateway.request('GET', root)).body as unknown as Served;
      for (const { name, namespaced, verbs } of resources) {
        if (name.includes('/') || !verbs.includes('list')) continue;
        const path = `${root}/${namespaced ? 'namespaces/default/' : ''}${name}`;
        const { status, body: answer } = await gateway.request('GET', `${path}?at=${await gateway.log.head()}`);
        const id = `${root === '/api/v1' ? '' : (root.split('/')[2] ?? '')}/${name}`;
        const rule = REFUSED[id];
        if (rule === undefined) expect([path, status, answer.message]).toEqual([path, 200, undefined]);
        else expect([path, status, answer.message]).toEqual([path, 400, expect.stringMatching(rule)]);
        if (rule === undefined) read += 1;
        else refused.push(id);
      }
    }
    expect(refused.sort()).toEqual(Object.keys(REFUSED).sort());
    expect(read).toBeGreaterThan(20);
  });

  it('links and endpoints are what was said of services by then, and no traffic is made up', async () => {
    for (const name of ['east', 'west']) {
      const cluster = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name } };
      expect((await gateway.request('POST', '/apis/skyflow.io/v1/clusters', cluster)).status).toBe(201);
    }
    const made = await gateway.request('POST', '/apis/skyflow.io/v1/namespaces/default/services', {
      ...{ apiVersion: 'skyflow.io/v1', kind: 'Service', metadata: { name: 'web' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    const say = async (state: 'UP' | 'DOWN', ready: number): Promise<number> => {
      const path = { state, message: `it is ${state}`, since: SINCE };
      const endpoint = { cluster: 'west', pod: 'web-1', address: '10.0.0.1', ready: ready > 0 };
      const status: ServiceStatus = {
        ...{ phase: 'READY', observedGeneration: 1, cluster: 'east', ready, total: 1, conditions: [] },
        endpoints: [endpoint] as unknown as ServiceStatus['endpoints'],
        clusters: [{ cluster: 'west', primary: false, ready, total: 1, plane: 'gateway', path }],
      };
      return gateway.append(decisionSubject('mesh'), 'ServiceStatusDecided', {
        epoch: 1,
        ref: { kind: 'Service', namespace: 'default', name: 'web', uid: made.body.metadata.uid },
        status: { ...status },
      });
    };
    const before = await gateway.log.head();
    const up = await say('UP', 1);
    const down = await say('DOWN', 0);
    const linkAt = async (seq: number): Promise<unknown> =>
      (await gateway.request('GET', `${LINKS}/east.west?at=${seq}`)).body;
    expect(await linkAt(before)).toMatchObject({ code: 404 });
    expect(await linkAt(up)).toMatchObject({ spec: { from: 'east', to: 'west' }, status: { phase: 'UP', ready: 1 } });
    expect(await linkAt(down)).toMatchObject({ status: { phase: 'DOWN', ready: 0, message: 'it is DOWN' } });
    expect(await linkAt(up)).not.toHaveProperty('status.traffic');
    const list = await gateway.request('GET', `${LINKS}?at=${up}`);
    expect(list.body.items).toHaveLength(1);
    expect(list.headers.get('warning')).toMatch(/what links carried .* is not in the log/);
    expect((await gateway.request('GET', `${LINKS}?at=${before}`)).body.items).toEqual([]);

    const endpointsAt = async (seq: number): Promise<unknown> =>
      (await gateway.request('GET', `${ENDPOINTS}/web?at=${seq}`)).body;
    expect(await endpointsAt(before)).toMatchObject({ status: { ready: 0, total: 0, endpoints: [] } });
    expect(await endpointsAt(up)).toMatchObject({
      status: { cluster: 'east', ready: 1, endpoints: [{ ready: true }] },
    });
    expect(await endpointsAt(down)).toMatchObject({ status: { ready: 0, endpoints: [{ ready: false }] } });
  });
});
