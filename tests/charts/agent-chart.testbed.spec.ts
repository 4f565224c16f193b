/** The chart of the agent on a real API server, in a namespace that takes only pods of the restricted profile. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runKubectl } from '@skyflow/kubectl';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../e2e/fixture/skyflow.js';
import { type ChartBed, startChartBed } from './chart-bed.js';

const CHART = resolve(import.meta.dirname, '../../deploy/charts/skyflow-agent');
const RBAC = resolve(import.meta.dirname, '../../deploy/agent/rbac.yaml');
const NAMESPACE = 'skyflow';
const GIVEN = Object.entries({
  'cluster.name': 'east',
  'cluster.uid': 'uid-of-east',
  'api.url': 'https://sky.example.org',
  joinToken: 'skyj_name_secret',
}).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

interface Rbac {
  kind: string;
  metadata: { name: string };
  rules?: object[];
}

describe('the chart of the agent', () => {
  let bed: ChartBed;

  beforeAll(async () => {
    bed = await startChartBed('agent', NAMESPACE, 2);
  }, 120_000);

  afterAll(async () => {
    await bed.remove();
  }, 60_000);

  const kubectl = (...args: string[]): Promise<string> => bed.kubectl(...args);
  const runHelm = (...args: string[]): Promise<string> => bed.helm(...args);
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
      { kubeconfig: bed.kubeconfig, input: await template(...values) },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/deployment.apps\/skyflow-agent serverside-applied \(server dry run\)/);
  });

  it('has a probe on each node where that is asked for, and tells the agent of its Secret', async () => {
    expect(await template()).not.toContain('DaemonSet');
    const made = await template('--set', 'mesh.nodeProbe=true');
    expect(made).toContain('value: "skyflow/skyflow-agent-node-probe"');
    const { code, stdout, stderr } = await runKubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-n', NAMESPACE, '-f', '-'],
      { kubeconfig: bed.kubeconfig, input: made },
    );
    expect(stdout).toMatch(/daemonset.apps\/skyflow-agent-node-probe serverside-applied/);
    expect(code).toBe(0);
    // Said to whoever turns it on: this namespace is a restricted one.
    expect(stderr).toContain('hostNetwork=true');
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
