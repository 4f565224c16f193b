/** A host is looked at over real SSH: sshd on loopback. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { ProvisionError } from '../../provision-error.js';
import { SshHost } from '../../testing/ssh-host.js';
import { preflight } from './preflight.js';
import { SshSession, type SshTarget } from './ssh-session.js';

const withHost = await needing('sshd');

withHost.describe('preflight', () => {
  let host: SshHost;
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-keys-'));
    host = await new SshHost().start();
  });
  afterAll(async () => {
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const target = (more: Partial<SshTarget> = {}): SshTarget => ({
    address: '127.0.0.1',
    port: host.port,
    user: host.user,
    keyPath: host.keyPath,
    hostKey: undefined,
    ...more,
  });

  const look = async (at: SshTarget, more: object = {}, bastion?: SshTarget): Promise<Record<string, string>> => {
    await using session = await SshSession.open(at, bastion);
    return await preflight(session, {
      roles: [],
      needsDocker: true,
      dockerSocket: host.dockerSocket,
      nowMs: () => Date.now(),
      ...more,
    });
  };

  const failureOf = async (attempt: Promise<unknown>): Promise<ProvisionError['failure']> => {
    const error: unknown = await attempt.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof ProvisionError) return error.failure;
    throw new Error('no ProvisionError', { cause: error });
  };

  it('says what the host is, and pins its key', async () => {
    expect(await look(target())).toMatchObject({ kernel: expect.stringContaining('Linux'), docker: '24.0.9' });
    await using session = await SshSession.open(target({ hostKey: host.hostKey }));
    expect(session.hostKey).toBe(host.hostKey);
  });

  it('goes over a bastion', async () => {
    expect(await look(target({ hostKey: host.hostKey }), {}, target())).toMatchObject({ docker: '24.0.9' });
    const failure = await failureOf(SshSession.open(target({ port: 1 }), target()));
    expect(failure).toMatchObject({ class: 'host', message: expect.stringContaining('the bastion cannot connect') });
    expect(await failureOf(SshSession.open(target(), target({ port: 1 })))).toMatchObject({
      ...{ class: 'host', message: expect.stringMatching(/^the bastion \S+:1 cannot be reached: /) },
    });
  });

  it('refuses another machine at the same address', async () => {
    const other = `ssh-ed25519 ${Buffer.alloc(51, 7).toString('base64')}`;
    expect(await failureOf(SshSession.open(target({ hostKey: other })))).toMatchObject({
      class: 'auth',
      message: expect.stringContaining('another host key than the one that is pinned'),
    });
  });

  it('tells a wrong key from a host that is not there', async () => {
    const keyPath = join(folder, 'wrong');
    writeFileSync(
      keyPath,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
    );
    expect(await failureOf(SshSession.open(target({ keyPath })))).toMatchObject({ class: 'auth' });
    expect(await failureOf(SshSession.open(target({ keyPath: join(folder, 'none') })))).toMatchObject({
      class: 'config',
    });
    expect(await failureOf(SshSession.open(target({ port: 1 })))).toMatchObject({ class: 'host' });
  });

  it('finds what is in the way: Docker, the clock, a port', async () => {
    expect(await failureOf(look(target(), { dockerSocket: join(folder, 'no.sock') }))).toMatchObject({
      class: 'docker',
      advice: expect.stringContaining('group docker'),
    });
    expect(await failureOf(look(target(), { nowMs: () => Date.now() + 90_000 }))).toMatchObject({
      class: 'config',
      message: expect.stringContaining("behind the provisioner's"),
    });
  });

  it('needs a user who may become root for k3s and RKE2, and none for RKE', async () => {
    const programs = { id: 'echo 1000', sudo: "echo 'sudo: a password is required' >&2; exit 1" };
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
    const login = join(folder, 'login');
    writeFileSync(login, `#!/bin/sh\nPATH=${folder}:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"\n`, { mode: 0o755 });
    const ofUser = await new SshHost(['127.0.0.1'], login).start();
    try {
      const { port, keyPath, dockerSocket } = ofUser;
      expect(await look(target({ port, keyPath }), { dockerSocket })).toMatchObject({ docker: '24.0.9' });
      expect(await failureOf(look(target({ port, keyPath }), { needsDocker: false }))).toMatchObject({
        ...{ class: 'auth', message: expect.stringContaining('may not become root') },
        line: 'sudo: a password is required',
      });
      writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nexit 0\n');
      expect(await look(target({ port, keyPath }), { needsDocker: false })).not.toHaveProperty('docker');
    } finally {
      await ofUser.stop();
    }
  }, 60_000);
});
