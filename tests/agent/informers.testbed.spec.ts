/**
 * What an agent has seen of a real API server outlives what befalls that server and the agent's own rights there: history that
 * etcd has compacted (410), client certificates and tokens that are taken back. And
 * a cluster of thousands fits into its memory. `npm run test:e2e -- --on testbed tests/agent`; SKYFLOW_LONG=1: 5,000 nodes, 50,000 pods.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { issueCertificate, type Authority } from '@skyflow/certificates';
import { isExpired, resources, type KubeObject } from '@skyflow/kube-client';
import { fill } from './many-objects.js';
import { startRealBed, type RealBed } from './real-bed.js';
import { job, until, type TestAgent } from '../../apps/cluster-agent/src/testing/test-bed.spec.js';

const withApiServer = await needing('kube-apiserver');
const LONG_MS = 90_000;
/** The user that a ServiceAccount is to the API: rights bound to it hold for a certificate in this name too. */
const AGENT_USER = 'system:serviceaccount:skyflow:skyflow-agent';
const DAY_MS = 86_400_000;
const isLong = process.env['SKYFLOW_LONG'] === '1';
const FILLING = isLong ? { nodes: 5_000, podsPerNode: 10 } : { nodes: 200, podsPerNode: 10 };
const FILL_MS = isLong ? 1_200_000 : 120_000;
/** An agent of a small cluster has 90. */
const MOST_MIB = isLong ? 400 : 250;

const authority = (commonName: string): Authority =>
  issueCertificate({ subject: { commonName }, use: 'authority', lifeMs: DAY_MS, nowMs: Date.now() });
const clientOf = (issuer: Authority): Authority =>
  issueCertificate({ subject: { commonName: AGENT_USER }, use: 'client', lifeMs: DAY_MS, nowMs: Date.now() }, issuer);

