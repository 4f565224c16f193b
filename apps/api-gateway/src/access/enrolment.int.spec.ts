import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { nkeys } from '@nats-io/transport-node';
import { startGatewayFixture, until, type GatewayFixture } from '../testing/gateway-fixture.js';

const CLUSTERS = '/apis/skyflow.io/v1/clusters';
const TOKENS = '/apis/skyflow.io/v1/tokens';

interface Body {
  joinToken: string;
  token: string;
  uid: string;
  message: string;
  user: string;
  revoked: string[];
  items: {
    metadata: { name: string };
    spec: { type: string; cluster?: string; natsKeys?: { key: string; until?: string }[] };
  }[];
}

describe('how the agent of a cluster comes in', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
  }, 120_000);
  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; body: Body; text: string }> => {
    const headers = token === undefined ? {} : { authorization: token === '' ? '' : `Bearer ${token}` };
    const answer = await gateway.request(method, path, body, headers);
    return { status: answer.status, body: answer.body as unknown as Body, text: answer.text };
  };
  const newKey = (): string => nkeys.createUser().getPublicKey();
  const cluster = async (name: string): Promise<void> => {
    const object = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name }, spec: { manager: 'k8' } };
    expect((await ask('POST', CLUSTERS, object)).status).toBe(201);
  };
  const joinToken = async (name: string): Promise<string> =>
    (await ask('POST', '/auth/joins', { cluster: name })).body.joinToken;
  const agentTokens = async (name: string): Promise<Body['items']> =>
    (await ask('GET', TOKENS)).body.items.filter(({ spec }) => spec.type === 'Agent' && spec.cluster === name);
  const enrol = (token: string, natsKey = newKey()): ReturnType<typeof ask> =>
    ask('POST', '/auth/enrol', { joinToken: token, natsKey }, '');

  it('a join token is good once, and then useless; the agent has no rights but to renew', async () => {
    await cluster('east');
    const join = await joinToken('east');
    const key = newKey();
    const first = await enrol(join, key);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ cluster: 'east', nats: { url: nats.url } });
    expect(await agentTokens('east')).toEqual([
      expect.objectContaining({ spec: expect.objectContaining({ natsKeys: [{ key }] }) }),
    ]);
    const again = await enrol(join);
    expect(again.status).toBe(403);
    expect(again.body.message).toMatch(/not good: it was used.*skyctl cluster join/);
    const { token } = first.body;
    expect((await ask('GET', '/auth/whoami', undefined, token)).body.user).toBe('system:agent:east');
    for (const path of [CLUSTERS, TOKENS, '/api/v1/secrets', '/log', '/apis/skyflow.io/v1/jobs'])
      expect([path, (await ask('GET', path, undefined, token)).status]).toEqual([path, 403]);
    expect((await ask('POST', '/auth/joins', { cluster: 'east' }, token)).status).toBe(403);
    expect((await ask('POST', '/auth/tokens', {}, token)).status).toBe(404);
  });

  it('of many that use one join token at a time, one gets in', async () => {
    await cluster('raced');
    const join = await joinToken('raced');
    const answers = await Promise.all(Array.from({ length: 8 }, () => enrol(join)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 403)]);
    expect(await agentTokens('raced')).toHaveLength(1);
  });

  it('renewing gives another token and key; the old are good for a while, and no longer', async () => {
    await cluster('renewed');
    const { body: first } = await enrol(await joinToken('renewed'));
    const key = newKey();
    const second = await ask('POST', '/auth/enrol/renew', { natsKey: key }, first.token);
    expect(second.status).toBe(200);
    expect(second.body.token).not.toBe(first.token);
    const keys = (await agentTokens('renewed'))[0]?.spec.natsKeys ?? [];
    expect(keys.map(({ until: end }) => end !== undefined)).toEqual([true, false]);
    expect(keys[1]?.key).toBe(key);
    expect((await ask('GET', '/auth/whoami', undefined, first.token)).status).toBe(200);
    // Nobody but an agent renews.
    expect((await ask('POST', '/auth/enrol/renew', { natsKey: newKey() })).status).toBe(403);
  });

  it('a second enrolment ends the first; revoking ends all, tokens not used yet too', async () => {
    await cluster('revoked');
    const { body: first } = await enrol(await joinToken('revoked'));
    const { body: second } = await enrol(await joinToken('revoked'));
    expect((await ask('GET', '/auth/whoami', undefined, first.token)).status).toBe(401);
    const unused = await joinToken('revoked');
    const revoked = await ask('POST', '/auth/joins/revoke', { cluster: 'revoked' });
    expect(revoked.body.revoked).toHaveLength(2);
    expect((await ask('GET', '/auth/whoami', undefined, second.token)).status).toBe(401);
    expect((await enrol(unused)).status).toBe(403);
    expect(await agentTokens('revoked')).toEqual([]);
  });

  it('a cluster that was removed has no agent any more, though another of its name comes', async () => {
    await cluster('gone');
    const join = await joinToken('gone');
    const { body } = await enrol(await joinToken('gone'));
    await ask('DELETE', `${CLUSTERS}/gone`);
    const ref = { kind: 'Cluster', name: 'gone', uid: body.uid };
    await gateway.append('sky.evt.scheduler', 'ObjectReleased', { epoch: 1, ref });
    await until('the cluster is gone', async () => (await ask('GET', `${CLUSTERS}/gone`)).status === 404);
    expect((await ask('GET', '/auth/whoami', undefined, body.token)).status).toBe(401);
    await cluster('gone');
    expect((await ask('GET', '/auth/whoami', undefined, body.token)).status).toBe(401);
    expect((await enrol(join)).status).toBe(403);
  });

  it('refuses keys that nats-server would not take, and those of others', async () => {
    await cluster('keys');
    const join = await joinToken('keys');
    for (const key of ['', 'U', 'x'.repeat(56), nkeys.createAccount().getPublicKey(), `${newKey().slice(0, -1)}1`])
      expect([key, (await enrol(join, key)).status]).toEqual([key, 400]);
    const taken = newKey();
    await cluster('other');
    expect((await enrol(await joinToken('other'), taken)).status).toBe(201);
    expect((await enrol(join, taken)).status).toBe(409);
    // What was refused used nothing up.
    expect((await enrol(join)).status).toBe(201);
  });

  it('says what is missing: the cluster, or the right; and keeps no secret', async () => {
    const none = await ask('POST', '/auth/joins', { cluster: 'nowhere' });
    expect([none.status, none.body.message]).toEqual([404, expect.stringContaining('skyctl create cluster nowhere')]);
    await ask('POST', '/apis/skyflow.io/v1/users', {
      apiVersion: 'skyflow.io/v1',
      kind: 'User',
      metadata: { name: 'robot' },
      spec: { type: 'Service' },
    });
    const { token } = (await ask('POST', '/auth/tokens', { user: 'robot' })).body;
    const refused = await ask('POST', '/auth/joins', { cluster: 'east' }, token);
    expect([refused.status, refused.body.message]).toEqual([403, expect.stringContaining('missing verb "update"')]);
    const join = await joinToken('east');
    const { body } = await enrol(join);
    // The secret is the end of a token; its characters may be those that part it.
    const secrets = [join, body.token].map((text) => text.slice(-24));
    const log = await gateway.request('GET', '/log');
    for (const secret of secrets) {
      expect(log.text).not.toContain(secret);
      expect((await ask('GET', TOKENS)).text).not.toContain(secret);
    }
    expect((await ask('GET', TOKENS)).text).not.toContain('"secret"');
  });
});
