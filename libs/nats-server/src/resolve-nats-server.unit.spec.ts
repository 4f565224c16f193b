import { describe, expect, it } from '@jest/globals';
import type { ProcessResult, ProcessRunner } from './process-runner.js';
import { NatsServerNotFoundError, resolveNatsServer, type ResolveOptions } from './resolve-nats-server.js';
import { PINNED_VERSION } from './versions.js';

const ok = (stdout: string): ProcessResult => ({ code: 0, stdout, stderr: '' });
const failed = (stderr: string): ProcessResult => ({ code: 1, stdout: '', stderr });
const absent: ProcessResult = { code: -1, stdout: '', stderr: 'spawn ENOENT' };

/** A machine on which only the listed commands exist. The longest prefix of the command line decides. */
function machine(commands: Record<string, ProcessResult>): { run: ProcessRunner; calls: string[] } {
  const calls: string[] = [];
  const run: ProcessRunner = (command, args) => {
    const line = [command, ...args].join(' ');
    calls.push(line);
    const known = Object.keys(commands)
      .filter((prefix) => line.startsWith(prefix))
      .sort((a, b) => b.length - a.length)[0];
    return Promise.resolve(known === undefined ? absent : (commands[known] ?? absent));
  };
  return { run, calls };
}

const offline: typeof fetch = () =>
  Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND github.com') }));

/** Resolves on an invented machine without network, cache and PATH, and keeps what was reported. */
async function resolveOn(
  commands: Record<string, ProcessResult>,
  options: ResolveOptions & { uid?: number; env?: Record<string, string> } = {},
) {
  const { run, calls } = machine(commands);
  const lines: string[] = [];
  const { uid = 1000, env = {}, ...rest } = options;
  const outcome = await resolveNatsServer({
    cacheDir: '/nonexistent/cache',
    report: (line) => lines.push(line),
    ...rest,
    surroundings: { run, fetch: offline, env, uid, platform: 'linux', arch: 'x64', ...rest.surroundings },
  }).then(
    (found) => ({ found, error: undefined }),
    (error: unknown) => ({ found: undefined, error: error as Error }),
  );
  return { ...outcome, lines, calls };
}

