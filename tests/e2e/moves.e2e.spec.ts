/**
 * What moves without a cluster being lost: changes that go over the clusters step by step and back, replicas that move to where they are
 * better off, asked for or by themselves, and changes of policies that would move too much.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Skyflow } from './fixture/skyflow.js';

const JOBS = '/apis/skyflow.io/v1/namespaces/default/jobs';
const POLICIES = '/apis/skyflow.io/v1/namespaces/default/placementpolicies';

const skyflow = new Skyflow();
const [first, second] = skyflow.clusters.contexts;
const { typed: skyctl } = skyflow;

beforeAll(async () => {
  await skyflow.up();
}, 120_000);

afterAll(async () => {
  await skyflow.remove();
}, 60_000);

interface Wanted {
  replicas?: number;
  command?: string[];
  version?: string;
  placement?: object;
}

function job(name: string, { replicas = 1, command = ['sleep', '3600'], version = 'v1', placement = {} }: Wanted) {
  const resources = { requests: { cpu: '50m', memory: '16Mi' } };
  const container = { name: 'main', image: 'busybox', command, env: [{ name: 'VERSION', value: version }], resources };
  return {
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { replicas, placement, template: { spec: { containers: [container] } } },
  };
}

async function written(path: string, object: object, method = 'POST', headers = {}): Promise<void> {
  const { code, body } = await skyflow.api(path, { method, body: JSON.stringify(object), headers });
  expect({ code: code < 300, body }).toMatchObject({ code: true });
}

const runs = (name: string): Promise<void> =>
  eventually(
    `${name} runs`,
    async () => expect(await skyctl('get', 'job', name)).not.toMatch(/PENDING|UNKNOWN/),
    60_000,
  );

async function native(cluster: string, name: string, path: string): Promise<string> {
  const args = ['get', 'deployment', name, '--ignore-not-found', '-o', `jsonpath={${path}}`];
  return (await skyflow.kubectl(cluster, args)).stdout;
}

const versionOn = (cluster: string, name: string): Promise<string> =>
  native(cluster, name, '.spec.template.spec.containers[0].env[0].value');

const replicasOn = async (cluster: string, name: string): Promise<number> =>
  Number(await native(cluster, name, '.spec.replicas'));

describe('a change of a pod template', () => {
  const rollout = { type: 'Progressive', minReadySeconds: 2, progressDeadlineSeconds: 10 };
  const web = (more: Wanted) => job('web', { replicas: 2, placement: { rollout }, ...more });

  it('goes over the clusters one after the other', async () => {
    await written(JOBS, web({}));
    await runs('web');
    expect([await replicasOn(first, 'web'), await replicasOn(second, 'web')]).toEqual([1, 1]);
    await written(`${JOBS}/web`, web({ version: 'v2' }), 'PUT');
    const seen = new Set<string>();
    await eventually(
      'it is everywhere',
      async () => {
        const now = [await versionOn(first, 'web'), await versionOn(second, 'web')];
        seen.add(now.join(' '));
        expect(now).toEqual(['v2', 'v2']);
      },
      60_000,
    );
    // Two seconds of being ready are longer than two looks.
    expect([...seen].filter((each) => each === 'v2 v1' || each === 'v1 v2')).toHaveLength(1);
  }, 120_000);

  it('is taken back everywhere when it fails on the first', async () => {
    // What is not over yet is taken back to what was there before it.
    await skyctl('rollout', 'status', 'job/web');
    await written(`${JOBS}/web`, web({ version: 'v3', command: ['false'] }), 'PUT');
    await eventually(
      'it is rolled back',
      async () => {
        expect(await skyctl('get', 'job', 'web', '-o', 'json')).toContain('RolledBack');
        expect([await versionOn(first, 'web'), await versionOn(second, 'web')]).toEqual(['v2', 'v2']);
      },
      90_000,
    );
    await skyctl('delete', 'job', 'web');
  }, 180_000);
});

describe('replicas that would be better off elsewhere', () => {
  const names = ['one', 'two', 'three', 'four'];
  const moved = async (): Promise<number> => {
    const counts = await Promise.all(names.map((name) => replicasOn(second, name)));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  beforeAll(async () => {
    await skyctl('cluster', 'cordon', second);
    for (const name of names) await written(JOBS, job(name, { replicas: 2 }));
    for (const name of names) await runs(name);
    expect(await moved()).toBe(0);
    await skyctl('cluster', 'uncordon', second);
  }, 120_000);

  it('stay until somebody asks', async () => {
    expect(await skyctl('rebalance', '--dry-run', 'job/one')).toContain('job/one');
    await skyctl('rebalance', 'job/one', '--yes', '--force');
    await eventually('one has moved', async () => expect(await replicasOn(second, 'one')).toBe(1), 60_000);
    expect(await moved()).toBe(1);
  }, 120_000);

  it('move by themselves where a policy has it, so many at a time, and then rest', async () => {
    const rebalance = { intervalSeconds: 1, maxReplicas: 1, minImprovement: 20 };
    const metadata = { name: 'level', namespace: 'default' };
    const policy = { apiVersion: 'skyflow.io/v1', kind: 'PlacementPolicy', metadata };
    await written(POLICIES, { ...policy, spec: { workloadSelector: {}, rebalance } });
    // The new replica is there before the old one goes.
    const where = (): Promise<unknown[]> =>
      Promise.all(names.map(async (name) => [name, await replicasOn(first, name), await replicasOn(second, name)]));
    const level = names.map((name) => [name, 1, 1]);
    await eventually('all are level', async () => expect(await where()).toEqual(level), 90_000);
  }, 120_000);
});

describe('a policy under which replicas would find no place', () => {
  it('is refused to kubectl, too, with the number and the way out', async () => {
    const spec = { workloadSelector: {}, clusterSelector: { matchLabels: { no: 'cluster' } } };
    const metadata = { name: 'nowhere', namespace: 'default' };
    const policy = { apiVersion: 'skyflow.io/v1', kind: 'PlacementPolicy', metadata, spec };
    const { code, body } = await skyflow.api(POLICIES, { method: 'POST', body: JSON.stringify(policy) });
    expect({ code, body }).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect((body as { message: string }).message).toMatch(
      /\d+ replicas would find no other place.*skyflow.io\/allow-moves/,
    );
    const kubectl = ['--context', 'skyflow', 'create', '-f', '-', '-o', 'name'];
    const refused = await skyflow.shell(`echo '${JSON.stringify(policy)}' | npx kubectl ${kubectl.join(' ')}`);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('would find no other place');
    expect(await skyctl('get', 'placementpolicies')).not.toContain('nowhere');
  }, 60_000);
});
