import { describe, expect, it } from '@jest/globals';
import { clusterFromFlags } from '../workloads/cluster-from-flags.js';
import type { ProvisionFlags } from './provision-from-flags.js';

const host = { address: '10.0.0.5', user: 'ubuntu', keyPath: '/home/me/.ssh/id' };
const built = (provision: ProvisionFlags, more: object = {}) =>
  clusterFromFlags({ context: 'prod-eu', provision, ...more });

function problemsOf(provision: ProvisionFlags, more: object = {}): string[] {
  const result = built(provision, more);
  return result.ok ? [] : result.problems.map(({ flag, value, rule }) => `${flag} ${value}: ${rule}`);
}

describe('create cluster --provision', () => {
  it('makes a Cluster of hosts', () => {
    const result = built({
      hosts: { hosts: [host], ssh: { keyPath: '/k' } },
      kubernetesVersion: 'v1.28.12-rancher1-1',
    });
    expect(result).toMatchObject({
      ok: true,
      object: {
        metadata: { name: 'prod-eu' },
        spec: {
          manager: 'k8',
          provision: { driver: 'rke', hosts: [host], ssh: { keyPath: '/k' }, kubernetesVersion: 'v1.28.12-rancher1-1' },
        },
      },
    });
    expect(built({ hosts: [host] }).ok).toBe(true);
  });

  it('makes a Cluster of rented machines, as the issue writes it', () => {
    const flags = { cloud: ['aws'], region: 'eu-west-1', numNodes: '3', cpus: '8', memory: '32', accelerators: 'T4:1' };
    const result = built({ ...flags, diskSize: '100', ports: ['80,443'] });
    expect(result).toMatchObject({
      ok: true,
      object: {
        spec: {
          provision: {
            cloud: {
              ...{ provider: 'aws', region: 'eu-west-1', nodes: 3, cpus: 8, memoryGiB: 32, accelerators: 'T4:1' },
              ...{ diskGiB: 100, ports: [80, 443] },
            },
          },
        },
      },
    });
    expect(result.ok && result.object.spec).not.toHaveProperty('context');
  });

  it.each([
    [['gcp', 'aws'], { provider: 'gcp', alternatives: ['aws'] }],
    [['aws,gcp,aws'], { provider: 'aws', alternatives: ['gcp'] }],
    [['any'], { provider: 'aws', alternatives: expect.arrayContaining(['gcp']) }],
  ])('takes several clouds: %j', (cloud, expected) => {
    expect(built({ cloud })).toMatchObject({ object: { spec: { provision: { cloud: expected } } } });
  });

  it('makes a Cluster that grows and shrinks, from its least number of machines on', () => {
    const flags = { cloud: ['aws'], minNodes: '2', maxNodes: '9', maxHourly: '1.5', scaleDownAfter: 300 };
    expect(built(flags)).toMatchObject({
      ok: true,
      object: {
        spec: {
          provision: {
            cloud: {
              nodes: 2,
              autoscale: { minNodes: 2, maxNodes: 9, maxHourly: 1.5, scaleDownAfterSeconds: 300 },
            },
          },
        },
      },
    });
  });

  it.each([
    [{}, '--hosts FILE'],
    [{ cloud: ['ibm'] }, '--cloud ibm: must be one of aws'],
    [{ cloud: ['aws'], hosts: [host] }, '--cloud aws: excludes --hosts'],
    [{ cloud: ['aws'], memory: 'much' }, '--memory much: must be an amount'],
    [{ cloud: ['aws'], cpus: '0' }, '--cpus 0: must be a number more than 0'],
    [{ cloud: ['docker'] }, '--driver rke: must be k3s or rke2 on machines of docker'],
    [{ cloud: ['aws'], numNodes: '0' }, '--num-nodes 0: must be from 1 to 500; 0 needs autoscale with minNodes 0'],
    [{ cloud: ['aws'], minNodes: '2' }, '--min-nodes 2: needs --max-nodes'],
    [{ cloud: ['aws'], minNodes: '5', maxNodes: '2' }, '--max-nodes 2: must be from minNodes, 5, to 500'],
    [{ cloud: ['aws'], numNodes: '7', maxNodes: '5' }, '--num-nodes 7: must be from 1 to 5'],
    [{ cloud: ['aws'], ports: ['99999'] }, '--ports 99999'],
    [{ cloud: ['aws'], accelerators: 'T4:x' }, '--accelerators T4:x: must be TYPE:COUNT'],
    [{ cloud: ['aws'], accelerators: 'T4:0' }, '--accelerators T4:0: must be TYPE:COUNT with a count of at least 1'],
    [{ cloud: ['aws'], sshKey: '/k' }, '--ssh-key /k: is for hosts'],
    [{ hosts: [host], cpus: '8', spot: true }, '--cpus 8: is of machines that are rented'],
    [{ hosts: [host], spot: true }, '--spot true: is of machines that are rented'],
    [{ hosts: [host], podCidr: '10.0.0.0/30' }, '--pod-cidr 10.0.0.0/30: must be from /8 to /24: each of 1 machine'],
    [{ cloud: ['aws'], numNodes: '3', podCidr: '10.0.0.0/23' }, '--pod-cidr 10.0.0.0/23: must be from /8 to /22'],
    [{ hosts: [host], serviceCidr: '10.0.0.0/29' }, '--service-cidr 10.0.0.0/29: must be from /12 to /28'],
    [{ hosts: { hosts: [host], ssh: 'x' } }, '--hosts ssh "x": must be a map'],
    [{ hosts: [{ ...host, roles: ['master'] }] }, '--hosts hosts[0].roles ["master"]: must be a list of some of'],
    [{ hosts: [{ ...host, roles: 'worker' }] }, '--hosts hosts[0].roles "worker": must be a list of some of'],
    [{ cloud: ['aws'], driver: 'kops' }, '--driver kops: must be one of rke'],
    [{ cloud: ['aws'], kubernetesVersion: '1.28' }, '--kubernetes-version 1.28: must be a version'],
    [{ hosts: [host], podCidr: '10.42.0.1/16' }, '--pod-cidr 10.42.0.1/16: must be an IPv4 range'],
    [{ hosts: 'text' }, '--hosts "text": must be a YAML file like'],
    [{ hosts: { hosts: [] } }, 'needs at least one host'],
    [{ hosts: [{ address: 'a' }] }, 'hosts[0].user: is missing'],
    [{ hosts: [{ ...host, adress: 'a' }] }, 'hosts[0].adress: is no field'],
    [{ hosts: [{ ...host, address: 5 }] }, 'hosts[0].address 5: must be text'],
    [{ hosts: ['10.0.0.5'] }, 'hosts[0]: must be a map'],
    [{ hosts: [host, host] }, '--hosts hosts[1].address 10.0.0.5: is host 0 already'],
    [{ hosts: [{ ...host, roles: ['worker'] }] }, 'one of them must have the role controlplane'],
    [{ hosts: [{ address: 'a', user: 'u' }] }, 'needs a private key file'],
    [{ hosts: [{ ...host, hostKey: 'AAAA' }] }, 'must be a public key as ssh-keyscan prints it'],
  ] as [ProvisionFlags, string][])('refuses %j', (flags, words) => {
    expect(problemsOf(flags).join('\n')).toContain(words);
  });

  it('says once what is wrong with limits that exclude each other, and opens a port once', () => {
    expect(problemsOf({ cloud: ['aws'], minNodes: '5', maxNodes: '2' })).toHaveLength(1);
    expect(built({ cloud: ['aws'], ports: ['80,80'] })).toMatchObject({
      object: { spec: { provision: { cloud: { ports: [80] } } } },
    });
  });

  it('is no use with what belongs to a cluster that is there', () => {
    expect(problemsOf({ hosts: [host] }, { kubeconfig: '/k' }).join()).toContain(
      '--kubeconfig /k: excludes --provision',
    );
    expect(problemsOf({ hosts: [host] }, { context: 'Prod_EU' }).join()).toContain('must be a DNS label');
  });
});
