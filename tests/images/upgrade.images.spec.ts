/**
 * The images of now on the volume that v0.1 wrote, with compose.remote.yaml: what was there is served, and the agent of a cluster
 * elsewhere comes in over HTTPS and TLS by the manifest that it is given.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { FIRST_LEVEL } from '@skyflow/contracts';
import { freePort } from '@skyflow/nats-server';
import { shownCertificate } from '@skyflow/nats-server/testing';
import { eventually } from '../e2e/fixture/skyflow.js';
import { AgentElsewhere } from './fixture/agent-elsewhere.js';
import { Compose } from './fixture/compose.js';
import { MembersOnBridge, bridgeAddress } from './fixture/members-on-bridge.js';
import { recordedStore } from './fixture/recorded-store.js';

const ELSEWHERE = 'elsewhere';
const CERTIFICATE = '/var/lib/skyflow/nats/tls.crt';
const PATIENCE_MS = 5_000;
/** The level rises when everybody was heard for so long; a minute is for machines that are slow. */
const OVERRIDE = `services:
  api-gateway:
    environment: { SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS: '10' }
`;

describe('docker compose up with compose.remote.yaml, on what v0.1 has left', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-upgrade-'));
  const members = new MembersOnBridge(folder, [ELSEWHERE]);
  let agent: AgentElsewhere | undefined;
  const ports = { local: 0, api: 0, nats: 0 };
  let compose: Compose;
  let host: string;

  beforeAll(async () => {
    host = await bridgeAddress();
    Object.assign(ports, { local: await freePort(), api: await freePort(), nats: await freePort() });
    const override = join(folder, 'override.yaml');
    writeFileSync(override, OVERRIDE);
    compose = new Compose({
      COMPOSE_FILE: `docker-compose.yml:compose.remote.yaml:${override}`,
      SKYFLOW_PORT: String(ports.local),
      REMOTE_HOST: host,
      REMOTE_API_PORT: String(ports.api),
      REMOTE_NATS_PORT: String(ports.nats),
    });
    const store = join(folder, 'store');
    mkdirSync(store);
    await recordedStore('v0.1/walk-through.log.gz', FIRST_LEVEL, store);
    await compose.fill('log', 'nats', store);
    const { code, stderr } = await compose.up();
    if (code !== 0) throw new Error(`${stderr}\n${(await compose.run(['logs', '--tail', '20'])).stdout}`);
  }, 400_000);

  afterAll(async () => {
    await agent?.stop();
    await compose.down();
    await members.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('serves what was there, decides it again as it was decided, and raises its feature level', async () => {
    const running = (await compose.containers()).filter(({ State }) => State === 'running');
    expect(running.filter(({ Health }) => Health !== 'healthy')).toEqual([]);
    expect(running).toHaveLength(7);
    const { stdout: jobs } = await compose.skyctl(['get', 'jobs', '--no-headers']);
    for (const name of ['big-too', 'meanwhile', 'numbered']) expect(jobs).toMatch(new RegExp(`^${name} `, 'm'));
    expect((await compose.skyctl(['replay', 'verify'])).stdout).toMatch(/all are the same/);
    // All of now, the agents of this machine's supervisor too: what v0.1 could not read is on soon.
    await eventually(
      'all features are on',
      async () => expect((await compose.skyctl(['version'])).stdout).toMatch(/Features: level 2, all are on/),
      60_000,
    );
    expect((await compose.run(['logs', 'api-gateway'])).stdout).toContain('the feature level was raised');
  }, 90_000);

  it('speaks TLS only to whoever is elsewhere, in the name that they know, and the port of this machine is shut to them', async () => {
    const certificates = await Promise.all([nameOnTls(host, ports.api), natsInfo(host, ports.nats)]);
    expect(certificates).toEqual([host, expect.objectContaining({ tls_required: true })]);
    await expect(
      fetch(`http://${host}:${ports.local}/livez`, { signal: AbortSignal.timeout(PATIENCE_MS) }),
    ).rejects.toThrow();
    await expect(
      fetch(`http://${host}:${ports.api}/livez`, { signal: AbortSignal.timeout(PATIENCE_MS) }),
    ).rejects.toThrow();
  });

  it('keeps its certificates over another start, and says what is wrong with a host that is none', async () => {
    const setUp = (...args: string[]) => compose.run(['run', '--rm', '-T', '--no-deps', ...args]);
    const certificate = async (): Promise<string> =>
      (await setUp('setup', 'node', '-p', `require('node:fs').readFileSync('${CERTIFICATE}', 'utf8')`)).stdout;
    const before = await certificate();
    expect(before).toContain('BEGIN CERTIFICATE');
    expect(await setUp('setup')).toMatchObject({ code: 0 });
    expect(await certificate()).toBe(before);
    expect(await setUp('--env', 'REMOTE_HOST=https://x:1', 'setup')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('REMOTE_HOST https://x:1: must be a name or an IPv4 address'),
    });
  }, 60_000);

  it('lets the agent of a cluster elsewhere in, by the manifest that it is given, and runs there what nobody else has room for', async () => {
    await members.start();
    const joined = await compose.skyctl(['cluster', 'join', ELSEWHERE, '--api-url', `https://${host}:${ports.api}`]);
    expect(joined.code).toBe(0);
    const kubeconfig = { path: members.kubeconfig, context: ELSEWHERE };
    const joining = new AgentElsewhere(joined.stdout, join(folder, ELSEWHERE), kubeconfig);
    agent = joining;
    const shown = async (kind: string, name: string): Promise<[phase: string, said: string]> => {
      const { stdout } = await compose.skyctl(['get', kind, name, '-o', 'json']);
      return [(JSON.parse(stdout) as { status: { phase: string } }).status.phase, joining.output];
    };
    const is = (phase: string): unknown[] => [phase, expect.anything()];
    await eventually(
      'it is READY',
      async () => expect(await shown('cluster', ELSEWHERE)).toEqual(is('READY')),
      120_000,
    );
    expect(joining.natsAuthority).toContain('BEGIN CERTIFICATE');
    const made = await compose.skyctl(['create', 'job', 'far', '--run', 'sleep 300', '--cpus', '0.1']);
    expect([made.code, made.stderr]).toEqual([0, '']);
    await eventually('the job runs', async () => expect(await shown('job', 'far')).toEqual(is('RUNNING')), 60_000);
    const { stdout: jobs } = await compose.skyctl(['get', 'jobs', '--no-headers']);
    expect(jobs).toMatch(new RegExp(`^far +${ELSEWHERE} +1/1 `, 'm'));
  }, 240_000);

  it('shows a certificate that was renewed at NATS without another start, and the agent stays in', async () => {
    const setUp = (...args: string[]) => compose.run(['run', '--rm', '-T', '--no-deps', 'setup', ...args]);
    const read = `console.log(require('node:fs').readFileSync('${CERTIFICATE}', 'utf8'))`;
    const before = await certificateOfNats(host, ports.nats);
    const ended = `require('node:fs').rmSync('/var/lib/skyflow/secrets/remote/nats.crt')`;
    for (const command of [['node', '-e', ended], []]) expect(await setUp(...command)).toMatchObject({ code: 0 });
    const renewed = new X509Certificate((await setUp('node', '-e', read)).stdout).fingerprint256;
    expect(renewed).not.toBe(before);
    await eventually(
      'NATS shows it',
      async () => expect(await certificateOfNats(host, ports.nats)).toBe(renewed),
      30_000,
    );
    expect((await compose.run(['logs', 'nats-keeper'])).stdout).toContain('NATS shows another certificate');
    expect(await compose.skyctl(['get', 'cluster', ELSEWHERE])).toMatchObject({
      stdout: expect.stringContaining('READY'),
    });
  }, 120_000);
});

async function certificateOfNats(host: string, port: number): Promise<string | undefined> {
  return (await shownCertificate({ host, port, patienceMs: PATIENCE_MS }))?.fingerprint256;
}

/** The address that the certificate of a server is for, whoever has signed it. */
function nameOnTls(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: address, port, rejectUnauthorized: false, timeout: PATIENCE_MS }, () => {
      resolve(socket.getPeerX509Certificate()?.checkIP(address));
      socket.destroy();
    });
    socket.once('error', reject).once('timeout', () => socket.destroy(new Error('no answer')));
  });
}

/** What nats-server says of itself before anything else. */
function natsInfo(address: string, port: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: address, port, timeout: PATIENCE_MS });
    socket.once('data', (chunk: Buffer) => {
      resolve(JSON.parse(chunk.toString().replace(/^INFO /, '')));
      socket.destroy();
    });
    socket.once('error', reject).once('timeout', () => socket.destroy(new Error('no answer')));
  });
}
