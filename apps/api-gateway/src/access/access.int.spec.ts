import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture } from '../testing/gateway-fixture.js';

const API = '/apis/skyflow.io/v1';
const PASSWORD = 'correct horse';

let nats: NatsFixture;
let gateway: GatewayFixture;
let directory: string;

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
  directory = await mkdtemp(join(tmpdir(), 'skyflow-access-'));
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

type Json = Record<string, unknown> & { status?: unknown };
const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

async function send(
  method: string,
  path: string,
  body?: unknown,
  token = TOKEN,
): Promise<{ status: number; body: Json; headers: Headers }> {
  const answer = await gateway.request(method, path, body, as(token));
  return { status: answer.status, body: answer.body as unknown as Json, headers: answer.headers };
}

/** A user with these roles, registered with an invite and logged in. */
async function newUser(user: string, roles: string[] = []): Promise<{ token: string; refreshToken: string }> {
  const { body } = await send('POST', '/auth/invites', { roles });
  const registered = await send('POST', '/auth/register', { user, password: PASSWORD, invite: body.invite }, '');
  expect([user, registered.status, registered.body]).toEqual([user, 201, { user, roles }]);
  const login = await send('POST', '/auth/login', { user, password: PASSWORD }, '');
  expect(login.status).toBe(200);
  return login.body as { token: string; refreshToken: string };
}

