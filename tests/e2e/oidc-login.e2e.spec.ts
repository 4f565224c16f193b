/**
 * `skyctl login --oidc` at a real OpenID provider: with a browser that comes back over the loopback, with a code that is entered
 * elsewhere; and what is kept of it afterwards, as skyctl and kubectl use it. Gateway, skyctl and nats-server are real processes.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { issueCertificate } from '@skyflow/certificates';
import { runKubectl } from '@skyflow/kubectl';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { type OpenIdProvider, startOpenIdProvider } from '../../apps/api-gateway/src/testing/openid-provider.js';
import { eventually } from './fixture/skyflow.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DAY_MS = 86_400_000;

/** Each test runs skyctl some times, and a device asks its issuer only every five seconds. */
jest.setTimeout(120_000);

interface Context {
  name: string;
  user?: string;
  token?: string;
  expiresAt?: string;
  refreshToken?: string;
  oidcIssuer?: string;
}
interface Config {
  currentContext: string;
  contexts: Context[];
}

describe('skyctl login --oidc', () => {
  const home = mkdtempSync(join(tmpdir(), 'skyflow-oidc-'));
  const config = join(home, 'config.yaml');
  let provider: OpenIdProvider;
  let nats: NatsFixture;
  let gateway: ChildProcess;

  beforeAll(async () => {
    [provider, nats] = await Promise.all([startOpenIdProvider({ jo: ['devs'], al: [] }), startNatsFixture()]);
    const ca = issueCertificate({ subject: { commonName: 'ca' }, use: 'authority', lifeMs: DAY_MS, nowMs: Date.now() });
    const served = issueCertificate(
      { subject: { commonName: 'gateway' }, hosts: ['127.0.0.1'], use: 'server', lifeMs: DAY_MS, nowMs: Date.now() },
      ca,
    );
    writeFileSync(join(home, 'ca.crt'), ca.certificate);
    writeFileSync(join(home, 'tls.crt'), served.certificate);
    writeFileSync(join(home, 'tls.key'), served.privateKey);
    gateway = spawn(process.execPath, [join(ROOT, 'apps/api-gateway/dist/main.js')], {
      env: {
        PATH: process.env.PATH,
        SKYFLOW_NATS_URL: nats.url,
        SKYFLOW_HTTP_PORT: '0',
        SKYFLOW_HEALTH_PORT: '0',
        SKYFLOW_TOKEN: 'token-of-the-admin',
        SKYFLOW_TLS_ONLY: 'true',
        SKYFLOW_TLS_CERT_FILE: join(home, 'tls.crt'),
        SKYFLOW_TLS_KEY_FILE: join(home, 'tls.key'),
        SKYFLOW_OIDC_ISSUER: provider.issuer,
        SKYFLOW_OIDC_CLIENT_ID: 'skyflow',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const server = `https://127.0.0.1:${await portOf(gateway)}`;
    const authority = ['--certificate-authority', join(home, 'ca.crt')];
    expect((await skyctl('config', 'set-context', 'here', '--server', server, ...authority).done).code).toBe(0);
    await eventually('the gateway serves', async () => {
      expect((await skyctl('get', 'ns', '--token', 'token-of-the-admin').done).code).toBe(0);
    });
    const binding = ['create', 'rolebinding', 'devs', '--role', 'reader-role', '--group', 'oidc:devs'];
    expect(await skyctl(...binding, '--token', 'token-of-the-admin').done).toMatchObject({ code: 0 });
  }, 60_000);

  afterAll(async () => {
    gateway.kill('SIGTERM');
    if (gateway.exitCode === null && gateway.signalCode === null) await once(gateway, 'exit');
    await Promise.all([nats.stop(), provider.stop()]);
    rmSync(home, { recursive: true, force: true });
  });

  /** What it has said so far, and how it ends. */
  function skyctl(...args: string[]) {
    return skyctlWith({}, ...args);
  }
  function skyctlWith(env: Record<string, string>, ...args: string[]) {
    const child = execa(process.execPath, [join(ROOT, 'apps/skyctl/bin/skyctl.mjs'), ...args], {
      env: { PATH: process.env.PATH ?? '', SKYFLOW_HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...env },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      stripFinalNewline: false,
      timeout: 60_000,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return {
      said: async (pattern: RegExp): Promise<string> => {
        let found: string | undefined;
        await eventually(`skyctl says ${String(pattern)}`, () => {
          found = pattern.exec(said)?.[1];
          if (found === undefined) throw new Error(`it said: ${said}`);
        });
        return found ?? '';
      },
      done: child.then(({ exitCode, stdout, stderr }) => ({ code: exitCode ?? -1, stdout, stderr })),
    };
  }
  const read = (): Config => parse(readFileSync(config, 'utf8')) as Config;
  const contextOf = (name: string): Context => read().contexts.find((context) => context.name === name) ?? { name };
  /** As if the time of the token were over. */
  function age(name: string): void {
    const { contexts, ...rest } = read();
    const aged = contexts.map((each) => (each.name === name ? { ...each, expiresAt: new Date().toISOString() } : each));
    writeFileSync(config, stringify({ ...rest, contexts: aged }), { mode: 0o600 });
  }

  it('opens a browser, which comes back over the loopback with a code for our PKCE verifier', async () => {
    const opened = join(home, 'opened');
    const browser = join(home, 'browser.sh');
    writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" >${opened}.new\nmv ${opened}.new ${opened}\n`);
    chmodSync(browser, 0o755);
    const login = skyctlWith({ BROWSER: browser }, 'login', '--oidc', '--context', 'jo');
    await login.said(/(Log in in the browser)/);
    let address = '';
    await eventually('the browser was told where', () => {
      address = readFileSync(opened, 'utf8');
    });
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
      client_id: 'skyflow',
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid offline_access',
    });
    const back = await provider.browse(address, 'jo');
    // Whoever guesses the port but not the state is sent away, and the login goes on.
    const { origin, pathname } = new URL(back);
    expect((await fetch(`${origin}${pathname}?code=guessed&state=guessed`)).status).toBe(404);
    expect((await fetch(`${origin}/`)).status).toBe(404);
    const page = await fetch(back);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('You are logged in')]);
    expect(await login.done).toMatchObject({ code: 0, stdout: 'Logged in as oidc:jo. Using context "jo".\n' });
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(contextOf('jo')).toMatchObject({ user: 'oidc:jo', oidcIssuer: provider.issuer });
    expect((await skyctl('auth', 'whoami').done).stdout).toMatch(/Roles: +reader-role/);
    expect(await skyctl('create', 'job', 'x', '--run', 'date').done).toMatchObject({ code: 5 });
  });

  it('gets the next token by itself; several at once do not end each other’s session', async () => {
    const before = contextOf('jo');
    age('jo');
    const all = await Promise.all(Array.from({ length: 4 }, () => skyctl('get', 'jobs', '--context', 'jo').done));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const next = contextOf('jo');
    // The provider replaces it, and takes a used one for stolen; two ID tokens of one second are alike to the last byte.
    expect(next.refreshToken).not.toBe(before.refreshToken);
    age('jo');
    expect((await skyctl('get', 'jobs', '--context', 'jo').done).code).toBe(0);
  });

  it('is what kubectl uses, by the exec credential of skyctl kubeconfig', async () => {
    const kubeconfig = join(home, 'kubeconfig');
    expect(await skyctl('kubeconfig', '--merge', '--context', 'jo', '--file', kubeconfig).done).toMatchObject({
      code: 0,
    });
    expect(readFileSync(kubeconfig, 'utf8')).not.toContain(contextOf('jo').token);
    age('jo');
    const path = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
    const asked = await runKubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], {
      kubeconfig,
      env: { PATH: path, XDG_CACHE_HOME: join(home, 'cache') },
    });
    expect(asked).toMatchObject({ code: 0, stdout: 'oidc:jo' });
  });

  it('without a screen shows a code, which is entered in a browser anywhere', async () => {
    const login = skyctl('login', '--oidc', '--context', 'al');
    const address = await login.said(/at: (http\S+)/);
    await login.said(/check that it shows this code: (\S+)/);
    await provider.browse(address, 'al');
    expect(await login.done).toMatchObject({ code: 0, stdout: 'Logged in as oidc:al. Using context "al".\n' });
    expect(contextOf('al').refreshToken).toBeDefined();
  });

  it.each([
    ['by the code', ['--device']],
    ['in the browser', ['--no-browser']],
  ])('says that it was refused %s', async (_how, flags) => {
    const login = skyctl('login', ...flags, '--context', 'refused');
    const back = await provider.browse(await login.said(/at: (http\S+)/), 'al', 'refuse');
    if (!back.startsWith(provider.issuer)) expect(await (await fetch(back)).text()).toContain('The login failed');
    const { code, stderr } = await login.done;
    expect([code, stderr]).toEqual([5, expect.stringMatching(/error: the OpenID issuer \S+ refused: access_denied/)]);
    expect(contextOf('refused').token).toBeUndefined();
  });

  it('logs out: the issuer ends the session, and a copied refresh token is useless', async () => {
    const copied = contextOf('al');
    expect(await skyctl('logout', '--context', 'al').done).toMatchObject({ code: 0, stdout: 'Logged out oidc:al.\n' });
    expect(contextOf('al')).toMatchObject({ user: 'oidc:al', oidcIssuer: provider.issuer });
    expect(contextOf('al').refreshToken).toBeUndefined();
    const { contexts, ...rest } = read();
    writeFileSync(config, stringify({ ...rest, contexts: [...contexts, { ...copied, name: 'thief' }] }));
    age('thief');
    // The token that is still good for its short time is all that is left.
    const { code, stderr } = await skyctl('get', 'jobs', '--context', 'al').done;
    expect([code, stderr]).toEqual([5, expect.stringContaining('skyctl login')]);
    expect((await skyctl('auth', 'credential', '--context', 'thief').done).stdout).toContain(copied.token);
  });

  it.each([
    [['--oidc', 'jo'], 2, 'the issuer says who you are'],
    [['--issuer', 'http://id.example.com', '--client-id', 'x'], 2, 'is plain HTTP'],
    [['--issuer', 'https://127.0.0.1:1', '--client-id', 'x'], 6, 'cannot reach the OpenID issuer https://127.0.0.1:1'],
    [['--callback-port', '70000'], 2, 'must be at most 65535'],
    [['--client-id', 'nobody', '--device'], 5, 'refused: invalid_client'],
  ])('says what is wrong with login %j', async (flags, code, text) => {
    const outcome = await skyctl('login', ...flags).done;
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  it('says that the gateway takes no token of another client', async () => {
    const login = skyctl('login', '--client-id', 'another', '--device');
    await provider.browse(await login.said(/at: (http\S+)/), 'jo');
    const { code, stderr } = await login.done;
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/does not take its token\nhint: its SKYFLOW_OIDC_ISSUER/),
    ]);
  });
});

async function portOf(gateway: ChildProcess): Promise<number> {
  return await new Promise((found, failed) => {
    let text = '';
    gateway.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /"httpsPort":(\d+)/.exec(text)?.[1] ?? /"port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) found(Number(port));
    });
    gateway.once('exit', () => failed(new Error(`the gateway ended before it served: ${text}`)));
  });
}
