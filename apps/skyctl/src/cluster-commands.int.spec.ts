/** skyctl as a process against a stand-in gateway: cordon, drain and delete of clusters. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MovePreview } from '@skyflow/contracts';
import { useBed } from './testing/bed.js';

const bed = useBed();
const { run } = bed;

const NOTHING: MovePreview = { position: 1, moves: [], workloads: 0, replicas: 0, waiting: 0, placed: 0 };
const ONE_MOVE: MovePreview = {
  ...NOTHING,
  moves: [
    {
      ...{ kind: 'Job', namespace: 'default', name: 'web', waiting: 0, when: 'now' },
      from: [{ cluster: 'east', replicas: 2 }],
      to: [{ cluster: 'west', replicas: 2 }],
    },
  ],
  ...{ workloads: 1, replicas: 2, placed: 4 },
};

let preview: MovePreview;
/** A cluster of its own for each test. */
let name = '';
let made = 0;

beforeEach(async () => {
  preview = ONE_MOVE;
  name = `east-${++made}`;
  bed.gateway.intercept = ({ url }, response) => {
    if (url !== '/apis/skyflow.io/v1/movepreviews') return false;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'MovePreview', status: preview }));
    return true;
  };
  await bed.gateway.put({ kind: 'Cluster', metadata: { name }, spec: { manager: 'k8' } });
});

const specOf = async (): Promise<unknown> =>
  (JSON.parse((await run('get', 'cluster', name, '-o', 'json')).stdout) as { spec: unknown }).spec;

describe('cluster', () => {
  it('cordons and uncordons, once', async () => {
    expect((await run('cluster', 'cordon', name)).stdout).toBe(`cluster.skyflow.io/${name} cordoned\n`);
    expect((await run('cluster', 'cordon', name)).stdout).toBe(`cluster.skyflow.io/${name} already cordoned\n`);
    expect((await run('get', 'clusters')).stdout).toContain('SchedulingDisabled');
    expect((await run('cluster', 'uncordon', name)).stdout).toBe(`cluster.skyflow.io/${name} uncordoned\n`);
    expect(await specOf()).toEqual({ manager: 'k8' });
  });

  it('shows what a drain would move, and changes nothing with --dry-run, or where nobody can be asked', async () => {
    const dry = await run('cluster', 'drain', name, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/job\/web +default +east: 2 +west: 2 +at once/);
    expect(dry.stdout).toContain('1 workload with 2 replicas would move.');
    const asked = await run('cluster', 'drain', name);
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('add --yes') });
    expect(await specOf()).toEqual({ manager: 'k8' });
  });

  it('drains after --yes, and objections need --force', async () => {
    preview = { ...ONE_MOVE, objection: '2 of 2 replicas would find no other place and would wait' };
    const refused = await run('cluster', 'drain', name, '--yes', '--wait=false');
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('--force') });
    expect(await specOf()).toEqual({ manager: 'k8' });
    const done = await run('cluster', 'drain', name, '--yes', '--force', '--wait=false', '--grace', '90s');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`cluster.skyflow.io/${name} draining`) });
    expect(await specOf()).toEqual({ manager: 'k8', unschedulable: true, drain: { graceSeconds: 90 } });
  });

  it('waits until a drain is done, and says what is left when the time is over', async () => {
    await bed.gateway.setStatus('Cluster', name, { drain: { phase: 'Draining', workloads: 3, replicas: 5 } });
    const late = await run('cluster', 'drain', name, '--yes', '--timeout', '1s');
    expect(late).toMatchObject({ code: 7, stderr: expect.stringContaining(`${name}: 3 workloads`) });
    await bed.gateway.setStatus('Cluster', name, { drain: { phase: 'Drained', workloads: 0, replicas: 0 } });
    const done = await run('cluster', 'drain', name, '--yes');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`cluster.skyflow.io/${name} drained`) });
  });

  it('deletes what has nothing to move at once, and knows no cluster that is not there', async () => {
    preview = NOTHING;
    const done = await run('cluster', 'delete', name, '--yes');
    expect(done.stdout).toBe(`Nothing has to move.\ncluster.skyflow.io/${name} deleted\n`);
    expect(await run('cluster', 'delete', name, '--yes')).toMatchObject({ code: 3 });
  });
});

describe('a policy', () => {
  it('that would move too much needs --force, whoever writes it, and says what would move', async () => {
    preview = { ...ONE_MOVE, objection: '2 of 2 replicas would move' };
    const create = ['create', 'policy', `policy-${name}`, '--clusters', 'west', '--all-workloads'];
    expect(await run(...create)).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/job\/web[^]*nothing was changed: 2 of 2 replicas would move[^]*--force/),
    });
    expect((await run('get', 'policy', `policy-${name}`)).code).toBe(3);
    expect(await run(...create, '--dry-run', 'server')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('1 workload with 2 replicas would move.'),
    });
    expect(await run(...create, '--dry-run', 'client')).toMatchObject({ code: 0, stderr: '' });
    expect((await run(...create, '--force')).code).toBe(0);
    const patch = ['patch', 'policy', `policy-${name}`, '-p', 'spec: {clusters: [east]}'];
    const clusters = async (): Promise<string> =>
      (await run('get', 'policy', `policy-${name}`, '-o', 'jsonpath={.spec.clusters}')).stdout;
    expect((await run(...patch)).code).toBe(5);
    expect(await clusters()).toBe('["west"]');
    preview = {
      ...ONE_MOVE,
      moves: [{ ...ONE_MOVE.moves[0]!, to: [], waiting: 2, message: 'NO_CLUSTER_MATCHES' }],
      waiting: 2,
    };
    expect(await run(...patch, '--dry-run', 'server')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/east: 2 +2 wait \(NO_CLUSTER_MATCHES\)/),
    });
    expect(await clusters()).toBe('["west"]');
    expect((await run(...patch, '--force')).code).toBe(0);
    expect(await clusters()).toBe('["east"]');
  }, 60_000);
});
