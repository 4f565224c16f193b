/**
 * docker compose up on the images of deploy/images, with two embedded clusters on this machine as its members: what a user of
 * containers does first. Needs an engine: `npm run test:images`.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@skyflow/nats-server';
import { eventually } from '../e2e/fixture/skyflow.js';
import { Compose, docker } from './fixture/compose.js';
import { MembersOnBridge } from './fixture/members-on-bridge.js';

const IMAGE = process.env.SKYFLOW_IMAGE ?? 'skyflow/control-plane:test';
const JOB = `apiVersion: skyflow.io/v1
kind: Job
metadata:
  name: hello
spec:
  replicas: 4
  template:
    spec:
      containers:
        - name: main
          image: busybox
          command: [sleep, infinity]
          resources: { requests: { cpu: 100m, memory: 16Mi } }
`;

describe('docker compose up', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-compose-'));
  const members = new MembersOnBridge(folder);
  let compose: Compose;

  beforeAll(async () => {
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, await members.start());
    compose = new Compose({ SKYFLOW_PORT: String(await freePort()), KUBECONFIG_FILE: kubeconfig });
    const { code, stderr } = await compose.up();
    if (code !== 0)
      throw new Error(
        `compose up ended with ${code}:\n${stderr}\n${(await compose.run(['logs', '--tail', '20'])).stdout}`,
      );
  }, 400_000);

  afterAll(async () => {
    await compose.down();
    await members.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('starts every service healthy, after the one that makes the secrets', async () => {
    const containers = await compose.containers();
    const services = containers.map(({ Service, State, Health }) => `${Service} ${State} ${Health}`.trim()).sort();
    expect(services).toEqual([
      'agent-supervisor running healthy',
      'api-gateway running healthy',
      'mesh-controller running healthy',
      'nats running healthy',
      'nats-keeper running healthy',
      'provisioner running healthy',
      'scheduler running healthy',
      'setup exited',
    ]);
  });

  it('lets a service use most of the memory that it is given', async () => {
    const { stdout } = await compose.run([
      ...['exec', '-T', 'scheduler', 'node', '-p'],
      'v8.getHeapStatistics().heap_size_limit / process.constrainedMemory()',
    ]);
    expect(Number(stdout)).toBeGreaterThan(0.75);
    expect(Number(stdout)).toBeLessThan(0.85);
  });

  it('has the clusters of the kubeconfig READY and spreads a job over them', async () => {
    await eventually(
      'both clusters are READY',
      async () => {
        const { stdout } = await compose.skyctl(['get', 'clusters', '--no-headers']);
        expect(stdout.match(/READY/g)).toHaveLength(2);
      },
      120_000,
    );
    const applied = await compose.skyctl(['apply', '-f', '-'], JOB);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    await eventually(
      'the job runs',
      async () => {
        const { stdout } = await compose.skyctl(['get', 'job', 'hello', '-o', 'json']);
        const { status } = JSON.parse(stdout) as { status: { phase: string; readyReplicas: number } };
        expect(status).toMatchObject({ phase: 'RUNNING' });
      },
      120_000,
    );
  }, 240_000);

  it('lets nobody in at NATS without a key, and gives the services other keys while they run', async () => {
    const refused = await compose.run(['exec', '-T', 'scheduler', 'node', '-e', CONNECT_WITHOUT_KEY]);
    expect(refused.stdout).toMatch(/authorization/i);
    const before = await compose.containers();
    expect(await compose.run(['kill', '--signal', 'SIGUSR2', 'nats-keeper'])).toMatchObject({ code: 0 });
    await eventually(
      'the keys are replaced',
      async () =>
        expect((await compose.run(['logs', 'nats-keeper'])).stdout).toContain('services have other keys for NATS'),
      60_000,
    );
    await eventually('the gateway takes writes', async () =>
      expect(await compose.skyctl(['scale', 'job', 'hello', '--replicas', '6'])).toMatchObject({ code: 0 }),
    );
    await eventually(
      'the job has its new size: scheduler and agents are there',
      async () =>
        expect((await compose.skyctl(['get', 'job', 'hello', '--no-headers'])).stdout.match(/ 3\/3 /g)).toHaveLength(2),
      120_000,
    );
    expect((await compose.containers()).map(({ ID }) => ID).sort()).toEqual(before.map(({ ID }) => ID).sort());
  }, 240_000);

  it('retention has what it needs: it writes backups, and takes old history out of the log as the operator', async () => {
    const retention = (...args: string[]) =>
      compose.run([
        '--profile',
        'retention',
        'run',
        '--rm',
        '-T',
        '--no-deps',
        'retention',
        'skyctl',
        'backup',
        ...args,
      ]);
    const place = '/var/lib/skyflow/backups';
    const purged = await retention('purge', place, '--keep', '1s', '--yes');
    expect([purged.code, purged.stdout]).toEqual([0, expect.stringMatching(/^purged: the log begins at commit \d+/)]);
    expect(await compose.skyctl(['get', 'job', 'hello', '--no-headers'])).toMatchObject({ code: 0 });
  }, 240_000);

  it('is not started with standbys when it was made without', async () => {
    const { code, stdout, stderr } = await compose.run(['--profile', 'ha', 'up', '--detach', '--no-build']);
    expect(code).not.toBe(0);
    const logs = await compose.run(['logs', 'setup']);
    expect(`${logs.stdout}\n${stdout}\n${stderr}`).toContain('start it without --profile ha');
  }, 120_000);

  it('keeps the log over down and up', async () => {
    expect(await compose.run(['down', '--timeout', '20'])).toMatchObject({ code: 0 });
    expect(await compose.up()).toMatchObject({ code: 0 });
    const { stdout } = await compose.skyctl(['get', 'jobs', '--no-headers']);
    expect(stdout).toMatch(/^hello\s/);
  }, 300_000);
});

describe('the image', () => {
  it('runs as nobody, on a read-only file system, and ends at SIGTERM', async () => {
    const { stdout } = await docker(
      'image',
      'inspect',
      IMAGE,
      '--format',
      '{{.Config.User}} {{json .Config.Healthcheck.Test}}',
    );
    expect(stdout).toBe('65532:65532 ["CMD","node","healthcheck.mjs"]');
    const started = await docker(
      'run',
      '--detach',
      '--read-only',
      '--network',
      'none',
      IMAGE,
      'node',
      'apps/provisioner/dist/main.js',
    );
    const id = started.stdout.trim();
    try {
      await eventually('it says that it starts', async () => {
        expect((await docker('logs', id)).stdout).toContain('"msg":"starting"');
      });
      await docker('stop', '--time', '15', id);
      // 137 is SIGKILL: docker's, after 15 seconds.
      expect((await docker('inspect', id, '--format', '{{.State.ExitCode}}')).stdout).toBe('0');
    } finally {
      await docker('rm', '--force', id);
    }
  }, 60_000);

  it('holds what runs and nothing else, and says what that is', async () => {
    const listed = await docker('run', '--rm', '--network', 'none', IMAGE, 'node', '-p', LIST);
    const { packages, sbom, licences, sources } = JSON.parse(listed.stdout) as {
      packages: string[];
      sbom: string[];
      licences: string[];
      sources: string[];
    };
    for (const name of ['jest', 'typescript', 'eslint', 'aws-cdk-lib', '@swc/core']) {
      expect(packages).not.toContain(name);
      expect(sbom).not.toContain(name);
    }
    expect(sources).toEqual([]);
    const missing = packages.filter((name) => !sbom.includes(name));
    expect(missing).toEqual([]);
    // They are inside of programs, of skyctl and of the console; fastify is not on its own.
    expect(sbom).toEqual(expect.arrayContaining(['fastify', 'commander', 'react', '@skyflow/domain']));
    expect(packages).not.toContain('fastify');
    expect(licences).toEqual(
      expect.arrayContaining([expect.stringMatching(/^fastify@\d/), expect.stringMatching(/^@nats-io\/nats-core@\d/)]),
    );
  }, 60_000);

  it('has whatever a program loads when it needs it', async () => {
    const listed = await docker('run', '--rm', '--network', 'none', IMAGE, 'node', '--input-type=module', '-e', LOAD);
    const { loaded, missing } = JSON.parse(listed.stdout) as { loaded: string[]; missing: string[] };
    for (const name of ['@aws-sdk/client-ec2', '@azure/arm-compute', '@googleapis/compute', '@fastify/static'])
      expect(loaded).toContain(name);
    expect(missing.filter((name) => !NOT_INSTALLED.some((left) => name.startsWith(`${left}:`)))).toEqual([]);
  }, 60_000);

  it('is small', async () => {
    const sizes = await docker('image', 'history', IMAGE, '--human=false', '--format', '{{.Size}} {{.CreatedBy}}');
    const [ours = ''] = sizes.stdout.split('\n').filter((line) => line.includes('COPY'));
    expect(Number(ours.split(' ')[0])).toBeGreaterThan(20e6);
    expect(Number(ours.split(' ')[0])).toBeLessThan(100e6);
  }, 60_000);
});

/** Prints why nats-server does not let it in. */
const CONNECT_WITHOUT_KEY = `import('@nats-io/transport-node').then(({ connect }) => connect({ servers: 'nats:4222' }))
  .then(() => console.log('let in'), (error) => console.log(error.message)).then(() => process.exit());`;

/** Prints the packages in node_modules, those of the SBOM, those whose licences are there, and TypeScript's sources that were left. */
const LIST = readFileSync(new URL('fixture/list-image.cjs', import.meta.url), 'utf8');

/** Imports whatever programs load when they need it. */
const LOAD = readFileSync(new URL('fixture/load-when-needed.mjs', import.meta.url), 'utf8');
/** Parts of Nest and Fastify that we do not use, and what ajv names in code that it writes for others. */
const NOT_INSTALLED = [
  '@nestjs/websockets',
  '@nestjs/platform-express',
  '@fastify/multipart',
  '@fastify/view',
  'ajv',
  'ajv-formats',
];
