/**
 * How services and agents come in at NATS, in a whole system: keys are theirs alone and are replaced while all run, a cluster joins with a
 * token that is good once, and is out at once when that is taken back.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { parseAllDocuments } from 'yaml';
import { eventually, Skyflow } from './fixture/skyflow.js';

interface Manifest {
  kind: string;
  stringData?: Record<string, string>;
  spec?: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
}

const AGENT = join(import.meta.dirname, '..', '..', 'apps/cluster-agent/dist/main.js');
const skyflow = new Skyflow();
const onEmbedded = await needing('service addresses');

onEmbedded.describe('who comes in at NATS', () => {
  const [context] = skyflow.clusters.contexts as [string, string];
  let agent: ChildProcess | undefined;

  beforeAll(async () => {
    await skyflow.up();
  }, 150_000);
  afterAll(async () => {
    agent?.kill('SIGKILL');
    await skyflow.remove();
  }, 60_000);

  const skyctl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await skyflow.skyctl(args);
    // With what it said, when it fails.
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: code === 0 ? stderr : '' });
    return stdout;
  };
  const isReady = async (cluster: string): Promise<boolean> =>
    (await skyctl('get', 'clusters', '--no-headers'))
      .split('\n')
      .some((line) => line.startsWith(`${cluster} `) && line.includes('READY'));
  /** Nobody is let in with this key. */
  const expectOut = (seed: Uint8Array): Promise<void> =>
    expect(connect({ servers: skyflow.natsUrl, authenticator: nkeyAuthenticator(seed) })).rejects.toThrow(
      /authorization/i,
    );
  const keyFiles = (): Record<string, string> => {
    const folder = join(skyflow.home, 'nats-keys');
    return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  };

  it('keys are for the owner only; nobody comes in without one', async () => {
    for (const file of Object.keys(keyFiles()))
      expect(statSync(join(skyflow.home, 'nats-keys', file)).mode & 0o777).toBe(0o600);
    await expect(connect({ servers: skyflow.natsUrl })).rejects.toThrow(/authorization/i);
  });

  it('every service gets another key while it runs, and goes on', async () => {
    const before = keyFiles();
    const processes = skyflow.processes();
    const { code, stdout } = await skyflow.upWith('--rotate-keys');
    expect([code, stdout]).toEqual([0, expect.stringContaining('have other keys')]);
    const after = keyFiles();
    for (const file of Object.keys(before)) expect([file, after[file] === before[file]]).toEqual([file, false]);
    const old = Buffer.from(before['scheduler.nk'] ?? '');
    await eventually('the old key is good no more', () => expectOut(old), 30_000);
    await eventually('the gateway is back at the log', async () =>
      expect((await skyflow.skyctl(['get', 'jobs'])).stderr).not.toContain('cannot be reached'),
    );
    await skyctl('create', 'job', 'rotated', '--run', 'sleep 300', '--cpus', '0.1');
    await eventually('the job runs', async () => expect(await skyctl('get', 'jobs')).toContain('RUNNING'), 60_000);
    expect(skyflow.processes()).toEqual(processes);
  }, 120_000);

  it('a cluster joins with what skyctl prints, and only once; its agent is out when that is taken back', async () => {
    const documents = parseAllDocuments(await skyctl('cluster', 'join', 'east'));
    const objects = documents.map((document) => document.toJS() as Manifest);
    const secret = objects.find(({ stringData }) => stringData !== undefined)?.stringData ?? {};
    const joinToken = secret['join.token'] ?? '';
    const container = objects.find(({ kind }) => kind === 'Deployment')?.spec?.template.spec.containers[0];
    const given = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
    const folder = join(skyflow.home, 'joining');
    mkdirSync(folder);
    // As in its pod, but with files of this machine instead of mounted ones.
    const { SKYFLOW_CREDENTIALS_SECRET: _inCluster, ...environment } = given;
    const startWith = (token: string): ChildProcess => {
      writeFileSync(join(folder, 'join.token'), token, { mode: 0o600 });
      const env = {
        PATH: process.env['PATH'],
        ...environment,
        SKYFLOW_HEALTH_PORT: '0',
        SKYFLOW_JOIN_TOKEN_FILE: join(folder, 'join.token'),
        SKYFLOW_STATE_DIR: folder,
        SKYFLOW_KUBECONFIG: skyflow.clusters.kubeconfig(skyflow.home),
        SKYFLOW_KUBE_CONTEXT: context,
      };
      return spawn(process.execPath, [AGENT], { env, stdio: 'ignore' });
    };
    agent = startWith(joinToken);
    await eventually('east is READY', async () => expect(await isReady('east')).toBe(true), 60_000);
    expect(statSync(join(folder, 'nats.nk')).mode & 0o777).toBe(0o600);

    const again = await skyflow.api('/auth/enrol', {
      method: 'POST',
      body: JSON.stringify({ joinToken, natsKey: `U${'A'.repeat(55)}` }),
    });
    expect(again).toMatchObject({ code: 403, body: { message: expect.stringContaining('it was used') } });

    // Joined again, it is let in with the new token's, though the old was good.
    const replaced = once(agent, 'exit');
    agent.kill('SIGTERM');
    await replaced;
    const old = readFileSync(join(folder, 'nats.nk'));
    const { body } = await skyflow.api('/auth/joins', { method: 'POST', body: JSON.stringify({ cluster: 'east' }) });
    agent = startWith((body as { joinToken: string }).joinToken);
    await eventually('the old key is out', () => expectOut(old), 60_000);
    await eventually('east is READY again', async () => expect(await isReady('east')).toBe(true), 60_000);

    expect(await skyctl('cluster', 'join', 'east', '--revoke')).toContain('revoked 1 token');
    await eventually('east is out', async () => expect(await isReady('east')).toBe(false), 60_000);
    const key = readFileSync(join(folder, 'nats.nk'));
    await expectOut(key);
    const ended = once(agent, 'exit');
    agent.kill('SIGTERM');
    await ended;
  }, 180_000);
});