describe('users', () => {
  it('register with an invite, once, and are given its roles', async () => {
    const { body: invite } = await send('POST', '/auth/invites', { roles: ['reader-role'] });
    const register = (user: string) =>
      send('POST', '/auth/register', { user, password: PASSWORD, invite: invite.invite }, '');
    const answers = await Promise.all([register('ann'), register('bob')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect((await register('cid')).status).toBe(403);
    const winner = answers[0].status === 201 ? 'ann' : 'bob';
    const { body } = await send('POST', '/auth/login', { user: winner, password: PASSWORD }, '');
    expect(await send('GET', JOBS, undefined, String(body.token))).toMatchObject({ status: 200 });
    expect(await send('POST', JOBS, jobNamed('x'), String(body.token))).toMatchObject({
      status: 403,
      body: {
        message: `jobs.skyflow.io is forbidden: User "${winner}" cannot create resource "jobs" in API group "skyflow.io" in the namespace "default": missing verb "create" on kind "Job" (bound roles: reader-role); ask for a role that has it`,
      },
    });
  });

  it('cannot be registered with a revoked or a wrong invite, nor twice, nor badly', async () => {
    const { body: invite } = await send('POST', '/auth/invites', {});
    const register = (more: object) =>
      send('POST', '/auth/register', { user: 'dee', password: PASSWORD, invite: invite.invite, ...more }, '');
    expect(await register({ password: 'short' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('8 to 256') },
    });
    expect(await register({ user: 'system:x' })).toMatchObject({ status: 400 });
    expect(await register({ invite: `${String(invite.invite).slice(0, -3)}abc` })).toMatchObject({ status: 403 });
    await newUser('eve');
    expect(await register({ user: 'eve' })).toMatchObject({ status: 409 });
    expect(await send('POST', '/auth/invites/revoke', { invite: invite.invite })).toMatchObject({ status: 200 });
    expect(await register({})).toMatchObject({ status: 403 });
  });

  it('log in, refresh, log out; a token that was revoked is useless at once', async () => {
    const { token, refreshToken } = await newUser('fay', ['reader-role']);
    expect((await send('GET', JOBS, undefined, token)).status).toBe(200);
    const refreshed = await send('POST', '/auth/refresh', { refreshToken }, '');
    expect(refreshed).toMatchObject({ status: 200, body: { user: 'fay' } });
    const second = String(refreshed.body.token);
    expect(second).not.toBe(token);
    expect(await send('GET', '/auth/whoami', undefined, second)).toMatchObject({
      body: { user: 'fay', roles: ['reader-role'], token: { type: 'Session' } },
    });
    expect((await send('GET', JOBS, undefined, token)).status).toBe(200);
    expect((await send('POST', '/auth/logout', {}, second)).status).toBe(200);
    for (const old of [token, second]) expect((await send('GET', JOBS, undefined, old)).status).toBe(401);
    expect((await send('POST', '/auth/refresh', { refreshToken }, '')).status).toBe(401);
    // A refresh token is no token, and the other way round.
    expect((await send('GET', JOBS, undefined, refreshToken)).status).toBe(401);
  });

  it('are shut out when disabled or deleted, whatever they hold', async () => {
    const { token, refreshToken } = await newUser('gil', ['reader-role']);
    expect(
      (await send('PATCH', `${API}/users/gil`, [{ op: 'add', path: '/spec/disabled', value: true }])).status,
    ).not.toBe(200);
    const patch = await gateway.request(
      'PATCH',
      `${API}/users/gil`,
      { spec: { disabled: true } },
      {
        'content-type': 'application/merge-patch+json',
      },
    );
    expect(patch.status).toBe(200);
    expect((await send('GET', JOBS, undefined, token)).status).toBe(401);
    expect((await send('POST', '/auth/refresh', { refreshToken }, '')).status).toBe(401);
    expect((await send('POST', '/auth/login', { user: 'gil', password: PASSWORD }, '')).status).toBe(401);
    const enable = await gateway.request(
      'PATCH',
      `${API}/users/gil`,
      { spec: { disabled: false } },
      {
        'content-type': 'application/merge-patch+json',
      },
    );
    expect(enable.status).toBe(200);
    // The password survived two changes by clients that never saw it.
    expect((await send('POST', '/auth/login', { user: 'gil', password: PASSWORD }, '')).status).toBe(200);
    expect((await send('GET', JOBS, undefined, token)).status).toBe(200);
    expect((await send('DELETE', `${API}/users/gil`)).status).toBe(200);
    expect((await send('GET', JOBS, undefined, token)).status).toBe(401);
  });

  it('change their password with the old one, which ends their sessions', async () => {
    const { token } = await newUser('hal');
    const change = (body: object) => send('POST', '/auth/password', body, token);
    expect((await change({ password: 'a new password' })).status).toBe(400);
    expect((await change({ password: 'a new password', oldPassword: 'no' })).status).toBe(401);
    expect((await change({ password: 'a new password', oldPassword: PASSWORD })).status).toBe(200);
    expect((await send('GET', '/auth/whoami', undefined, token)).status).toBe(401);
    expect((await send('POST', '/auth/login', { user: 'hal', password: 'a new password' }, '')).status).toBe(200);
  });

  it('are locked out after wrong passwords, with the right one too, and told for how long', async () => {
    await newUser('ida');
    const login = (password: string) => send('POST', '/auth/login', { user: 'ida', password }, '');
    for (let count = 0; count < 5; count++) expect((await login('wrong password')).status).toBe(401);
    const locked = await login(PASSWORD);
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(20);
    // Whether a user exists does not show.
    const { body: known } = await send('POST', '/auth/login', { user: 'fay', password: 'wrong password' }, '');
    const { body: unknown } = await send('POST', '/auth/login', { user: 'nobody', password: 'wrong password' }, '');
    expect(unknown.message).toBe(known.message);
  });

  it('and tokens are never shown with what they hash', async () => {
    await newUser('jan');
    const shown = await Promise.all(
      [`${API}/users`, `${API}/tokens`, `${API}/users/jan`, `${API}/tokens?watch=1&timeoutSeconds=1`].map((path) =>
        gateway.request('GET', path),
      ),
    );
    for (const { status, text } of shown) {
      expect(status).toBe(200);
      expect(text).toContain('jan');
      expect(text).not.toMatch(/secret|hash|scrypt/i);
    }
  });
});

describe('machines', () => {
  it('have tokens, made by whoever may act for them, and revoked by deleting them', async () => {
    const user = { apiVersion: 'skyflow.io/v1', kind: 'User', metadata: { name: 'ci' }, spec: { type: 'Service' } };
    expect((await send('POST', `${API}/users`, user)).status).toBe(201);
    const { token: reader } = await newUser('kim', ['reader-role']);
    expect((await send('POST', '/auth/tokens', { user: 'ci' }, reader)).status).toBe(403);
    const made = await send('POST', '/auth/tokens', { user: 'ci', expiresInSeconds: 3600, description: 'nightly' });
    expect(made.status).toBe(201);
    const { name, token } = made.body as { name: string; token: string };
    expect(await send('GET', '/auth/whoami', undefined, token)).toMatchObject({
      body: { user: 'ci', groups: ['system:serviceaccounts', 'system:authenticated'], token: { type: 'Service' } },
    });
    expect((await send('POST', '/auth/login', { user: 'ci', password: '' }, '')).status).toBe(401);
    expect((await send('DELETE', `${API}/tokens/${name}`)).status).toBe(200);
    expect((await send('GET', '/auth/whoami', undefined, token)).status).toBe(401);
  });
});

describe('no rule escalates', () => {
  const role = (name: string, rules: object[]): object => ({
    apiVersion: 'skyflow.io/v1',
    kind: 'Role',
    metadata: { name },
    rules,
  });
  const binding = (name: string, roleName: string, subject: string): object => ({
    apiVersion: 'skyflow.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { kind: 'Role', name: roleName },
    subjects: [{ kind: 'User', name: subject }],
  });

  it('who may write roles writes and gives what he has, and no more', async () => {
    expect(
      (
        await send(
          'POST',
          `${API}/roles`,
          role('delegate', [
            { verbs: ['get', 'create', 'update', 'patch'], kinds: ['Role', 'RoleBinding', 'User'] },
            { verbs: ['*'], kinds: ['jobs'], namespaces: ['default'] },
          ]),
        )
      ).status,
    ).toBe(201);
    const { token } = await newUser('lea', ['delegate']);
    const tries: [string, object, number][] = [
      [`${API}/roles`, role('mine', [{ verbs: ['delete'], kinds: ['Job'], namespaces: ['default'] }]), 201],
      [`${API}/roles`, role('more', [{ verbs: ['delete'], kinds: ['Job'] }]), 403],
      [
        `${API}/roles`,
        role('else', [
          { verbs: ['get'], kinds: ['Secret'] },
          { verbs: ['get'], kinds: ['Role'] },
        ]),
        403,
      ],
      [`${API}/rolebindings`, binding('b1', 'mine', 'lea'), 201],
      [`${API}/rolebindings`, binding('b2', 'admin-role', 'lea'), 403],
      [`${API}/rolebindings`, binding('b3', 'nowhere', 'lea'), 422],
      ['/auth/invites', { roles: ['mine'] }, 201],
      ['/auth/invites', { roles: ['admin-role'] }, 403],
      ['/auth/tokens', { user: 'lea' }, 201],
      [`${API}/users`, { metadata: { name: 'mia' }, spec: { groups: ['system:masters'] } }, 403],
    ];
    for (const [path, body, status] of tries) {
      expect([path, body, (await send('POST', path, body, token)).status]).toEqual([path, body, status]);
    }
    const patch = await gateway.request(
      'PATCH',
      `${API}/roles/mine`,
      { rules: [{ verbs: ['*'], kinds: ['*'] }] },
      {
        ...as(token),
        'content-type': 'application/merge-patch+json',
      },
    );
    expect(patch).toMatchObject({ status: 403, body: { message: expect.stringContaining('"escalate"') } });
    const applied = await gateway.request(
      'PATCH',
      `${JOBS.replace('default', 'team')}/x?fieldManager=t`,
      jobNamed('x'),
      {
        ...as(token),
        'content-type': 'application/apply-patch+yaml',
      },
    );
    expect(applied.status).toBe(403);
  });

  it('a group with rights is not joined by writing it into a user', async () => {
    await send('POST', `${API}/rolebindings`, {
      ...binding('ops', 'admin-role', ''),
      subjects: [{ kind: 'Group', name: 'ops' }],
    });
    const { token } = await newUser('ned', ['delegate']);
    const join = await gateway.request(
      'PATCH',
      `${API}/users/ned`,
      { spec: { groups: ['ops'] } },
      {
        ...as(token),
        'content-type': 'application/merge-patch+json',
      },
    );
    expect(join).toMatchObject({ status: 403, body: { message: expect.stringContaining('does not have "*" on *') } });
  });

  it('acting as another needs the verb impersonate on him', async () => {
    const { token } = await newUser('oda', ['reader-role']);
    const whoami = (bearer: string, headers: Record<string, string>) =>
      gateway.request('GET', '/auth/whoami', undefined, { ...as(bearer), ...headers });
    expect((await whoami(token, { 'impersonate-user': 'lea' })).status).toBe(403);
    expect((await whoami(TOKEN, { 'impersonate-user': 'oda' })).body).toMatchObject({
      user: 'oda',
      roles: ['reader-role'],
    });
    expect((await whoami(TOKEN, { 'impersonate-group': 'ops' })).status).toBe(400);
    expect((await whoami(TOKEN, { 'impersonate-user': 'x', 'impersonate-group': 'ops' })).body).toMatchObject({
      user: 'x',
      roles: ['admin-role'],
    });
  });
});

describe('wrong roles and bindings', () => {
  it.each([
    ['roles', { rules: [{ verbs: ['fly'], kinds: ['Job'] }] }, 'rules[0].verbs[0]', 'must be one of: get, list'],
    ['roles', { rules: [{ verbs: ['get'], kinds: ['Sheep'] }] }, 'rules[0].kinds[0]', 'must be one of: '],
    ['roles', { rules: [{ verbs: [], kinds: ['Job'] }] }, 'rules[0].verbs', 'at least one'],
    ['roles', { rules: [{ verbs: ['get'], kinds: ['Job'], namespaces: [] }] }, 'rules[0].namespaces', 'allow nothing'],
    [
      'rolebindings',
      { roleRef: { name: 'admin-role' }, subjects: [{ kind: 'Dog', name: 'x' }] },
      'subjects[0].kind',
      'User',
    ],
    ['users', { spec: { email: 'nowhere' } }, 'spec.email', 'e-mail'],
  ])('%s %j are told where and why', async (plural, body, field, rule) => {
    const answer = await gateway.request('POST', `${API}/${plural}`, { metadata: { name: 'wrong' }, ...body });
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(field)]);
    expect(answer.body.message).toContain(rule);
  });
});

