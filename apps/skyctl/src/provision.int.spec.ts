/** skyctl as a process against a stand-in gateway: clusters that are to be built. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { useBed } from './testing/bed.js';

const { run } = useBed();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skyctl-hosts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hostsFile(text: string): string {
  const path = join(folder, 'hosts.yaml');
  writeFileSync(path, text);
  return path;
}

describe('create cluster --provision', () => {
  it('sends the hosts of a file', async () => {
    const file = hostsFile(
      'hosts:\n  - {address: 10.0.0.5, user: ubuntu, keyPath: /k, roles: [controlplane, etcd, worker]}\n',
    );
    const made = await run('create', 'cluster', 'prod-eu', '--provision', '--hosts', file);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain(
      'cluster.skyflow.io/prod-eu created; it is being built (RKE1 is past its end of life; --driver k3s',
    );
    const sent = JSON.parse((await run('get', 'cluster', 'prod-eu', '-o', 'json')).stdout) as { spec: object };
    expect(sent.spec).toMatchObject({
      provision: { driver: 'rke', hosts: [{ address: '10.0.0.5', user: 'ubuntu', keyPath: '/k' }] },
    });
    expect(sent.spec).not.toHaveProperty('context');
  });

  it.each([
    [['--provision'], '--hosts FILE'],
    [['--provision', '--hosts', '/nowhere.yaml'], '--hosts /nowhere.yaml: cannot be read'],
    [['--hosts', '/nowhere.yaml'], 'add --provision'],
    [['--provision', '--cloud', 'aws', '--memory', 'much'], '--memory "much"'],
  ])('says what is wrong with %j, and sends nothing', async (flags, words) => {
    const refused = await run('create', 'cluster', 'other', ...flags);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(words);
    expect((await run('get', 'cluster', 'other')).code).toBe(3);
  });

  it('says where a file is no YAML', async () => {
    const refused = await run('create', 'cluster', 'other', '--provision', '--hosts', hostsFile('hosts: [\n'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is not YAML') });
  });
});

describe('a cluster that SkyFlow built', () => {
  const spec = async (): Promise<Record<string, unknown>> => {
    const { stdout } = await run('get', 'cluster', 'ours', '-o', 'json');
    return (JSON.parse(stdout) as { spec: { provision: Record<string, unknown> } }).spec.provision;
  };
  beforeAll(async () => {
    const file = hostsFile('hosts:\n  - {address: 10.0.0.5, user: ubuntu, keyPath: /k}\n');
    expect((await run('create', 'cluster', 'ours', '--provision', '--hosts', file)).code).toBe(0);
  });

  it('is asked for one thing after the other by numbers that grow', async () => {
    expect((await run('cluster', 'snapshot', 'ours')).stdout).toBe(
      'cluster.skyflow.io/ours snapshot-1 is being taken: skyctl logs cluster ours -f\n',
    );
    expect((await run('cluster', 'snapshot', 'ours')).stdout).toContain('snapshot-2 is being taken');
    expect((await run('cluster', 'repair', 'ours')).stdout).toContain('is being repaired');
    expect((await run('cluster', 'rotate-certificates', 'ours')).stdout).toContain('gets new certificates');
    expect(await spec()).toMatchObject({
      etcdSnapshotCreate: { generation: 2 },
      repair: { generation: 1 },
      rotateCertificates: { generation: 1 },
    });
  });

  it('gets other hosts, another version, a pause and its end', async () => {
    const file = hostsFile(
      '- {address: 10.0.0.5, user: u, keyPath: /k}\n- {address: 10.0.0.6, user: u, keyPath: /k}\n',
    );
    expect((await run('cluster', 'scale', 'ours', '--hosts', file)).stdout).toContain('is being changed to 2 hosts');
    const version = ['--kubernetes-version', 'v1.28.12-rancher1-1'];
    expect((await run('cluster', 'upgrade', 'ours', ...version)).stdout).toContain('is being upgraded to v1.28.12');
    expect((await run('cluster', 'upgrade', 'ours', ...version)).stdout).toContain('already');
    expect((await run('cluster', 'pause', 'ours')).stdout).toContain('paused: nothing new is begun on it');
    expect(await spec()).toMatchObject({
      paused: true,
      kubernetesVersion: 'v1.28.12-rancher1-1',
      hosts: [{ address: '10.0.0.5' }, { address: '10.0.0.6' }],
    });
    expect((await run('describe', 'cluster', 'ours')).stdout).toMatch(/Paused: +yes: nothing new is begun/);
    expect((await run('cluster', 'snapshot', 'ours')).stdout).toContain('is paused; what was asked for begins after');
    expect(await run('cluster', 'snapshot', 'ours', '--wait')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('cluster ours is paused'),
    });
    expect((await run('cluster', 'resume', 'ours')).stdout).toContain('resumed');
    expect(await spec()).toMatchObject({ paused: false });
  });

  it.each([
    [['scale', 'ours', '--num-nodes', '3'], 2, 'is built on hosts of yours: say which they are'],
    [['upgrade', 'ours'], 2, '--kubernetes-version VERSION'],
    [['restore', 'ours', 'snapshot-9'], 3, 'cluster ours has no snapshot snapshot-9'],
    [['repair', 'nobody'], 3, 'nobody'],
  ])('says what is wrong with cluster %j', async (words, code, text) => {
    const refused = await run('cluster', ...words);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(text);
  });

  it('is not one that is attached', async () => {
    expect((await run('create', 'cluster', '--manager', 'k8', 'theirs')).code).toBe(0);
    const refused = await run('cluster', 'snapshot', 'theirs');
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('cluster theirs is attached: SkyFlow did not build it');
  });
});
