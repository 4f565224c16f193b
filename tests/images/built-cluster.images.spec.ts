/**
 * A cluster that is built by the control plane in containers: the provisioner finds what it was given, and the agent supervisor the cluster. The
 * host is this machine, over a real sshd; what builds there behaves like rke, and what it builds is an embedded cluster.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { copyFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { freePort } from '@skyflow/nats-server';
import { SshHost } from '../../apps/provisioner/src/testing/ssh-host.js';
import { eventually } from '../e2e/fixture/skyflow.js';
import { Compose } from './fixture/compose.js';
import { bridgeAddress, MembersOnBridge } from './fixture/members-on-bridge.js';

const RKE = resolve(import.meta.dirname, '../../apps/provisioner/src/testing/rke-program.mjs');
/** PROVISIONER_DIR as containers see it. */
const GIVEN = '/etc/skyflow';
const WITHIN_MS = 120_000;

const withHost = await needing('sshd');

withHost.describe('docker compose up with PROVISIONER_DIR', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-built-'));
  const given = join(folder, 'given');
  const built = new MembersOnBridge(folder, ['built']);
  let host: SshHost | undefined;
  let hosts: string;
  let compose: Compose;

  beforeAll(async () => {
    mkdirSync(given);
    const bridge = await bridgeAddress();
    host = await new SshHost(['127.0.0.1', bridge]).start();
    copyFileSync(host.keyPath, join(given, 'id_ed25519'));
    writeFileSync(join(given, 'built.kubeconfig'), await built.start());
    await buildRke(given);
    writeFileSync(
      join(given, 'provisioner.env'),
      `SKYFLOW_RKE=${GIVEN}/rke\nSKYFLOW_PROVISION_FIRST_PAUSE_MS=200\nSKYFLOW_SEALING_KEYS=/nowhere\n`,
    );
    // The user in the container is nobody's on this machine.
    for (const name of ['id_ed25519', 'built.kubeconfig']) chmodSync(join(given, name), 0o644);
    hosts = JSON.stringify({
      hosts: [
        {
          ...{ address: bridge, port: host.port, user: host.user, keyPath: `${GIVEN}/id_ed25519` },
          ...{ hostKey: host.hostKey, dockerSocket: host.dockerSocket },
        },
      ],
    });
    compose = new Compose({ SKYFLOW_PORT: String(await freePort()), PROVISIONER_DIR: given });
    const { code, stderr } = await compose.up();
    if (code !== 0) throw new Error(`compose up ended with ${code}:\n${stderr}`);
  }, 400_000);

  afterAll(async () => {
    await compose.down();
    await Promise.all([built.stop(), host?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('builds a cluster on a host that it is let in to, and runs work there', async () => {
    const made = await compose.skyctl(['create', 'cluster', 'prod-eu', '--provision', '--hosts', '-'], hosts);
    expect([made.code, made.stdout, made.stderr]).toEqual([0, expect.stringContaining('is being built'), '']);
    await isReady();
    expect(await compose.skyctl(['create', 'job', 'hello', '--run', 'sleep 300'])).toMatchObject({ code: 0 });
    await eventually(
      'the job runs there',
      async () =>
        expect((await compose.skyctl(['get', 'job', 'hello', '--no-headers'])).stdout).toMatch(/hello +prod-eu +1\/1/),
      WITHIN_MS,
    );
  }, 300_000);

  it('has it again when provisioner and supervisor are made anew', async () => {
    const again = ['up', '--detach', '--no-build', '--no-deps', '--force-recreate', '--wait'];
    expect(await compose.run([...again, 'provisioner', 'agent-supervisor'])).toMatchObject({ code: 0 });
    await isReady();
    expect(await compose.skyctl(['delete', 'job', 'hello'])).toMatchObject({ code: 0 });
    expect(await compose.skyctl(['delete', 'cluster', 'prod-eu'])).toMatchObject({ code: 0 });
    await eventually(
      'it is gone, and the way into it too',
      async () => {
        expect((await compose.skyctl(['get', 'clusters', '--no-headers'])).stdout).not.toContain('prod-eu');
        const count = "fs.readdirSync('/var/lib/skyflow/provisioned').length";
        const left = await compose.run(['exec', '-T', 'agent-supervisor', 'node', '-p', count]);
        expect(left).toMatchObject({ code: 0, stdout: '0' });
      },
      WITHIN_MS,
    );
  }, 300_000);

  const isReady = (): Promise<void> =>
    eventually(
      'prod-eu is READY',
      async () => {
        const { stdout } = await compose.skyctl(['get', 'clusters', '--no-headers']);
        if (/\bREADY\b/.test(stdout)) return;
        const details = await compose.skyctl(['describe', 'cluster', 'prod-eu']);
        const logs = await compose.run(['logs', '--tail', '5', 'provisioner', 'agent-supervisor']);
        throw new Error(`${stdout}${details.stdout}${logs.stdout}`);
      },
      WITHIN_MS,
    );
});

/** One file, as an image without a shell can run it; what would be on the hosts is in the volume of the provisioner. */
async function buildRke(folder: string): Promise<void> {
  writeFileSync(
    join(folder, 'settings.json'),
    JSON.stringify({ lineMs: 1, world: '/var/lib/skyflow/world.json', kubeconfig: `${GIVEN}/built.kubeconfig` }),
  );
  const first = [
    '#!/usr/local/bin/node',
    "import { createRequire } from 'node:module';",
    'const require = createRequire(import.meta.url);',
    `globalThis.process.argv.splice(2, 0, '${GIVEN}/settings.json');`,
  ].join('\n');
  const outfile = join(folder, 'rke');
  await build({ entryPoints: [RKE], outfile, bundle: true, platform: 'node', format: 'esm', banner: { js: first } });
  chmodSync(outfile, 0o755);
}
