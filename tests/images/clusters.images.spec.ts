/**
 * docker compose --profile clusters up: two clusters that join by themselves. Where rancher/k3s cannot be pulled, a container with its command line
 * and its files stands in for it (fixture/k3s).
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { kubectlPath } from '@skyflow/kubectl';
import { freePort } from '@skyflow/nats-server';
import { eventually } from '../e2e/fixture/skyflow.js';
import { Compose, docker } from './fixture/compose.js';

const IMAGE = process.env.SKYFLOW_IMAGE ?? 'skyflow/control-plane:test';
const STAND_IN = 'skyflow/k3s-stand-in:test';
const root = resolve(import.meta.dirname, '../..');

/** An engine in a sandbox may not give what k3s needs to run containers; what stands in for it runs none. */
const PLAIN = ['k3s-one', 'k3s-two'].map((name) => `  ${name}: { privileged: false, ulimits: !reset {} }\n`);

describe('docker compose --profile clusters up', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-clusters-'));
  let compose: Compose;

  beforeAll(async () => {
    await buildStandIn();
    const plain = join(folder, 'plain.yaml');
    writeFileSync(plain, `services:\n${PLAIN.join('')}`);
    compose = new Compose({
      SKYFLOW_PORT: String(await freePort()),
      K3S_IMAGE: STAND_IN,
      COMPOSE_FILE: ['docker-compose.yml', plain].join(delimiter),
    });
    const { code, stderr } = await compose.up('clusters');
    if (code !== 0)
      throw new Error(
        `compose up ended with ${code}:\n${stderr}\n${(await compose.run(['--profile', 'clusters', 'logs', '--tail', '20'])).stdout}`,
      );
  }, 400_000);

  afterAll(async () => {
    await compose.down();
    await docker('image', 'rm', '--force', STAND_IN);
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('starts them healthy and has them joined', async () => {
    const containers = await compose.containers();
    const k3s = containers.filter(({ Service }) => Service.startsWith('k3s'));
    expect(k3s.map(({ Service, State, Health }) => `${Service} ${State} ${Health}`).sort()).toEqual([
      'k3s-joins running healthy',
      'k3s-one running healthy',
      'k3s-two running healthy',
    ]);
  });

  it('has them READY under their names and spreads a job over both', async () => {
    await areReady(compose);
    const job = ['create', 'job', 'hello', '--replicas', '6', '--run', 'sleep 300', '--cpus', '1'];
    expect(await compose.skyctl(job)).toMatchObject({ code: 0 });
    await eventually(
      'the job runs in both',
      async () => {
        const { stdout } = await compose.skyctl(['get', 'job', 'hello', '--no-headers']);
        const parts = stdout.split('\n').map((line) => line.split(/\s+/));
        expect(parts.map(([, cluster, replicas]) => `${cluster} ${replicas}`)).toEqual(['k3s-one 3/3', 'k3s-two 3/3']);
      },
      120_000,
    );
  }, 240_000);

  it('says that one is gone, and has it back when it is started again', async () => {
    expect(await compose.run(['--profile', 'clusters', 'kill', 'k3s-two'])).toMatchObject({ code: 0 });
    await eventually(
      'k3s-two is not READY',
      async () =>
        expect((await compose.skyctl(['get', 'cluster', 'k3s-two', '--no-headers'])).stdout).not.toMatch(/\bREADY\b/),
      120_000,
    );
    expect(await compose.up('clusters')).toMatchObject({ code: 0 });
    await areReady(compose);
  }, 400_000);
});

async function areReady(compose: Compose): Promise<void> {
  await eventually(
    'both are READY',
    async () => {
      const { stdout } = await compose.skyctl(['get', 'clusters', '--no-headers']);
      const lines = stdout.split('\n').filter((line) => /\bREADY\b/.test(line));
      expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(['k3s-one', 'k3s-two']);
    },
    120_000,
  );
}

async function buildStandIn(): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'skyflow-k3s-'));
  try {
    cpSync(join(import.meta.dirname, 'fixture/k3s'), context, { recursive: true });
    const cluster = join(root, 'tools/embedded-cluster');
    for (const part of ['package.json', 'dist'])
      cpSync(join(cluster, part), join(context, 'embedded-cluster', part), { recursive: true });
    cpSync(await kubectlPath(), join(context, 'kubectl'));
    const built = await docker('build', '-q', '--build-arg', `SKYFLOW_IMAGE=${IMAGE}`, '-t', STAND_IN, context);
    if (built.code !== 0) throw new Error(built.stderr);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}
