/**
 * A cluster is built on a host over real SSH, or on machines of an EC2 or a Compute Engine that are stand-ins and whose machines are that host, by a process that behaves like rke and whose result is a real (embedded) cluster; it is used
 * like any other and taken down. Only on embedded: what is built is always the same.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { FakeEc2 } from '../../apps/provisioner/src/testing/ec2/fake-ec2.js';
import { FakeGcp } from '../../apps/provisioner/src/testing/gcp/fake-gcp.js';
import { FakeRke } from '../../apps/provisioner/src/testing/fake-rke.js';
import { SshHost } from '../../apps/provisioner/src/testing/ssh-host.js';
import { OtlpReceiver } from '@skyflow/telemetry/testing';
import { KubeClient, connectionOf, parseKubeConfig, resources } from '@skyflow/kube-client';
import { OneCluster } from './fixture/one-cluster.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const withHost = await needing('embedded clusters', 'sshd');

const WITHIN_MS = 120_000;

withHost.describe('a cluster that SkyFlow builds', () => {
  const rke = new FakeRke();
  const cluster = new OneCluster();
  const ofThree = new OneCluster();
  // All of 127.0.0.0/8 is this machine on Linux.
  const addresses = process.platform === 'linux' ? ['127.0.0.1', '127.0.0.2', '127.0.0.3'] : ['127.0.0.1'];
  const host = new SshHost(addresses);
  const ec2 = new FakeEc2(addresses, (publicKey) => host.authorize(publicKey));
  const gcp = new FakeGcp(addresses, (publicKey) => host.authorize(publicKey));
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-hosts-'));
  const hosts = join(folder, 'hosts.yaml');
  const skyflow = new Skyflow();
  const before = { ...process.env };
  let collector: OtlpReceiver;

  beforeAll(async () => {
    await Promise.all([cluster.start(1), ofThree.start(3), host.start(), ec2.start(), gcp.start()]);
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
    const prices = join(folder, 'prices.json');
    writeFileSync(prices, JSON.stringify({ 'us-east-1': { 'm5.2xlarge': 0.01 } }));
    Object.assign(process.env, {
      ...ec2.environment,
      ...gcp.environment,
      SKYFLOW_RKE: rke.path,
      SKYFLOW_PROVISION_FIRST_PAUSE_MS: '200',
      SKYFLOW_PROVISION_VISIBLE_MS: '1500',
      SKYFLOW_REAPER_EVERY_MS: '1000',
      SKYFLOW_AUTOSCALE_EVERY_MS: '500',
      SKYFLOW_AWS_USER: host.user,
      SKYFLOW_AWS_SSH_PORT: String(host.port),
      SKYFLOW_AWS_DOCKER_SOCKET: host.dockerSocket,
      SKYFLOW_AWS_REGIONS: 'us-east-1',
      SKYFLOW_AWS_PRICES: prices,
      SKYFLOW_GCP_REGIONS: 'europe-west1',
      SKYFLOW_GCP_USER: host.user,
      SKYFLOW_GCP_SSH_PORT: String(host.port),
      SKYFLOW_GCP_DOCKER_SOCKET: host.dockerSocket,
    });
    collector = await OtlpReceiver.start();
    skyflow.settings = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '500',
    };
    await skyflow.up();
  }, 240_000);

  afterAll(async () => {
    process.env = before;
    await skyflow.remove();
    await Promise.all([cluster.stop(), ofThree.stop(), host.stop(), ec2.stop(), gcp.stop(), collector.close()]);
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
      await eventually('its trace tells what was done', () => {
        const command = collector.spans.find(({ name }) => name === 'skyctl create cluster');
        const done = collector.spans.filter(
          ({ service, traceId }) => service === 'provisioner' && traceId === command?.traceId,
        );
        const names = ['plan', 'prepare machine', 'initialise', 'run up', 'verify'];
        expect(done.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
        expect(done.filter(({ error }) => error !== undefined)).toEqual([]);
      });
      const described = await sky('describe', 'cluster', 'prod-eu');
      expect(described).toMatch(/Phase: +ACTIVE, Create: Active, 100 %/);
      expect(described).toMatch(/Pods: +10\.42\.0\.0\/16/);
      expect(described).toContain('Prepared');
      const log = await sky('logs', 'cluster', 'prod-eu', '-f');
      expect(log).toContain('[etcd] Building up etcd plane..');
      expect(log).toContain('Finished building Kubernetes cluster successfully');
      expect(log).toMatch(/# skyflow: active: Kubernetes v\S+ on 1 node$/m);
      await sky('create', 'job', 'hello', '--cluster', 'prod-eu', '--run', 'date');
      await eventually(
        'hello runs there',
        async () => {
          expect(await sky('get', 'job', 'hello')).toMatch(/hello +prod-eu +1\/1/);
        },
        WITHIN_MS,
      );

      expect(await sky('cluster', 'snapshot', 'prod-eu', '--wait')).toContain('prod-eu is ACTIVE');
      rke.write('written later');
      expect(await sky('cluster', 'rotate-certificates', 'prod-eu', '--wait')).toContain('prod-eu is ACTIVE');
      expect(await sky('cluster', 'restore', 'prod-eu', 'snapshot-1', '--yes', '--wait')).toContain(
        'prod-eu is ACTIVE',
      );
      expect(rke.world).toMatchObject({ issued: 1, finished: true, minted: 1 });
      expect(rke.world.data).toBeUndefined();
      const operated = await sky('describe', 'cluster', 'prod-eu');
      expect(operated).toMatch(/Snapshots: +snapshot-1, \d+\w+ ago/);
      expect(operated).toMatch(/Restore +Done/);
      expect(await sky('get', 'cluster', 'prod-eu')).toContain('READY');

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

  it(
    'is built on machines of AWS by the command of the README, over a full zone and a lost answer, and all of it goes with it',
    async () => {
      rke.set({ kubeconfig: ofThree.kubeconfig, lineMs: 5 });
      const { world } = ec2;
      Object.assign(world.weather, { visibleAfterMs: 500, bootMs: 300, lingerMs: 300 });
      world.weather.full.add('eu-west-1a');
      const aws = ['--provision', '--cloud', 'aws', '--region', 'eu-west-1', '--num-nodes', '3', '--cpus', '8'];
      const planned = await sky('create', 'cluster', 'rented', ...aws, '--memory', '32', '--dry-run');
      expect(planned).toMatch(/aws m6a\.2xlarge +eu-west-1a +8 +32 GiB +- +0\.3853 +1\.155\d +taken/);
      expect(planned).toMatch(/rented-\S+ +aws m6a\.2xlarge +eu-west-1a +controlplane,etcd,worker/);
      expect(planned).toContain('Nothing was made');
      expect([world.instances, world.groups, (await skyflow.skyctl(['get', 'cluster', 'rented'])).code]).toEqual([
        [],
        [],
        3,
      ]);
      await sky('create', 'cluster', 'rented', ...aws, '--memory', '32', '--ports', '8080');
      await eventually(
        'the first zone has no room',
        () => expect(ec2.calls.filter((action) => action === 'RunInstances').length).toBeGreaterThan(0),
        WITHIN_MS,
      );
      // As often as the SDK itself tries.
      world.weather.lost.push(...Array.from({ length: 4 }, () => 'RunInstances'));
      await eventually(
        'rented is READY',
        async () => {
          const listed = await sky('get', 'cluster', 'rented');
          if (!listed.includes('READY')) throw new Error(`${listed}\n${await sky('logs', 'cluster', 'rented')}`);
        },
        2 * WITHIN_MS,
      );
      expect(world.alive.map(({ zone, type }) => `${zone}/${type}`)).toEqual(
        Array.from({ length: 3 }, () => 'eu-west-1b/m6a.2xlarge'),
      );
      const described = await sky('describe', 'cluster', 'rented');
      for (const { id } of world.alive) expect(described).toContain(id);
      expect(await sky('cluster', 'orphans')).toContain('No orphans');
      const sealed = await sky('cluster', 'escrow', 'list', 'rented');
      for (const what of ['sshKey', 'state', 'kubeconfig']) expect(sealed).toMatch(new RegExp(`^${what} +\\d`, 'm'));
      const kubeconfig = await sky('cluster', 'escrow', 'get', 'rented', 'kubeconfig');
      expect(kubeconfig.trim()).toBe(readFileSync(ofThree.kubeconfig, 'utf8').trim());
      const verified = await sky('cluster', 'escrow', 'verify', 'rented');
      for (const what of ['sshKey', 'state', 'kubeconfig']) {
        expect(verified).toMatch(new RegExp(`^${what} +1 +sound`, 'm'));
      }
      const smaller = await skyflow.skyctl(['cluster', 'scale', 'rented', '--num-nodes', '1']);
      expect(smaller).toMatchObject({ code: 2, stderr: expect.stringContaining('must be at least 3') });
      const restored = join(folder, 'restored');
      await sky('cluster', 'escrow', 'restore', 'rented', '--to', restored);
      expect(readdirSync(restored).sort()).toEqual(['cluster.rkestate', 'kube_config_cluster.yml', 'ssh.key']);
      const again = await skyflow.skyctl(['cluster', 'escrow', 'restore', 'rented', '--to', restored]);
      expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('is there already') });
      const refused = await skyflow.down('--purge');
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--abandon-clusters') });
      const log = await sky('logs', 'cluster', 'rented');
      expect(log).toMatch(/offer: aws eu-west-1a m6a\.2xlarge, 8 cpus, 32 GiB, 0\.\d+ \$\/h: chosen/);
      expect(log).toContain('rolled back, as RunInstances of m6a.2xlarge in eu-west-1a');
      expect(log).toMatch(/active: Kubernetes v\S+ on 3 nodes/);

      // The cloud takes one back.
      const [taken] = world.alive;
      if (taken === undefined) throw new Error('no machine');
      taken.endedMs = Date.now() - 10_000;
      await eventually(
        'another machine is in its place',
        async () => {
          const text = await sky('describe', 'cluster', 'rented');
          if (!/Repair +Done/.test(text) || !/Phase: +ACTIVE/.test(text) || text.includes(taken.id))
            throw new Error(text);
        },
        WITHIN_MS,
      );
      expect(world.alive).toHaveLength(3);
      expect(await sky('logs', 'cluster', 'rented')).toMatch(/is lost: aws does not list it any more since/);

      await sky('delete', 'cluster', 'rented');
      await eventually(
        'rented is gone',
        async () => expect((await skyflow.skyctl(['get', 'cluster', 'rented'])).code).toBe(3),
        WITHIN_MS,
      );
      expect(world.alive).toEqual([]);
      expect(world.groups).toEqual([]);
      expect(world.keys.size).toBe(0);
      expect(readdirSync(join(skyflow.home, 'provisioner', 'keys'))).toEqual([]);
    },
    5 * WITHIN_MS,
  );

  it(
    'of two clouds is on the other one when no zone of the cheapest has room; nothing is left on the first, and describe says why',
    async () => {
      rke.forgetMachines();
      rke.set({ kubeconfig: cluster.kubeconfig, lineMs: 5 });
      const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
      for (const zone of zones) ec2.world.weather.full.add(`${zone}/m5.2xlarge`);
      // What is cheaper there than the other cloud is that type alone.
      for (const zone of zones) ec2.world.weather.full.add(zone);
      const clouds = ['--provision', '--cloud', 'aws', '--cloud', 'gcp', '--cpus', '8', '--memory', '30'];
      await sky('create', 'cluster', 'anywhere', ...clouds);
      await eventually(
        'anywhere is READY',
        async () => {
          const listed = await sky('get', 'cluster', 'anywhere');
          if (!listed.includes('READY')) throw new Error(`${listed}\n${await sky('logs', 'cluster', 'anywhere')}`);
        },
        2 * WITHIN_MS,
      );
      expect([ec2.world.alive, ec2.world.groups, ec2.world.keys.size]).toEqual([[], [], 0]);
      expect(gcp.world.alive).toHaveLength(1);
      const described = await sky('describe', 'cluster', 'anywhere');
      for (const zone of zones) {
        expect(described).toMatch(new RegExp(`aws m5\\.2xlarge +${zone} .*do not have sufficient m5`));
      }
      expect(described).toMatch(/SkyFlow, with rke on 1 machine of aws or gcp/);
      await sky('delete', 'cluster', 'anywhere');
      await eventually(
        'anywhere is gone',
        async () => expect((await skyflow.skyctl(['get', 'cluster', 'anywhere'])).code).toBe(3),
        WITHIN_MS,
      );
      expect([gcp.world.alive, gcp.world.firewalls.size]).toEqual([[], 0]);
      ec2.world.weather.full.clear();
      rke.forgetMachines();
    },
    4 * WITHIN_MS,
  );

  it(
    'has more machines while work waits for them, and fewer when they have nothing to do',
    async () => {
      rke.set({ kubeconfig: ofThree.kubeconfig, lineMs: 5 });
      ec2.world.weather.full.clear();
      const aws = ['--provision', '--cloud', 'aws', '--region', 'eu-west-1', '--cpus', '8', '--memory', '32'];
      await sky('create', 'cluster', 'burst', ...aws, '--max-nodes', '3', '--scale-down-after', '3s');
      const machines = async (): Promise<{ name: string; roles: string[] }[]> => {
        const { status } = JSON.parse(await sky('get', 'cluster', 'burst', '-o', 'json')) as {
          status?: { phase?: string; provisioning?: { phase: string; machines: { name: string; roles: string[] }[] } };
        };
        const { phase, machines: list = [] } = status?.provisioning ?? {};
        if (phase !== 'ACTIVE' || status?.phase !== 'READY') throw new Error(await sky('describe', 'cluster', 'burst'));
        return list;
      };
      await eventually('burst is READY', async () => expect(await machines()).toHaveLength(1), WITHIN_MS);
      // What is "built" has three nodes of four processors, whatever is rented.
      await sky('create', 'job', 'wide', '--cluster', 'burst', '--run', 'date', '--replicas', '5', '--cpus', '3');
      await eventually('it has three', async () => expect(await machines()).toHaveLength(3), WITHIN_MS);
      expect(ec2.world.alive).toHaveLength(3);
      expect(await sky('logs', 'cluster', 'burst')).toContain('3 machines are wanted: 2 replicas wait for room');
      await sky('delete', 'job', 'wide');
      for (const { name, roles } of await machines()) {
        if (!roles.includes('etcd')) await nodeNamed(ofThree.kubeconfig, name);
      }
      await eventually('it has one', async () => expect(await machines()).toHaveLength(1), WITHIN_MS);
      expect(await sky('describe', 'cluster', 'burst')).toMatch(/Autoscale: +1 machine, as nothing has run on/);
      await sky('delete', 'cluster', 'burst');
      await eventually(
        'burst is gone',
        async () => expect((await skyflow.skyctl(['get', 'cluster', 'burst'])).code).toBe(3),
        WITHIN_MS,
      );
      expect(ec2.world.alive).toEqual([]);
    },
    4 * WITHIN_MS,
  );

  it(
    'on demand is not there until a job waits for it, says so in explain, and is stopped when nothing runs on it',
    async () => {
      rke.set({ kubeconfig: ofThree.kubeconfig, lineMs: 20 });
      const aws = ['--provision', '--cloud', 'aws', '--region', 'eu-west-1', '--cpus', '4', '--memory', '16'];
      const onDemand = [...aws, '--num-nodes', '0', '--min-nodes', '0', '--max-nodes', '2', '--scale-down-after', '4s'];
      const planned = await sky('create', 'cluster', 'night', ...onDemand, '--labels', 'pool', 'night', '--dry-run');
      expect(planned).toContain('On demand: nothing is built until work waits that it would admit');
      await sky('create', 'cluster', 'night', ...onDemand, '--labels', 'pool', 'night');
      const phase = async (wanted: string): Promise<void> => {
        const listed = await sky('get', 'cluster', 'night');
        if (!listed.includes(wanted)) throw new Error(`${listed}\n${await sky('describe', 'cluster', 'night')}`);
      };
      await eventually('night is STOPPED', () => phase('STOPPED'), WITHIN_MS);
      expect(ec2.world.alive).toEqual([]);
      const job = ['--cluster-selector', 'pool=night', '--run', 'sleep 600', '--cpus', '2'];
      await sky('create', 'job', 'late', ...job);
      await eventually(
        'explain says that a cluster is built for it',
        async () => expect(await sky('explain', 'job', 'late')).toMatch(/the cluster is being built: \d+ %/),
        WITHIN_MS,
      );
      await eventually(
        'it runs there',
        async () => expect(await sky('get', 'job', 'late')).toMatch(/late +night +1\/1/),
        WITHIN_MS,
      );
      expect(ec2.world.alive).toHaveLength(1);
      expect(await sky('logs', 'cluster', 'night')).toContain('1 machine is wanted: 1 replica waits for room');
      await sky('delete', 'job', 'late');
      await eventually('night is STOPPED again', () => phase('STOPPED'), WITHIN_MS);
      expect([ec2.world.alive, ec2.world.groups, ec2.world.keys.size]).toEqual([[], [], 0]);
      expect(await sky('logs', 'cluster', 'night')).toMatch(/stopped: nothing has run on it for 4 s/);
      await sky('delete', 'cluster', 'night');
      await eventually(
        'night is gone',
        async () => expect((await skyflow.skyctl(['get', 'cluster', 'night'])).code).toBe(3),
        WITHIN_MS,
      );
    },
    4 * WITHIN_MS,
  );

  it(
    'that AWS refuses is FAILED with its words, and nothing is left of it',
    async () => {
      const { world } = ec2;
      world.weather.full.clear();
      const denied = { action: 'RunInstances', code: 'UnauthorizedOperation', status: 403, message: 'You are not' };
      world.weather.failures.push(denied, denied, denied);
      await sky('create', 'cluster', 'denied', '--provision', '--cloud', 'aws', '--region', 'eu-west-1');
      await eventually(
        'denied is FAILED',
        async () => expect(await sky('get', 'cluster', 'denied')).toContain('FAILED'),
        WITHIN_MS,
      );
      const described = await sky('describe', 'cluster', 'denied');
      expect(described).toContain('UnauthorizedOperation: You are not');
      expect(described).toContain('AWS_ACCESS_KEY_ID');
      expect(world.alive).toEqual([]);
      expect(world.groups).toEqual([]);
      expect(world.keys.size).toBe(0);
      world.weather.failures.length = 0;
      await sky('delete', 'cluster', 'denied');
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

/** A node with nothing on it, by the name of a machine. */
async function nodeNamed(kubeconfig: string, name: string): Promise<void> {
  const context = (await parseKubeConfig(readFileSync(kubeconfig, 'utf8'), kubeconfig)).context();
  const client = new KubeClient(await connectionOf(context), { userAgent: 'test' });
  try {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    await client.applyServerSide(resources.nodes, object, { fieldManager: 'test' });
  } finally {
    client.close();
  }
}
