/** Logging in and out, users and roles, as typed; skyctl, the gateway and nats-server as real processes. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { ADMIN_TOKEN, startRealGateway, type RealGateway } from './testing/real-gateway.js';
import { Skyctl } from './testing/run-skyctl.js';

const PASSWORD = 'correct horse';

interface Config {
  currentContext: string;
  contexts: { name: string; token?: string; refreshToken?: string; expiresAt?: string }[];
}

describe('access', () => {
  let gateway: RealGateway;
  let skyctl: Skyctl;
  let config: string;
  const run = (...args: string[]) => skyctl.run(args);
  const admin = (...args: string[]) => skyctl.run([...args, '--token', ADMIN_TOKEN]);
  const read = (): Config => parse(readFileSync(config, 'utf8')) as Config;

  beforeAll(async () => {
    gateway = await startRealGateway();
    skyctl = await Skyctl.build({});
    config = join(skyctl.home, 'config.yaml');
    await run('config', 'set-context', 'here', '--server', gateway.url);
  }, 120_000);
  afterAll(async () => {
    await gateway.stop();
    await skyctl.remove();
  });

  it('registers with an invite, logs in, and may what its roles say', async () => {
    const invite = (await admin('invite', '--role', 'reader-role')).stdout.trim();
    expect(await run('register', 'jo', PASSWORD, '--invite', invite)).toMatchObject({
      code: 0,
      stdout: 'Registered jo (roles: reader-role). Log in with: skyctl login jo\n',
    });
    expect(await run('register', 'al', PASSWORD, '--inv', invite)).toEqual({
      code: 5,
      stdout: '',
      stderr: 'error: this invite is not good: it was used, revoked, or has expired; ask for another one\n',
    });
    expect(await admin('create', 'token')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('name another user, or create one'),
    });
    expect(await run('login', 'jo', 'wrong password')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('password is wrong'),
    });
    expect(await skyctl.run(['login', 'jo', '--password-stdin'], { input: `${PASSWORD}\n` })).toMatchObject({
      code: 0,
      stdout: 'Logged in as jo. Using context "jo-default".\n',
    });
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect((await run('auth', 'whoami')).stdout).toMatch(/^User: +jo\nGroups: .*\nRoles: +reader-role\n/);
    expect((await run('auth', 'can-i', 'list', 'jobs')).stdout).toBe('yes\n');
    expect(await run('auth', 'can-i', 'create', 'jobs', '-q')).toMatchObject({ code: 1, stdout: '' });
    expect((await run('auth', 'can-i', 'get', '/healthz')).stdout).toBe('yes\n');
    expect((await run('auth', 'can-i', 'frob', 'jobs')).stderr).toMatch(/^note: there is no verb "frob"/);
    expect((await run('auth', 'can-i', '--list')).stdout).toContain('get,list,watch');
    expect(await run('create', 'job', 'x', '--run', 'date')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('missing verb "create" on kind "Job"'),
    });
  });

  it('renews a token that is about to end, before it is used', async () => {
    const before = read();
    const old = before.contexts.find(({ name }) => name === 'jo-default');
    for (const context of before.contexts)
      if (context.expiresAt !== undefined) context.expiresAt = new Date().toISOString();
    writeFileSync(config, stringify(before));
    expect((await run('get', 'jobs')).code).toBe(0);
    const next = read().contexts.find(({ name }) => name === 'jo-default');
    expect(next?.token).not.toBe(old?.token);
    expect(Date.parse(next?.expiresAt ?? '')).toBeGreaterThan(Date.now() + 60_000);
    expect(next?.refreshToken).toBe(old?.refreshToken);
    const credential = JSON.parse((await run('auth', 'credential')).stdout) as { status: { token: string } };
    expect(credential.status.token).toBe(next?.token);
  });

  it('makes roles, bindings, machines and their tokens', async () => {
    expect(
      await admin('create', 'role', 'dev', '-a', 'get', '-a', 'create', '-r', 'jobs', '-n', 'default', '-u', 'jo'),
    ).toMatchObject({ code: 0, stdout: 'role.skyflow.io/dev created\nrolebinding.skyflow.io/dev created\n' });
    expect((await run('auth', 'can-i', 'create', 'jobs')).stdout).toBe('yes\n');
    expect((await run('auth', 'can-i', 'create', 'jobs', '-n', 'other')).stdout).toBe('no\n');
    expect((await admin('create', 'user', 'ci', '--service')).code).toBe(0);
    expect((await admin('create', 'rolebinding', 'ci', '--role', 'reader-role', '-u', 'ci')).code).toBe(0);
    const made = await admin('create', 'token', '--user', 'ci', '--expires-in', '1h');
    const token = made.stdout.trim();
    expect((await run('auth', 'whoami', '--token', token)).stdout).toContain('User:         ci');
    expect((await admin('auth', 'whoami', '--as', 'ci')).stdout).toContain('reader-role');
    const name = /delete token (\S+)/.exec(made.stderr)?.[1] ?? '';
    expect((await admin('delete', 'token', name)).code).toBe(0);
    expect((await run('auth', 'whoami', '--token', token)).code).toBe(5);
    expect((await admin('get', 'users')).stdout).toMatch(
      /^Name +Email +Type +Status +Age\nci +<none> +Service +Active/,
    );
  });

  it('logs out: the token is useless, here and for whoever copied it', async () => {
    const copied = read().contexts.find(({ name }) => name === 'jo-default')?.token ?? '';
    expect(await run('logout')).toMatchObject({ code: 0, stdout: 'Logged out jo.\n' });
    expect((await run('get', 'jobs', '--token', copied)).code).toBe(5);
    expect(await run('get', 'jobs')).toMatchObject({ code: 5, stderr: expect.stringContaining('skyctl login') });
    expect(readFileSync(config, 'utf8')).not.toContain('sky_');
    expect((await run('config', 'delete-context', 'jo-default')).code).toBe(0);
  });

  it.each([
    [['login'], 2, 'say who logs in'],
    [['register', 'x', 'y'], 2, 'takes an invite'],
    [['revoke_invite', 'nonsense'], 5, 'Unauthorized'],
    [['create', 'role', 'r'], 2, '--action'],
    [['kubeconfig', '--server', 'http://192.0.2.1', '--token', 't'], 2, 'in clear text over the network'],
    [['kubeconfig', '--server', 'http://127.example.com', '--token', 't'], 2, 'in clear text over the network'],
    [['kubeconfig', '--merge', '--unmerge'], 2, 'exclude each other'],
    [['kubeconfig', '--file', 'x'], 2, '--file names the kubeconfig of --merge'],
    [['kubeconfig', '--use'], 2, '--use belongs to --merge'],
    [['kubeconfig', '--name', ''], 2, 'must not be empty'],
    [['kubeconfig', '--merge', '--file', '/proc/none/config'], 2, '/proc/none/config cannot be written'],
    [['config', 'set-context', 'new'], 2, 'say where its server is'],
    [['get', 'jobs', '--certificate-authority', '/nowhere'], 2, 'cannot be read'],
  ])('%j is told what is wrong', async (args, code, text) => {
    const outcome = await run(...args);
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  it('prints links that sign a browser in', async () => {
    const { stdout, stderr } = await admin('console');
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/console\/#link=skyl_\S+\n$/);
    expect(stderr).toContain('signs in admin, once');
    const { url } = JSON.parse((await admin('console', '-o', 'json')).stdout) as { url: string };
    const answer = await fetch(new URL('/auth/session', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: new URL(url).origin },
      body: JSON.stringify({ link: url.split('#link=')[1] }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { user: 'admin' }]);
  });
});
