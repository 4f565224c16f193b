/** Quotas of namespaces over HTTP: what a client sees of them, and that two gateways together let no more through than one. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, jobNamed, startGatewayFixture } from './testing/gateway-fixture.js';

const QUOTAS = '/api/v1/namespaces/team/resourcequotas';
const TEAM_JOBS = '/apis/skyflow.io/v1/namespaces/team/jobs';

const quota = (hard: object): object => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'team' },
  spec: { hard },
});

describe('quotas of a namespace', () => {
  let nats: NatsFixture;
  let gateways: GatewayFixture[];
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateways = [await startGatewayFixture(nats.url), await startGatewayFixture(nats.url)];
    gateway = gateways[0]!;
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
    expect((await gateway.request('POST', '/api/v1/namespaces', namespace)).status).toBe(201);
  });

  afterAll(async () => {
    for (const each of gateways) await each.stop();
    await nats.stop();
  });

  it('are made, shown with what is used, and refuse with 403 and the numbers', async () => {
    expect((await gateway.request('POST', QUOTAS, quota({ pods: '3', 'requests.cpu': '1' }))).status).toBe(201);
    expect((await gateway.request('POST', TEAM_JOBS, jobNamed('a', { replicas: 2 }))).status).toBe(201);
    const shown = await gateway.request('GET', `${QUOTAS}/team`);
    expect(shown.body.status).toEqual({
      hard: { pods: '3', 'requests.cpu': '1' },
      used: { pods: '2', 'requests.cpu': '200m' },
    });
    const refused = await gateway.request('POST', TEAM_JOBS, jobNamed('b', { replicas: 2 }));
    expect([refused.status, refused.body.reason, refused.body.message]).toEqual([
      403,
      'Forbidden',
      'jobs "b" is forbidden: exceeded quota: team, requested: pods=2, used: pods=2, limited: pods=3; ' +
        'ask for less, or delete something in namespace "team"',
    ]);
    const dry = await gateway.request('POST', `${TEAM_JOBS}?dryRun=All`, jobNamed('b', { replicas: 2 }));
    expect(dry.status).toBe(403);
    const scaled = await gateway.request(
      'PATCH',
      `${TEAM_JOBS}/a/scale`,
      { spec: { replicas: 9 } },
      {
        'content-type': 'application/merge-patch+json',
      },
    );
    expect([scaled.status, scaled.body.message]).toEqual([403, expect.stringContaining('requested: pods=7')]);
    const table = await gateway.request('GET', QUOTAS, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.text).toContain('pods: 2/3, requests.cpu: 200m/1');
  });

  it('say what is wrong with them', async () => {
    const wrong = await gateway.request('POST', QUOTAS, quota({ gpus: '3', pods: 'many' }));
    expect([wrong.status, wrong.body.message]).toEqual([422, expect.stringContaining('spec.hard.pods')]);
    const unknown = await gateway.request('POST', QUOTAS, quota({ gpus: '3' }));
    expect([unknown.status, unknown.body.message]).toEqual([422, expect.stringContaining('spec.hard[gpus]')]);
    const scoped = { ...quota({ pods: '1' }), spec: { hard: { pods: '1' }, scopes: ['BestEffort'] } };
    expect((await gateway.request('POST', QUOTAS, scoped)).body.message).toContain('spec.scopes');
  });

  it('let a list through as a whole or not at all', async () => {
    const list = { apiVersion: 'skyflow.io/v1', kind: 'JobList', items: [jobNamed('l1'), jobNamed('l2')] };
    expect((await gateway.request('POST', TEAM_JOBS, list)).status).toBe(403);
    expect((await gateway.request('GET', `${TEAM_JOBS}/l1`)).status).toBe(404);
  });

  it('hold when two gateways write at once', async () => {
    expect((await gateway.request('PUT', `${QUOTAS}/team`, quota({ pods: '20' }))).status).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        gateways[index % 2]!.request('POST', TEAM_JOBS, jobNamed(`race-${String(index)}`)),
      ),
    );
    const byStatus = (status: number): number => answers.filter((each) => each.status === status).length;
    expect([byStatus(201), byStatus(403)]).toEqual([18, 42]);
    for (const each of gateways) {
      const used = (await each.request('GET', `${QUOTAS}/team`)).body.status as unknown as { used: object };
      expect(used.used).toEqual({ pods: '20' });
    }
  });
});