describe('kubectl', () => {
  it('asks what it may and who it is', async () => {
    const { token } = await newUser('pia', ['reader-role']);
    const config = join(directory, 'kubeconfig.yaml');
    const server = gateway.url.replace('http://', `http://pia:${token}@`);
    await writeFile(
      config,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        clusters: [{ name: 'c', cluster: { server } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: '' } }],
      }),
    );
    const kubectl = async (...args: string[]): Promise<string> => {
      const result = await runKubectl(args, { kubeconfig: config });
      return `${result.stdout}${result.stderr}`;
    };
    expect(await kubectl('auth', 'can-i', 'list', 'jobs.skyflow.io')).toMatch(/^yes/);
    expect(await kubectl('auth', 'can-i', 'create', 'deployments.apps')).toMatch(
      /^no - missing verb "create" on kind "Deployment"/,
    );
    expect(await kubectl('auth', 'can-i', 'get', 'pods', '--subresource=log')).toMatch(/^yes/);
    expect(await kubectl('auth', 'can-i', 'create', 'pods', '--subresource=exec')).toMatch(/^no/);
    expect(await kubectl('auth', 'whoami')).toMatch(/Username +pia\nGroups +\[system:authenticated\]/);
    expect(await kubectl('auth', 'can-i', '--list')).toMatch(/pods\/log +\[\] +\[\] +\[get\]/);
    expect(await kubectl('delete', 'namespace', 'default')).toContain('User "pia" cannot delete resource "namespaces"');
  });
});

