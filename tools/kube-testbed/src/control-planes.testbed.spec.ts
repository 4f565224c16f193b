/**
 * Real control planes. They are built from source, which takes minutes on a machine that has not done it, so these tests run
 * with the end-to-end suites on them (`npm run test:e2e -- --on testbed tools/kube-testbed`).
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { connectionOf, KubeClient, loadKubeConfig, resources, type KubeObject } from '@skyflow/kube-client';
import { testbedBinary } from './binary/testbed-binary.js';
import { until } from './control-plane/poll.js';
import { startTestbed, type Testbed } from './testbed.js';

const BUILD_MS = 45 * 60_000;
const START_MS = 120_000;
const SETTLE_MS = 30_000;
const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const withApiServer = await needing('kube-apiserver');

withApiServer.describe('a testbed of two clusters', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kube-testbed-'));
  let testbed: Testbed;
  let client: KubeClient;

  beforeAll(async () => {
    await testbedBinary();
    testbed = await startTestbed({ clusters: ['one', 'two'], directory });
    client = await clientOf('one');
  }, BUILD_MS + START_MS);

  afterAll(async () => {
    client.close();
    await testbed.stop();
    rmSync(directory, { recursive: true, force: true });
  }, SETTLE_MS);

  async function clientOf(name: string): Promise<KubeClient> {
    return new KubeClient(await connectionOf((await loadKubeConfig(testbed.kubeconfig)).context(name)));
  }

  async function podsOf(app: string): Promise<KubeObject[]> {
    return (await client.list(resources.pods, { namespace: 'default', labelSelector: `app=${app}` })).items;
  }

  it('has a kubeconfig of its own, for its owner only', () => {
    expect(statSync(testbed.kubeconfig).mode & 0o777).toBe(0o600);
  });

  it.each(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'])(
    'has %s in its binary, by name',
    async (component) => {
      const { path } = await testbedBinary();
      const name = join(directory, component);
      symlinkSync(path, name);
      const { stdout } = await promisify(execFile)(name, ['--version']);
      expect(stdout).toBe(`Kubernetes ${testbed.version}\n`);
    },
  );

  it.each(['one', 'two'])('answers as Kubernetes of the pinned version in context %s', async (name) => {
    const each = await clientOf(name);
    expect((await each.version()).gitVersion).toBe(testbed.version);
    expect((await each.list(resources.nodes)).items.map(({ metadata }) => metadata.name)).toEqual([`${name}-node-0`]);
    each.close();
  });

  it('runs a Deployment, and takes its pods away with it', async () => {
    await client.create(resources.deployments, deployment('web', 3));
    await until('three pods are ready', SETTLE_MS, async () => {
      const { status } = await client.get(resources.deployments, { namespace: 'default', name: 'web' });
      expect(status).toMatchObject({ readyReplicas: 3, observedGeneration: 1 });
    });
    await client.delete(
      resources.deployments,
      { namespace: 'default', name: 'web' },
      { propagationPolicy: 'Background' },
    );
    await until('they are gone', SETTLE_MS, async () => expect(await podsOf('web')).toEqual([]));
  });

  it('runs a Job to its end', async () => {
    await client.create(resources.jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'batch', namespace: 'default' },
      spec: { completions: 2, parallelism: 2, template: template('batch', 'Never') },
    });
    await until('it is complete', SETTLE_MS, async () => {
      const { status } = await client.get(resources.jobs, { namespace: 'default', name: 'batch' });
      expect(status).toMatchObject({ succeeded: 2, conditions: expect.arrayContaining([conditionLike('Complete')]) });
    });
  });

  it('says of what does not fit what kube-scheduler says', async () => {
    const spec = template('big', 'Never', { requests: { cpu: '3' } }).spec;
    const metadata = { name: 'big', namespace: 'default', labels: { app: 'big' } };
    await client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
    await until('it waits with a reason', SETTLE_MS, async () => {
      const [pod] = await podsOf('big');
      expect(JSON.stringify(pod?.['status'])).toContain('Insufficient cpu');
    });
  });

  it.each(['etcd', 'kube-apiserver'] as const)(
    'keeps what it had over a kill -9 of %s',
    async (component) => {
      const { plane } = testbed.clusters[0]!;
      const name = `kept-over-${component}`;
      await client.create(resources.configMaps, { metadata: { name, namespace: 'default' }, data: { a: 'b' } });
      await plane.kill(component);
      expect(plane.pids()[component]).toBeUndefined();
      await plane.restart(component);
      expect(await client.get(resources.configMaps, { namespace: 'default', name })).toMatchObject({
        data: { a: 'b' },
      });
    },
    60_000,
  );

  it('answers nothing while etcd is paused, and goes on afterwards', async () => {
    const { plane } = testbed.clusters[0]!;
    const write = (name: string): Promise<KubeObject> =>
      client.create(resources.configMaps, { metadata: { name, namespace: 'default' } }, { timeoutMs: 1_500 });
    plane.pause('etcd');
    // A busy machine may let a thread of etcd finish what it was at before the signal arrives there.
    await until('it takes no writes', SETTLE_MS, () =>
      expect(write(`paused-${performance.now().toFixed()}`)).rejects.toThrow(),
    );
    plane.resume('etcd');
    await until('it takes writes again', SETTLE_MS, () => write(`resumed-${performance.now().toFixed()}`));
  });
});

withApiServer.describe('the end of a testbed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kube-testbed-'));

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function startProgram(): Promise<{
    stop: (signal: NodeJS.Signals) => Promise<void>;
    pids: number[];
    port: number;
  }> {
    const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
    const program = spawn(process.execPath, [PROGRAM, 'up', '--directory', directory, '--clusters', 'only'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    });
    const [line] = (await once(createInterface({ input: program.stdout }), 'line')) as [string];
    const [cluster] = (JSON.parse(line) as { clusters: { url: string; pids: Record<string, number> }[] }).clusters;
    return {
      pids: Object.values(cluster!.pids),
      port: Number(new URL(cluster!.url).port),
      stop: async (signal) => {
        const gone = once(program, 'exit');
        program.kill(signal);
        await gone;
      },
    };
  }

  it(
    'leaves no process, port or file behind when it is told to stop',
    async () => {
      const { pids, port, stop } = await startProgram();
      expect(pids.filter(isAlive)).toEqual(pids);
      await stop('SIGTERM');
      expect(pids.filter(isAlive)).toEqual([]);
      expect(await isOpen(port)).toBe(false);
      expect(readdirSync(directory)).toEqual([]);
    },
    START_MS,
  );

  it(
    'leaves no process behind when it is killed, not even a stopped one',
    async () => {
      const { pids, stop } = await startProgram();
      process.kill(pids[0]!, 'SIGSTOP');
      await stop('SIGKILL');
      await until('all are gone', SETTLE_MS, () => expect(pids.filter(isAlive)).toEqual([]));
    },
    START_MS,
  );
});

const conditionLike = (type: string): unknown => expect.objectContaining({ type, status: 'True' });

function template(
  app: string,
  restartPolicy: 'Always' | 'Never',
  podResources: object = {},
): { metadata: object; spec: object } {
  const containers = [{ name: 'main', image: 'example.com/hollow', resources: podResources }];
  return { metadata: { labels: { app } }, spec: { restartPolicy, containers } };
}

const deployment = (name: string, replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, 'Always') },
});

/** A process that has ended and waits for its parent (state Z) is not alive. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  if (process.platform === 'linux') return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => {
      resolve(false);
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
