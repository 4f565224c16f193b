/** What stays open: how many there may be, what becomes of them when rights go, and what the audit log has of all that. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';

const API = '/apis/skyflow.io/v1';
const PASSWORD = 'correct horse';

interface Watch {
  status: number;
  retryAfter: string | null;
  /** All that came. */
  text: () => string;
  ended: () => boolean;
  stop: () => void;
}

describe('streams', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  const open: Watch[] = [];

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url, undefined, { SKYFLOW_STREAMS_PER_USER: 2, SKYFLOW_STREAMS: 5 });
  });

  afterAll(async () => {
    for (const each of open) each.stop();
    await gateway.stop();
    await nats.stop();
  });

  async function newUser(user: string, roles: string[] = ['reader-role']): Promise<string> {
    const { body } = await gateway.request('POST', '/auth/invites', { roles });
    const { invite } = body as unknown as { invite: string };
    const registered = await gateway.request('POST', '/auth/register', { user, password: PASSWORD, invite });
    expect([user, registered.status]).toEqual([user, 201]);
    const login = await gateway.request('POST', '/auth/login', { user, password: PASSWORD });
    return (login.body as unknown as { token: string }).token;
  }

  async function watch(token: string, path = `${JOBS}?watch=true`): Promise<Watch> {
    const stop = new AbortController();
    const answer = await fetch(`${gateway.url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: stop.signal,
    });
    let text = '';
    let ended = false;
    void (async () => {
      for await (const bytes of answer.body ?? []) text += Buffer.from(bytes as Uint8Array).toString();
    })()
      .catch(() => undefined)
      .finally(() => (ended = true));
    const made = {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      text: () => text,
      ended: () => ended,
      stop: () => stop.abort(),
    };
    open.push(made);
    return made;
  }

  it('are so many of one user, and of all; one more is told when to come again', async () => {
    const [ann, bob, cid] = [await newUser('ann'), await newUser('bob'), await newUser('cid')];
    const two = [await watch(ann), await watch(ann, '/stream?resources=jobs')];
    expect(two.map(({ status }) => status)).toEqual([200, 200]);
    const third = await watch(ann);
    expect([third.status, third.retryAfter]).toEqual([429, '10']);
    await until('the refusal is read', () => third.ended());
    expect(JSON.parse(third.text())).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      message: expect.stringContaining('user "ann" has 2 streams open'),
    });
    expect((await watch(bob)).status).toBe(200);
    expect((await watch(bob)).status).toBe(200);
    expect((await watch(cid)).status).toBe(200);
    const beyond = await watch(cid);
    await until('the refusal is read', () => beyond.ended());
    expect([beyond.status, beyond.text()]).toEqual([429, expect.stringContaining('5 streams are open')]);
    // Who has to see to it can.
    expect((await watch(TOKEN)).status).toBe(200);
    for (const each of open) each.stop();
    await until('there is room again', async () => {
      const again = await watch(ann);
      again.stop();
      return again.status === 200;
    });
    const refused = gateway.audited().filter(({ code }) => code === 429);
    expect(refused).toEqual(
      expect.arrayContaining([expect.objectContaining({ user: 'ann' }), expect.objectContaining({ user: 'cid' })]),
    );
  });

  it('of build logs are counted, and end when the right is taken away, like the others', async () => {
    const provision = { hosts: [{ address: '10.0.0.5', user: 'ubuntu', keyPath: '/k' }] };
    const cluster = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name: 'built' } };
    const made = await gateway.request('POST', `${API}/clusters`, { ...cluster, spec: { manager: 'k8', provision } });
    expect(made.status).toBe(201);
    const role = { apiVersion: 'skyflow.io/v1', kind: 'Role', metadata: { name: 'builder' } };
    await gateway.request('POST', `${API}/roles`, { ...role, rules: [{ verbs: ['logs'], kinds: ['Cluster'] }] });
    const gil = await newUser('gil', ['builder']);
    const log = `${API}/clusters/built/log?follow=true`;
    const [one, two] = [await watch(gil, log), await watch(gil, log)];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect((await watch(gil, log)).status).toBe(429);
    await gateway.request('DELETE', `${API}/rolebindings/builder:gil`);
    await until('both have ended', () => one.ended() && two.ended());
    expect((await watch(gil, log)).status).toBe(403);
  });

  it('end with 403 when the right is taken away, and only those', async () => {
    const [dan, eve] = [await newUser('dan'), await newUser('eve')];
    const [watching, streaming] = [await watch(dan), await watch(dan, '/stream?resources=jobs')];
    const other = await watch(eve);
    const unbound = await gateway.request('DELETE', `${API}/rolebindings/reader-role:dan`);
    expect(unbound.status).toBe(200);
    await until('both have ended', () => watching.ended() && streaming.ended());
    const last = watching.text().trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ type: 'ERROR', object: { code: 403, reason: 'Forbidden' } });
    await gateway.request('POST', JOBS, jobNamed('seen'));
    await until('the other goes on', () => other.text().includes('"seen"'));
    expect(other.ended()).toBe(false);
    other.stop();
  });

  it('end with 401 when the session is over or the user is no more', async () => {
    const [fay, gus] = [await newUser('fay'), await newUser('gus')];
    const [one, two] = [await watch(fay), await watch(gus)];
    expect((await gateway.request('POST', '/auth/logout', {}, { authorization: `Bearer ${fay}` })).status).toBe(200);
    expect((await gateway.request('DELETE', `${API}/users/gus`)).status).toBe(200);
    await until('both have ended', () => one.ended() && two.ended());
    for (const each of [one, two]) expect(each.text()).toContain('"reason":"Unauthorized"');
  });

  it('end, so that the reader asks anew, when he is to see more or less than before', async () => {
    const rules = (namespaces: string[]): object => ({
      apiVersion: 'skyflow.io/v1',
      kind: 'Role',
      metadata: { name: 'some' },
      rules: [{ verbs: ['list', 'watch'], kinds: ['Job'], namespaces }],
    });
    expect((await gateway.request('POST', `${API}/roles`, rules(['default']))).status).toBe(201);
    const hal = await newUser('hal', ['some']);
    const everywhere = await watch(hal, `${API}/jobs?watch=true`);
    const own = await watch(hal);
    expect((await gateway.request('PUT', `${API}/roles/some`, rules(['default', 'other']))).status).toBe(200);
    await until('it has ended', () => everywhere.ended());
    expect(everywhere.text()).not.toContain('ERROR');
    // All of its namespace it could see before, and can.
    expect(own.ended()).toBe(false);
    own.stop();
  });

  it('and wrong logins and invites, too, are in the audit log, without what was given as a secret', async () => {
    await gateway.request('POST', '/auth/login', { user: 'ann', password: 'guess-guess' }, { authorization: '' });
    await gateway.request('POST', '/auth/register', { user: 'ivy', password: PASSWORD, invite: 'guessed' });
    const audited = gateway.audited();
    expect(audited).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 401, user: 'ann', verb: 'login', path: '/auth/login' }),
        expect.objectContaining({ code: 403, user: 'ivy', verb: 'register', path: '/auth/register' }),
      ]),
    );
    expect(JSON.stringify(audited)).not.toContain('guess');
  });
});