describe('history', () => {
  it('tells who did what, of objects that are gone too, to whoever may read them', async () => {
    const { token } = await newUser('quo', ['admin-role']);
    await send('POST', JOBS, jobNamed('told'), token);
    await gateway.request(
      'PATCH',
      `${JOBS}/told`,
      { spec: { replicas: 2 } },
      { 'content-type': 'application/merge-patch+json' },
    );
    const { body } = await send('GET', `${JOBS}/told/history`);
    expect(body).toMatchObject({
      kind: 'Job',
      name: 'told',
      items: [
        { what: 'Created', actor: 'quo' },
        { what: 'Changed', actor: 'admin', detail: 'spec.replicas: 1 → 2' },
      ],
    });
    await send('DELETE', `${JOBS}/told?gracePeriodSeconds=0`, undefined, token);
    expect((await send('GET', `${JOBS}/told/history?limit=1`)).body).toMatchObject({
      items: [{ what: 'Deleted', actor: 'quo' }],
    });
    expect((await send('GET', `${API}/users/quo/history`)).body).toMatchObject({
      items: [{ what: 'Created', actor: 'quo' }],
    });
    expect((await send('GET', '/apis/core/v1/namespaces/default/history')).body).toMatchObject({ kind: 'Namespace' });
    expect((await send('GET', `${JOBS}/never/history`)).status).toBe(404);
    expect((await send('GET', `${API}/sheep/x/history`)).status).toBe(404);
    const { token: inviter } = await newUser('ray', ['inviter-role']);
    expect((await send('GET', `${JOBS}/told/history`, undefined, inviter)).status).toBe(403);
    expect((await send('GET', '/log', undefined, (await newUser('sol', ['reader-role'])).token)).status).toBe(403);
  });
});
