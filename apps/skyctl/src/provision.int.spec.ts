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
