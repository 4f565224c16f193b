/**
 * A real API server that comes to show another certificate: of the same authority, of which nobody need know, and of another one, which is
 * not believed before the kubeconfig names it. `npm run test:e2e -- --on testbed tests/agent`.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { resources, type KubeObject } from '@skyflow/kube-client';
import { startRealBed, type RealBed } from './real-bed.js';
import { job, until, type TestAgent } from '../../apps/cluster-agent/src/testing/test-bed.spec.js';

const withApiServer = await needing('kube-apiserver');
const LONG_MS = 90_000;
/** The agent's code for a kubeconfig that changed under it; whoever runs it starts it anew. */
const CONFIG_CHANGED = 75;

withApiServer.describe('a real API server that shows another certificate', () => {
  let bed: RealBed;

  beforeAll(async () => {
    bed = await startRealBed();
  }, 300_000);
  afterAll(() => bed.stop(), LONG_MS);

  const replicasOf = async (name: string): Promise<number | undefined> => {
    const found = await bed.client.find<KubeObject>(resources.deployments, { namespace: 'team', name });
    return (found?.['spec'] as { replicas?: number } | undefined)?.replicas;
  };
  const runs = (name: string, replicas: number) =>
    until(
      `${name} runs with ${replicas}`,
      async () => {
        const last = await bed.lastReport(name);
        return last?.phase === 'RUNNING' && last.ready === replicas;
      },
      LONG_MS,
    );
  const lastOfCluster = async () => {
    const last = (await bed.observed()).findLast(({ type }) => type === 'ClusterObserved');
    return last?.type === 'ClusterObserved' ? last.data : undefined;
  };
  /** It sees what others do, and applies. */
  async function works(name: string, replicas: number): Promise<void> {
    await bed.kubectl(['scale', 'deploy', name, '-n', 'team', '--replicas=7']);
    await until('what another did is seen and put back', async () => (await replicasOf(name)) !== 7, LONG_MS);
    await bed.work.assign(job(name), { replicas });
    await runs(name, replicas);
    expect(await bed.wasRemoved(name)).toBe(false);
  }

  it('of the same authority: the agent goes on, as the process that it was', async () => {
    const agent: TestAgent = await bed.agent();
    await bed.work.assign(job('same'));
    await runs('same', 2);
    await bed.cluster.plane.restartWithCertificateOf('same');
    await works('same', 3);
    expect(agent.process.exitCode).toBeNull();
    expect(agent.output()).not.toMatch(/certificate/);
    await agent.kill('SIGTERM');
  }, 240_000);

  it.each([
    ['in itself', 'inline', false],
    ['in a file', 'filed', true],
  ])(
    'of another authority: nothing is decided before the kubeconfig names it %s, then the agent goes on',
    async (_where, name, authorityFile) => {
      let agent = await bed.agent({ authorityFile });
      await bed.work.assign(job(name));
      await runs(name, 2);
      await bed.cluster.plane.restartWithCertificateOf('other');
      const told = await until(
        'the agent says why it does not believe it',
        async () => {
          const last = await lastOfCluster();
          return last?.reachable === false && last.message?.includes('certificate') === true ? last : undefined;
        },
        LONG_MS,
      );
      expect(told.nodes).toHaveLength(2);
      await bed.work.assign(job(name), { replicas: 4 });
      await bed.renewKubeconfigs();
      await until('it ends, to be started anew', () => agent.process.exitCode === CONFIG_CHANGED, LONG_MS);
      // What came meanwhile was not sent to a server that is not known.
      expect(await replicasOf(name)).toBe(2);
      agent = await bed.agent({ authorityFile });
      await runs(name, 4);
      await works(name, 3);
      expect(await lastOfCluster()).toMatchObject({ reachable: true });
      await agent.kill('SIGTERM');
    },
    300_000,
  );
});
