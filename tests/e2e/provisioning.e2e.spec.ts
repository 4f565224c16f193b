/**
 * A cluster is built on a host over real SSH, by a process that behaves like rke and whose result is a real (embedded) cluster; it is used
 * like any other and taken down. Only on embedded: what is built is always the same.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeRke } from '../../apps/provisioner/src/testing/fake-rke.js';
import { SshHost } from '../../apps/provisioner/src/testing/ssh-host.js';
import { OneCluster } from './fixture/one-cluster.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const isHere = (process.env.SKYFLOW_E2E_ON ?? 'embedded') === 'embedded' && SshHost.missing === undefined;
const described = isHere ? describe : describe.skip;
if (SshHost.missing !== undefined) process.stderr.write(`provisioning is not tested: ${SshHost.missing}\n`);

const WITHIN_MS = 120_000;

described('a cluster that SkyFlow builds', () => {
  const rke = new FakeRke();
  const cluster = new OneCluster();
  const host = new SshHost();
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-hosts-'));
  const hosts = join(folder, 'hosts.yaml');
  const skyflow = new Skyflow();

  beforeAll(async () => {
    await Promise.all([cluster.start(1), host.start()]);
    rke.set({ kubeconfig: cluster.kubeconfig, lineMs: 20 });
    writeFileSync(
      hosts,
      [
        'hosts:',
        '  - address: 127.0.0.1',
        `    port: ${host.port}`,
        `    user: ${host.user}`,
        `    keyPath: ${host.keyPath}`,
        `    hostKey: ${host.hostKey}`,
        `    dockerSocket: ${host.dockerSocket}`,
      ].join('\n'),
    );
    process.env.SKYFLOW_RKE = rke.path;
    process.env.SKYFLOW_PROVISION_FIRST_PAUSE_MS = '200';
    await skyflow.up();
  }, 240_000);

  afterAll(async () => {
    delete process.env.SKYFLOW_RKE;
    delete process.env.SKYFLOW_PROVISION_FIRST_PAUSE_MS;
    await skyflow.remove();
    await Promise.all([cluster.stop(), host.stop()]);
    rke.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const sky = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await skyflow.skyctl(args);
    if (code !== 0) throw new Error(`skyctl ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  };

  it(
    'ends READY with its agent enrolled, runs work, and is taken down when it is deleted',
    async () => {
      expect(await sky('create', 'cluster', 'prod-eu', '--provision', '--hosts', hosts)).toContain('is being built');
      await eventually(
        'prod-eu is READY',
        async () => {
          const listed = await sky('get', 'cluster', 'prod-eu');
          if (!listed.includes('READY')) throw new Error(`${listed}\n${await sky('describe', 'cluster', 'prod-eu')}`);
        },
        WITHIN_MS,
      );
      const described = await sky('describe', 'cluster', 'prod-eu');
      expect(described).toMatch(/Phase: +ACTIVE, Create: Active, 100 %/);
      expect(described).toMatch(/Pods: +10\.42\.0\.0\/16/);
      expect(described).toContain('Prepared');
      const log = await sky('logs', 'cluster', 'prod-eu', '-f');
      expect(log).toContain('[etcd] Building up etcd plane..');
      expect(log).toContain('Finished building Kubernetes cluster successfully');
      expect(log).toMatch(/# skyflow: active: Kubernetes v\S+ on 1 nodes/);
      await sky('create', 'job', 'hello', '--cluster', 'prod-eu', '--run', 'date');
      await eventually(
        'hello runs there',
        async () => {
          expect(await sky('get', 'job', 'hello')).toMatch(/hello +prod-eu +1\/1/);
        },
        WITHIN_MS,
      );

      await sky('delete', 'job', 'hello');
      await sky('delete', 'cluster', 'prod-eu');
      await eventually(
        'prod-eu is gone',
        async () => expect((await skyflow.skyctl(['get', 'cluster', 'prod-eu'])).code).toBe(3),
        WITHIN_MS,
      );
      expect(rke.world).toMatchObject({ hosts: [], minted: 1 });
      expect(rke.world.together).toBeUndefined();
      expect(readdirSync(join(skyflow.home, 'provisioned'))).toEqual([]);
      expect(existsSync(join(skyflow.home, 'provisioner', 'runs', 'x'))).toBe(false);
    },
    2 * WITHIN_MS,
  );

  it(
    'that cannot be built says the failing line and what to do, and leaves nothing behind',
    async () => {
      const line = '[network] Host [127.0.0.1] is not able to connect to the following ports: [127.0.0.1:2379]';
      rke.set({ kubeconfig: cluster.kubeconfig, lineMs: 5, fail: [{ at: 'etcd', message: line, times: 99 }] });
      await sky('create', 'cluster', 'broken', '--provision', '--hosts', hosts);
      await eventually(
        'broken is FAILED',
        async () => {
          const listed = await sky('get', 'cluster', 'broken');
          if (!listed.includes('FAILED')) throw new Error(`${listed}\n${await sky('logs', 'cluster', 'broken')}`);
        },
        WITHIN_MS,
      );
      const described = await sky('describe', 'cluster', 'broken');
      expect(described).toContain('host 127.0.0.1 cannot connect to 127.0.0.1:2379');
      expect(described).toContain(line);
      expect(described).toContain('open these ports between the hosts');
      expect(rke.world.hosts).toEqual([]);
      await sky('delete', 'cluster', 'broken');
      expect((await skyflow.skyctl(['get', 'cluster', 'broken'])).code).toBe(3);
    },
    WITHIN_MS + 60_000,
  );

  it('has no build log if it was only attached, and is left alone when it is deleted', async () => {
    const refused = await skyflow.skyctl(['logs', 'cluster', 'mluo-cloud']);
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('SkyFlow did not build it') });
    const runs = rke.world.runs;
    await sky('delete', 'cluster', 'mluo-cloud');
    expect(rke.world.runs).toBe(runs);
  });
});
