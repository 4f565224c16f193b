import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';
import type { WaitingWorkloads } from './waiting-report.js';

const GROUP = '/apis/skyflow.io/v1';
const REASON = { reason: 'InsufficientCpu', message: 'no cluster has 30 CPUs free' };

describe('GET /waitingworkloads', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let epochSeq: number;

  const create = async (path: string, body: object): Promise<string> => {
    const answer = await gateway.request('POST', path, body);
    expect([path, answer.status, answer.body.message]).toEqual([path, 201, undefined]);
    return answer.body.metadata.uid;
  };
  const read = async (query = '', headers = {}): Promise<WaitingWorkloads> => {
    const { status, text } = await gateway.request('GET', `/waitingworkloads${query}`, undefined, headers);
    expect([query, status, status === 200 ? '' : text]).toEqual([query, 200, '']);
    return JSON.parse(text) as WaitingWorkloads;
  };
  const decide = async (namespace: string, name: string, uid: string, placed: number): Promise<void> => {
    const seq = await gateway.append(decisionSubject('scheduler'), 'PlacementDecided', {
      ...{ epoch: 1, ref: { kind: 'Job', namespace, name, uid }, generation: 1 },
      ...{ placements: placed === 0 ? [] : [{ cluster: 'east', replicas: placed }], unplaced: 1 - placed },
      ...{ basis: 0, code: 'test', verdicts: [], ...(placed === 0 ? REASON : {}) },
    });
    await until('the decision is folded', async () => {
      const { body } = await gateway.request('GET', '/status');
      return body.foldedSeq >= seq;
    });
  };
  const impersonating = (name: string): Record<string, string> => ({ 'impersonate-user': name });

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    epochSeq = await gateway.append(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'test' });
    for (const name of ['default', 'team']) {
      const answer = await gateway.request('POST', `${GROUP}/namespaces`, {
        apiVersion: 'skyflow.io/v1',
        kind: 'Namespace',
        metadata: { name },
      });
      expect([201, 409]).toContain(answer.status);
    }
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it('counts what waits by its reason, and follows every change', async () => {
    expect(await read()).toMatchObject({ workloads: 0, reasons: [] });
    const uid = await create(`${GROUP}/namespaces/default/jobs`, jobNamed('a'));
    await create(`${GROUP}/namespaces/team/jobs`, jobNamed('b'));
    const queued = { reason: 'Queued', workloads: 2, replicas: 2 };
    expect(await read()).toMatchObject({ workloads: 2, reasons: [queued] });
    await decide('default', 'a', uid, 0);
    const { workloads, reasons } = await read();
    expect(workloads).toBe(2);
    expect(reasons).toContainEqual({
      ...REASON,
      workloads: 1,
      replicas: 1,
      examples: [{ kind: 'Job', namespace: 'default', name: 'a' }],
    });
    expect(await read('?namespace=team')).toMatchObject({ workloads: 1, reasons: [{ reason: 'Queued' }] });
    await decide('default', 'a', uid, 1);
    expect(await read()).toMatchObject({ workloads: 1 });
    expect((await gateway.request('DELETE', `${GROUP}/namespaces/team/jobs/b`)).status).toBe(200);
    expect(await read()).toMatchObject({ workloads: 0 });
    expect(await read(`?at=${String(epochSeq)}`)).toMatchObject({ workloads: 0 });
    expect((await read(`?at=${String(epochSeq + 5)}`)).workloads).toBeGreaterThan(0);
  });

  it('tells nobody of what he may not see', async () => {
    await create(`${GROUP}/namespaces/default/jobs`, jobNamed('seen'));
    await create(`${GROUP}/namespaces/team/jobs`, jobNamed('unseen'));
    await create(`${GROUP}/roles`, {
      apiVersion: 'skyflow.io/v1',
      kind: 'Role',
      metadata: { name: 'default-only' },
      rules: [{ kinds: ['Job'], verbs: ['list'], namespaces: ['default'] }],
    });
    await create(`${GROUP}/rolebindings`, {
      apiVersion: 'skyflow.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'default-only' },
      roleRef: { kind: 'Role', name: 'default-only' },
      subjects: [{ kind: 'User', name: 'ann' }],
    });
    expect((await read('', impersonating('ann'))).reasons.flatMap(({ examples }) => examples)).toEqual([
      { kind: 'Job', namespace: 'default', name: 'seen' },
    ]);
    for (const [who, path] of [
      ['ann', '/waitingworkloads?namespace=team'],
      ['nobody', '/waitingworkloads'],
    ]) {
      const { status, body } = await gateway.request('GET', path ?? '', undefined, impersonating(who ?? ''));
      expect([who, status, body.message]).toEqual([
        who,
        403,
        expect.stringContaining(`User "${who ?? ''}" cannot list`),
      ]);
    }
  });

  it('refuses a time that is none, and documents itself', async () => {
    const { status, body } = await gateway.request('GET', '/waitingworkloads?at=yesterday');
    expect([status, body.message]).toEqual([400, expect.stringContaining('at: invalid value "yesterday"')]);
    const { body: document } = await gateway.request('GET', '/openapi.json');
    expect(document.paths).toHaveProperty(['/waitingworkloads', 'get', 'responses', '200']);
  });
});
