/** The seed's walk-through, typed as its README has it, and what a person would look at next. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Skyflow } from './fixture/skyflow.js';

describe('the walk-through', () => {
  const skyflow = new Skyflow();
  const { contexts, resources } = skyflow.clusters;

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  const skyctl = skyflow.typed;
  const rows = (table: string): string[][] =>
    table
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));

  it('shows two clusters, READY, with the resources of the seed', async () => {
    const table = rows(await skyctl('get', 'clusters'));
    expect(table[0]).toEqual(['Name', 'Manager', 'Resources', 'Status']);
    expect(table.filter(([name]) => contexts.some((context) => context === name))).toEqual(
      contexts.map((name) => [name, 'k8', expect.stringMatching(resources), 'READY']),
    );
  });

  it('spreads a job of two replicas over both and says so', async () => {
    await skyctl(
      'create',
      'job',
      'hello',
      '--replicas',
      '2',
      '--run',
      'echo hello; sleep 300',
      '--cpus',
      '1',
      '--labels',
      'app',
      'nginx',
    );
    await eventually('both replicas run', async () => {
      expect(rows(await skyctl('get', 'jobs'))).toEqual([
        ['Name', 'Cluster', 'Replicas', 'Resources', 'Namespace', 'Status'],
        ...contexts.map((name) => ['hello', name, '1/1', 'cpus: 1.0', 'default', 'RUNNING']),
      ]);
    });
  });

  it.each(contexts)('has the pod on %s that it says is there', async (context) => {
    const { code, stdout } = await skyflow.kubectl(context, ['get', 'pods', '-l', 'app=nginx', '--no-headers']);
    expect(code).toBe(0);
    expect(rows(stdout)).toEqual([[expect.stringMatching(/^hello-/), '1/1', 'Running', '0', expect.any(String)]]);
  });

  it('is a cluster to kubectl, with the pods of both', async () => {
    const { code, stdout, stderr } = await skyflow.npxKubectl(['--context', 'skyflow', 'get', 'pods', '--no-headers']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(rows(stdout).map(([name]) => name?.split('.')[1])).toEqual(expect.arrayContaining([...contexts]));
    const jobs = await skyflow.npxKubectl(['--context', 'skyflow', 'get', 'jobs.skyflow.io', '-o', 'name']);
    expect(jobs.stdout).toBe('job.skyflow.io/hello');
  });

  it('reads the logs of both pods', async () => {
    await eventually('both pods have said hello', async () => {
      expect((await skyctl('logs', 'hello')).match(/hello/g)?.length).toBeGreaterThanOrEqual(2);
    });
  });

  it('lets a job that is too big for now wait, says why, and runs it when there is room', async () => {
    await skyctl('create', 'job', 'big', '--replicas', '1', '--run', 'sleep 300', '--cpus', '1.5');
    await eventually('it waits with a reason', async () => {
      const table = await skyctl('get', 'jobs');
      expect(table).toMatch(/big .*PENDING/);
      expect(table).toMatch(/cpu/);
    });
    await skyctl('delete', 'job', 'hello');
    await eventually('it runs', async () => {
      expect(await skyctl('get', 'jobs')).toMatch(/big +\S+ +1\/1 .*RUNNING/);
    });
    await skyctl('delete', 'job', 'big');
  });

  it('leaves no pod behind after a delete', async () => {
    await eventually('the clusters are empty', async () => {
      for (const context of contexts) {
        const { stdout } = await skyflow.kubectl(context, [
          'get',
          'pods,deployments,jobs',
          '-n',
          'default',
          '--no-headers',
        ]);
        expect(stdout).toBe('');
      }
      expect((await skyflow.skyctl(['get', 'jobs'])).stdout).not.toMatch(/hello|big/);
    });
  });
});
