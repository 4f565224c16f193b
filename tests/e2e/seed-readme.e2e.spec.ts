/** The walk-through of the seed's README, all six steps, typed at a shell as they are written there. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { eventually, type Output, Skyflow } from './fixture/skyflow.js';

const skyflow = new Skyflow();
const [cloud, onprem] = skyflow.clusters.contexts;
const withPython = await needing('python');

/** A line, typed in the base folder where the programs of this checkout are in PATH. @throws with what it said, where it fails */
async function type(line: string): Promise<string> {
  const { code, stdout, stderr }: Output = await skyflow.shell(line);
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
  return stdout;
}
const rows = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

describe('the README of the seed', () => {
  beforeAll(async () => {
    // Step 2, in a terminal of its own.
    await skyflow.up(withPython.isMet ? ['python', join('api_server', 'launch_server.py')] : undefined);
  }, 180_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  it('1. kubectl config get-contexts', async () => {
    // Clusters that `up` made are there without any set-up; others are in the user's own kubeconfig.
    const kubeconfig = skyflow.clusters.kubeconfig(skyflow.home);
    const own = kubeconfig.startsWith(skyflow.home) ? '' : `KUBECONFIG=${kubeconfig} `;
    const names = (await type(`${own}kubectl config get-contexts`))
      .split('\n')
      .map((line) => line.slice(10).split(' ', 1)[0]);
    expect(names).toEqual(expect.arrayContaining(['NAME', cloud, onprem]));
  });

  withPython.it('3. python skyflow/launch_sky_manager.py', async () => {
    // A gateway that has just started hears of the others within seconds.
    await eventually('the scheduler is known', async () =>
      expect(await type('python skyflow/launch_sky_manager.py')).toMatch(/scheduler +READY/),
    );
  });

  it('4. skyctl get clusters, and skyctl create cluster --manager k8', async () => {
    await eventually('both are READY', async () => {
      const table = rows(await type('skyctl get clusters'));
      expect(table[0]).toEqual(['Name', 'Manager', 'Resources', 'Status']);
      for (const name of [cloud, onprem]) {
        expect(table).toContainEqual([name, 'k8', expect.stringMatching(skyflow.clusters.resources), 'READY']);
      }
    });
    await type(`skyctl cluster delete ${onprem} --now --yes`);
    expect(await type(`skyctl create cluster --manager k8 ${onprem}`)).toBe(`cluster.skyflow.io/${onprem} created`);
    await type(`skyctl wait cluster ${onprem} --for phase=READY --timeout 60s`);
  }, 120_000);

  it('5. skyctl create job, skyctl create jobs --help, skyctl get jobs', async () => {
    expect(await type('skyctl create jobs --help')).toMatch(/--replicas[^]*--run[^]*--cpus[^]*--labels/);
    await type("skyctl create job hello --replicas 2 --run 'echo hello; sleep 300' --cpus 1 --labels app nginx");
    await eventually('both replicas run', async () => {
      expect(rows(await type('skyctl get jobs'))).toEqual([
        ['Name', 'Cluster', 'Replicas', 'Resources', 'Namespace', 'Status'],
        ['hello', cloud, '1/1', 'cpus: 1.0', 'default', 'RUNNING'],
        ['hello', onprem, '1/1', 'cpus: 1.0', 'default', 'RUNNING'],
      ]);
    });
  }, 60_000);

  it('6. skyctl create service: a native service on its cluster, with the pods of both behind it', async () => {
    expect(await type('skyctl create services --help')).toMatch(/--type[^]*--selector[^]*--ports[^]*--cluster/);
    await type(
      `skyctl create service my-nginx-service --type LoadBalancer --selector app nginx --ports 8008 80 --cluster ${onprem}`,
    );
    await eventually('the cluster has it', async () => {
      const native = await skyflow.kubectl(onprem, [
        'get',
        'service',
        'my-nginx-service',
        '-o',
        'jsonpath={.spec.type} {.spec.ports[0].port} {.spec.ports[0].targetPort}',
      ]);
      expect(native.stdout).toBe('LoadBalancer 8008 80');
      const service = JSON.parse(await type('skyctl get service my-nginx-service -o json')) as {
        status?: { endpoints?: { cluster: string }[] };
      };
      const clusters = (service.status?.endpoints ?? []).map(({ cluster }) => cluster);
      expect(clusters.sort()).toEqual([cloud, onprem].sort());
    });
  }, 60_000);
});