withApiServer.describe('what an agent sees of a real API server', () => {
  const [former, latter] = [authority('former'), authority('latter')];
  let bed: RealBed;
  let agent: TestAgent;

  beforeAll(async () => {
    bed = await startRealBed(former.certificate);
  }, 300_000);
  afterAll(() => bed.stop(), LONG_MS);

  const find = (name: string) => bed.client.find<KubeObject>(resources.deployments, { namespace: 'team', name });
  const replicasOf = async (name: string): Promise<number | undefined> =>
    ((await find(name))?.['spec'] as { replicas?: number } | undefined)?.replicas;
  const runs = (name: string, replicas: number) =>
    until(
      `${name} runs with ${replicas}`,
      async () => {
        const last = await bed.lastReport(name);
        return last?.phase === 'RUNNING' && last.ready === replicas;
      },
      LONG_MS,
    );
  const unreachableReports = async () =>
    (await bed.observed()).filter((entry) => entry.type === 'ClusterObserved' && !entry.data.reachable).length;

  it('is listed again when etcd has compacted what happened meanwhile', async () => {
    agent = await bed.agent();
    for (const name of ['scaled', 'deleted']) await bed.work.assign(job(name));
    for (const name of ['scaled', 'deleted']) await runs(name, 2);
    agent.process.kill('SIGSTOP');
    const { resourceVersion } = (await bed.client.list(resources.deployments)).metadata;
    await bed.kubectl(['scale', 'deploy', 'scaled', '-n', 'team', '--replicas=5']);
    await bed.kubectl(['delete', 'deploy', 'deleted', '-n', 'team']);
    await bed.cluster.plane.kill('kube-apiserver');
    await bed.cluster.plane.compact();
    await bed.cluster.plane.restart('kube-apiserver');
    // Whoever would go on from there is refused, by the API server itself.
    expect(await refusalOfWatch(resourceVersion)).toMatch(/^410 /);
    agent.process.kill('SIGCONT');
    await until(
      'both are as they must be',
      async () => (await replicasOf('scaled')) === 2 && (await replicasOf('deleted')) === 2,
      LONG_MS,
    );
    await runs('deleted', 2);
    for (const name of ['scaled', 'deleted']) expect(await bed.wasRemoved(name)).toBe(false);
    await agent.kill('SIGTERM');
  }, 240_000);

  /** `CODE MESSAGE` of a watch from there. */
  async function refusalOfWatch(resourceVersion = '0'): Promise<string> {
    const signal = AbortSignal.timeout(20_000);
    try {
      for await (const event of await bed.client.watch(resources.deployments, { resourceVersion, signal }))
        return event.type;
      return 'ended';
    } catch (error) {
      return isExpired(error) ? `410 ${(error as Error).message}` : String(error);
    }
  }

  it('goes on with a client certificate of another authority, once the first is trusted no more', async () => {
    const [certificate, key] = ['agent.crt', 'agent.key'].map((name) => join(bed.directory, name)) as [string, string];
    const write = async (pair: Authority): Promise<void> => {
      for (const [path, text] of [
        [certificate, pair.certificate],
        [key, pair.privateKey],
      ] as const) {
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
      }
    };
    const [first, second] = [clientOf(former), clientOf(latter)];
    await write(first);
    agent = await bed.agent({ user: { 'client-certificate': certificate, 'client-key': key } });
    await bed.work.assign(job('certified'));
    await runs('certified', 2);
    const before = await unreachableReports();
    // As it is done to real ones: both are trusted, the clients change theirs, the first is dropped.
    bed.cluster.plane.trustClientsOf(former.certificate + latter.certificate);
    await isLetIn(second, true);
    await write(second);
    bed.cluster.plane.trustClientsOf(latter.certificate);
    await isLetIn(first, false);
    await bed.work.assign(job('certified'), { replicas: 3 });
    await runs('certified', 3);
    expect(await unreachableReports()).toBe(before);
    await agent.kill('SIGTERM');
  }, 300_000);

  const isLetIn = (pair: Authority, expected: boolean) =>
    until(
      `the certificate is ${expected ? 'taken' : 'refused'}`,
      async () => {
        const client = await bed.clientOf({
          'client-certificate-data': Buffer.from(pair.certificate).toString('base64'),
          'client-key-data': Buffer.from(pair.privateKey).toString('base64'),
        });
        try {
          await client.list(resources.deployments, { limit: 1 });
          return expected;
        } catch {
          return !expected;
        } finally {
          client.close();
        }
      },
      LONG_MS,
    );

  it('goes on with another token, once the first is revoked', async () => {
    const bound = async (secret: string): Promise<string> => {
      await bed.kubectl(['create', 'secret', 'generic', secret, '-n', 'skyflow']);
      return bed.token(['--bound-object-kind=Secret', `--bound-object-name=${secret}`]);
    };
    const first = await bound('first');
    await writeFile(bed.tokenFile, first);
    agent = await bed.agent();
    await bed.work.assign(job('tokened'));
    await runs('tokened', 2);
    const before = await unreachableReports();
    await writeFile(bed.tokenFile, await bound('second'));
    await bed.kubectl(['delete', 'secret', 'first', '-n', 'skyflow']);
    await until(
      'the first is refused',
      async () => {
        const client = await bed.clientOf({ token: first });
        return client
          .list(resources.deployments, { limit: 1 })
          .then(
            () => false,
            () => true,
          )
          .finally(() => client.close());
      },
      LONG_MS,
    );
    await bed.work.assign(job('tokened'), { replicas: 3 });
    await runs('tokened', 3);
    expect(await unreachableReports()).toBe(before);
    await agent.kill('SIGTERM');
  }, 300_000);

  it(
    'fits into its memory, whatever there is of others',
    async () => {
      for (const component of ['kube-controller-manager', 'kube-scheduler'] as const)
        await bed.cluster.plane.kill(component);
      await fill(bed.client, FILLING);
      const startedAt = performance.now();
      agent = await bed.agent();
      const told = await until(
        'all of it is told',
        async () => {
          const nodes = (await bed.nodes()).filter(({ name }) => name.startsWith('filled-'));
          const isTold =
            nodes.length === FILLING.nodes &&
            nodes.every((node) => node.requestedByOthers['pods'] === FILLING.podsPerNode);
          return isTold ? nodes : undefined;
        },
        FILL_MS,
      );
      const seconds = (performance.now() - startedAt) / 1_000;
      expect(told.every(({ requestedByOthers }) => requestedByOthers['cpu'] === 100 * FILLING.podsPerNode)).toBe(true);
      // What changes then is told, and nothing is listed anew for it.
      await bed.kubectl(['cordon', told[0]?.name ?? '']);
      await until(
        'the cordon is told',
        async () =>
          (await bed.nodes()).some(({ name, unschedulable }) => name === told[0]?.name && unschedulable === true),
        LONG_MS,
      );
      const peakMib = await peakMemory(agent);
      process.stderr.write(
        `agent: ${FILLING.nodes} nodes and ${FILLING.nodes * FILLING.podsPerNode} pods of a real API server told after ${seconds.toFixed(1)} s, at most ${peakMib.toFixed(0)} MiB\n`,
      );
      expect(peakMib).toBeLessThan(MOST_MIB);
      await agent.kill('SIGTERM');
    },
    FILL_MS * 2,
  );
});

/** Of its resident memory so far, MiB; 0 where the system does not tell. */
async function peakMemory({ process: { pid } }: TestAgent): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}