describe('resolveNatsServer', () => {
  it('uses the given path and nothing else', async () => {
    const { found, calls } = await resolveOn(
      { '/opt/nats --version': ok('nats-server: v2.11.3\n') },
      { explicitPath: '/opt/nats' },
    );
    expect(found).toEqual({ path: '/opt/nats', version: '2.11.3', source: 'given' });
    expect(calls).toEqual(['/opt/nats --version']);
  });

  it('takes the given path from SKYFLOW_NATS_SERVER', async () => {
    const env = { SKYFLOW_NATS_SERVER: '/opt/nats' };
    const { found } = await resolveOn({ '/opt/nats --version': ok('nats-server: v2.10.0\n') }, { env });
    expect(found?.source).toBe('given');
  });

  it.each([
    ['too old', ok('nats-server: v2.9.25\n'), /version 2\.9\.25, SkyFlow needs 2\.10\.0 or newer/],
    ['something else', ok('GNU bash, version 5.2.15\n'), /is not a nats-server: --version says "GNU bash/],
    ['not runnable', failed('Exec format error'), /does not run: Exec format error/],
  ])('stops at a given path that is %s, and says so', async (_, result, message) => {
    const { error } = await resolveOn({ '/opt/nats --version': result }, { explicitPath: '/opt/nats' });
    expect(error).toBeInstanceOf(NatsServerNotFoundError);
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/set SKYFLOW_NATS_SERVER to the path of a nats-server/);
  });

  it('says for every way why it failed and what to do, when all fail', async () => {
    const { error, lines } = await resolveOn({});
    expect(error?.message.split('\n')).toEqual([
      'no usable nats-server was found or could be installed:',
      '  path: there is none on PATH',
      `  cache: /nonexistent/cache/nats-server-${PINNED_VERSION}/nats-server does not exist yet`,
      expect.stringMatching(
        /^ {2}download: https:.*-linux-amd64\.tar\.gz cannot be reached: getaddrinfo ENOTFOUND github\.com$/,
      ),
      '  go: Go is not installed',
      '  package: none of apt-get, dnf, apk, brew is on this machine',
      'Do one of these:',
      expect.stringContaining('put a nats-server 2.10 or newer on PATH'),
      expect.stringContaining('put the binary at'),
      expect.stringContaining('let this machine reach github.com'),
      expect.stringContaining('install Go'),
      expect.stringContaining('install the package nats-server'),
    ]);
    expect(lines).toHaveLength(10);
  });

  it('knows no release for a platform without a pinned hash', async () => {
    const surroundings = { platform: 'freebsd' as NodeJS.Platform };
    const { error } = await resolveOn({}, { allow: ['download'], surroundings });
    expect(error?.message).toMatch(/no release is known for freebsd-amd64/);
  });

  it('says what a release server answered', async () => {
    const surroundings = {
      fetch: (() => Promise.resolve(new Response('', { status: 403, statusText: 'Forbidden' }))) as typeof fetch,
    };
    const { error } = await resolveOn({}, { allow: ['download'], surroundings });
    expect(error?.message).toMatch(/answered 403 Forbidden/);
  });

  it('says what go install said', async () => {
    const go = { 'go version': ok('go version go1.26'), 'go install': failed('module proxy: i/o timeout') };
    const { error } = await resolveOn(go, { allow: ['go'], cacheDir: '/tmp/skyflow-unit-go' });
    expect(error?.message).toMatch(/go install failed: module proxy: i\/o timeout/);
  });

  describe("with the system's package manager", () => {
    const apt = { 'apt-get --version': ok('apt 2.9'), 'apt-get update': ok('') };
    const offers = (version: string) => ({
      'apt-cache policy nats-server': ok(`nats-server:\n  Installed: (none)\n  Candidate: ${version}\n`),
    });

    it('does not install a version that is too old', async () => {
      const { error, calls } = await resolveOn({ ...apt, ...offers('2.9.10-1+b3') }, { allow: ['package'], uid: 0 });
      expect(error?.message).toMatch(/apt-get offers 2\.9\.10, SkyFlow needs 2\.10\.0 or newer/);
      expect(calls.some((line) => line.includes('install'))).toBe(false);
    });

    it('says that there is no such package', async () => {
      const { error } = await resolveOn({ ...apt, 'apt-cache policy': ok('') }, { allow: ['package'], uid: 0 });
      expect(error?.message).toMatch(/apt-get has no package nats-server/);
    });

    it('does not ask for a password', async () => {
      const sudo = { 'sudo -n true': failed('sudo: a password is required') };
      const { error, calls } = await resolveOn({ ...apt, ...sudo }, { allow: ['package'] });
      expect(error?.message).toMatch(/apt-get needs root, and sudo asks for a password/);
      expect(calls).toEqual(['apt-get --version', 'sudo -n true']);
    });

    it('installs through sudo when that asks for nothing', async () => {
      const commands = {
        ...apt,
        ...offers('2.10.27-1+b2'),
        'sudo -n true': ok(''),
        'sudo -n apt-get update': ok(''),
        'sudo -n apt-get install -y --no-install-recommends nats-server': ok(''),
      };
      const { error, calls, lines } = await resolveOn(commands, { allow: ['package'] });
      expect(calls).toContain('sudo -n apt-get install -y --no-install-recommends nats-server');
      expect(lines).toContain('installing nats-server 2.10.27 with apt-get');
      // The invented machine installs no file, and that is noticed.
      expect(error?.message).toMatch(/package: (there is none on PATH|.* does not run)/);
    });

    it.each([
      [
        'dnf',
        { 'dnf --version': ok('4'), 'dnf repoquery': ok('2.10.20\n'), 'dnf install': ok('') },
        'dnf install -y nats-server',
      ],
      [
        'apk',
        {
          'apk --version': ok('apk-tools 2'),
          'apk update': ok(''),
          'apk search': ok('nats-server-2.10.22-r1\n'),
          'apk add': ok(''),
        },
        'apk add nats-server',
      ],
      [
        'brew',
        {
          'brew --version': ok('4'),
          'brew info': ok('{"formulae":[{"versions":{"stable": "2.14.5"}}]}'),
          'brew install': ok(''),
        },
        'brew install nats-server',
      ],
    ])('knows %s', async (_, commands, install) => {
      const { calls } = await resolveOn(commands, {
        allow: ['package'],
        uid: 0,
      });
      expect(calls).toContain(install);
    });
  });
});
