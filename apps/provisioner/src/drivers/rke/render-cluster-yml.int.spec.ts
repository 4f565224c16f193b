/**
 * cluster.yml of a dozen shapes of clusters, as golden files (SKYFLOW_UPDATE_GOLDEN=1 writes them), accepted by the strict schema; and by
 * rke itself where there is one (SKYFLOW_TEST_RKE).
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { parse } from 'yaml';
import { ProvisionError } from '../../provision-error.js';
import type { DriverCluster, DriverNode } from '../cluster-driver.js';
import { clusterYmlSchema } from './cluster-schema.js';
import { renderClusterYml } from './render-cluster-yml.js';
import { readState } from './state-file.js';

const withRke = await needing('rke');
const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));

const node = (number: number, more: Partial<DriverNode> = {}): DriverNode => ({
  name: `prod-0198c1a2-${String(number)}`,
  address: `192.168.7.${String(10 + number)}`,
  port: 22,
  user: 'ubuntu',
  keyPath: '/home/me/.ssh/id_ed25519',
  roles: ['controlplane', 'etcd', 'worker'],
  labels: {},
  ...more,
});

const cluster = (nodes: DriverNode[], more: Partial<DriverCluster> = {}): DriverCluster => ({
  name: 'prod',
  uid: '0198c1a2-0000-7000-8000-000000000000',
  spec: {},
  kubernetesVersion: undefined,
  podCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  nodes,
  ...more,
});

const bastion = { address: 'bastion.example.com', port: 2222, user: 'jump', keyPath: '/home/me/.ssh/jump' };

const SHAPES: Record<string, DriverCluster> = {
  'one-node': cluster([node(0)]),
  'three-nodes': cluster([node(0), node(1), node(2)]),
  'control-and-workers': cluster([
    node(0, { roles: ['controlplane', 'etcd'] }),
    node(1, { roles: ['worker'] }),
    node(2, { roles: ['worker'] }),
  ]),
  'split-planes': cluster([
    node(0, { roles: ['controlplane'] }),
    node(1, { roles: ['etcd'] }),
    node(2, { roles: ['worker'] }),
  ]),
  'highly-available': cluster([0, 1, 2, 3, 4].map((at) => node(at, at < 3 ? {} : { roles: ['worker'] }))),
  'version-chosen': cluster([node(0)], { kubernetesVersion: 'v1.27.16-rancher1-1' }),
  'leased-ranges': cluster([node(0)], { podCidr: '10.44.0.0/16', serviceCidr: '10.45.0.0/16' }),
  'small-ranges': cluster([node(0)], { podCidr: '172.20.0.0/20', serviceCidr: '172.20.16.240/28' }),
  'internal-addresses': cluster([0, 1].map((at) => node(at, { internalAddress: `10.1.0.${String(at + 1)}` }))),
  'behind-a-bastion': cluster([node(0)], { spec: { ssh: { bastion } } }),
  'other-ports-and-users': cluster([node(0, { port: 2201, user: 'rke' }), node(1, { port: 2202, user: 'core' })]),
  'labels-and-sockets': cluster([
    node(0, { labels: { 'example.com/rack': 'a1', gpu: 'true' }, dockerSocket: '/run/user/1000/docker.sock' }),
  ]),
  'by-name': cluster([node(0, { address: 'node-0.example.com' })]),
};

describe('cluster.yml', () => {
  it.each(Object.keys(SHAPES))('of %s is its golden file', (name) => {
    const shape = SHAPES[name];
    if (shape === undefined) throw new Error(name);
    const text = renderClusterYml(shape);
    const file = join(GOLDEN, `${name}.yml`);
    if (process.env.SKYFLOW_UPDATE_GOLDEN === '1') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
    expect(clusterYmlSchema.safeParse(parse(text)).success).toBe(true);
  });

  it('with a mistyped field is refused, which RKE itself would pass over', () => {
    const good = parse(readFileSync(join(GOLDEN, 'one-node.yml'), 'utf8')) as Record<string, unknown>;
    for (const wrong of [
      { ...good, kuberntes_version: 'v1.28.12-rancher1-1' },
      { ...good, nodes: [{ address: 'a', user: 'u', role: ['worker'], adress: 'b' }] },
      { ...good, nodes: [{ address: 'a', user: 'u', role: ['master'] }] },
      { ...good, nodes: [] },
      { ...good, network: { plugin: 'cilium' } },
    ]) {
      expect(clusterYmlSchema.safeParse(wrong).success).toBe(false);
    }
  });

  it('reaches a bastion as the provisioner does: by the key of all hosts where it names none, which rke does not know', () => {
    const { keyPath: _own, ...keyless } = bastion;
    const text = renderClusterYml(cluster([node(0)], { spec: { ssh: { keyPath: '/all', bastion: keyless } } }));
    expect(parse(text)).toMatchObject({ bastion_host: { ssh_key_path: '/all' } });
  });

  it('that cannot be is refused with the field', () => {
    const shape = cluster([node(0, { name: 'Not_A_Name' })]);
    expect(() => renderClusterYml(shape)).toThrow(ProvisionError);
    expect(() => renderClusterYml(shape)).toThrow('cluster.yml: nodes.0.hostname_override: must be a DNS-1123 name');
  });

  withRke.it.each(Object.keys(SHAPES))('of %s is taken by rke itself, without a host', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'skyflow-real-rke-'));
    try {
      // RKE reads the key of a bastion at once, those of hosts when it connects.
      const key = join(folder, 'key');
      writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), {
        mode: 0o600,
      });
      const golden = readFileSync(join(GOLDEN, `${name}.yml`), 'utf8');
      writeFileSync(join(folder, 'cluster.yml'), golden.replaceAll(bastion.keyPath, key));
      writeFileSync(join(folder, 'cluster.rkestate'), '');
      execFileSync(
        process.env.SKYFLOW_TEST_RKE ?? '',
        ['up', '--init', '--config', 'cluster.yml', '--ignore-docker-version'],
        { cwd: folder },
      );
      const state = readState(readFileSync(join(folder, 'cluster.rkestate'), 'utf8'));
      expect(state?.kubeconfig).toContain('kind: Config');
      expect(state?.hasCurrent).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
