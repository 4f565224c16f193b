import { describe, expect, it } from '@jest/globals';
import type { ProvisionHost } from '@skyflow/contracts';
import { provisionProblems } from './provision-problems.js';

const problemsOf = (host: Partial<ProvisionHost>): [string, unknown][] =>
  provisionProblems({ hosts: [{ address: '10.0.0.1', user: 'ubuntu', keyPath: '/home/me/.ssh/id', ...host }] }).map(
    ({ field, value }) => [field, value],
  );

describe('hosts to build on', () => {
  it('may have labels that Kubernetes takes', () => {
    const labels = { zone: 'a', 'example.com/tier': 'gold-1', 'node-role.kubernetes.io/edge': '', 'a_b.c': 'V1.2_3' };
    expect(problemsOf({ labels })).toEqual([]);
  });

  it.each(['~/.ssh/id', 'id', './id', ''])(
    'are refused with the key file %j, which the provisioner would not find',
    (keyPath) => {
      expect(problemsOf({ keyPath })).toEqual([['hosts[0].keyPath', keyPath]]);
      const ofAll = provisionProblems({ hosts: [{ address: '10.0.0.1', user: 'ubuntu' }], ssh: { keyPath } });
      expect(ofAll).toMatchObject([
        { field: 'ssh.keyPath', rule: expect.stringContaining('machine of the provisioner') },
      ]);
    },
  );

  it('may be behind a bastion that has a key, or takes that of all', () => {
    const behind = (bastion: object, ssh: object = {}) =>
      provisionProblems({
        hosts: [{ address: '10.0.0.1', user: 'ubuntu', keyPath: '/key' }],
        ssh: { ...ssh, bastion: { address: 'jump.example.com', user: 'jump', ...bastion } },
      }).map(({ field }) => field);
    expect(behind({ keyPath: '/jump' })).toEqual([]);
    expect(behind({}, { keyPath: '/key' })).toEqual([]);
    expect(behind({})).toEqual(['ssh.bastion.keyPath']);
  });

  it.each([
    [{ 'a b': 'c' }, 'hosts[0].labels', 'a b'],
    [{ 'example.com/': 'c' }, 'hosts[0].labels', 'example.com/'],
    [{ 'Example.com/x': 'c' }, 'hosts[0].labels', 'Example.com/x'],
    [{ 'a/b/c': 'd' }, 'hosts[0].labels', 'a/b/c'],
    [{ zone: 'west 1' }, 'hosts[0].labels[zone]', 'west 1'],
    [{ zone: 'x'.repeat(64) }, 'hosts[0].labels[zone]', 'x'.repeat(64)],
  ])('are refused with the label %j, which would fail when the node comes', (labels, field, value) => {
    expect(problemsOf({ labels: labels })).toEqual([[field, value]]);
  });
});

describe('a version to build', () => {
  const VERSIONS = { rke: 'v1.28.12-rancher1-1', k3s: 'v1.31.4+k3s1', rke2: 'v1.31.4+rke2r1' } as const;
  const drivers = ['rke', 'k3s', 'rke2'] as const;

  it.each(drivers)('is one that %s has; that of another driver is refused', (driver) => {
    const problemsWith = (kubernetesVersion: string) =>
      provisionProblems({ driver, kubernetesVersion, hosts: [{ address: '10.0.0.1', user: 'u', keyPath: '/k' }] });
    for (const other of drivers) {
      const refused = [{ field: 'kubernetesVersion', rule: expect.stringContaining(`as ${driver} names it`) }];
      expect(problemsWith(VERSIONS[other])).toMatchObject(other === driver ? [] : refused);
    }
    expect(problemsWith('v1.31.4')).toHaveLength(1);
  });
});
