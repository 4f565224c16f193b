/** Manifests that a Kubernetes user has at hand go through `skyctl apply -f` and mean the same on the clusters. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { eventually, Skyflow } from './fixture/skyflow.js';

interface Native {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: {
    replicas?: number;
    completions?: number;
    parallelism?: number;
    template: { metadata: object; spec: object };
  } & Record<string, unknown>;
  status?: { succeeded?: number };
  data?: Record<string, string>;
}

const file = (name: string): string => fileURLToPath(new URL(`./manifests/${name}`, import.meta.url));
const documents = (name: string): Native[] =>
  parseAllDocuments(readFileSync(file(name), 'utf8')).map((document) => document.toJS() as Native);

describe('the manifests of a Kubernetes user', () => {
  const skyflow = new Skyflow();
  const { contexts } = skyflow.clusters;

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  /** The native objects of that kind and name on the clusters that have one. */
  async function onClusters(kind: string, name: string): Promise<Native[]> {
    const outputs = await Promise.all(
      contexts.map((context) => skyflow.kubectl(context, ['get', kind, name, '-o', 'json', '--ignore-not-found'])),
    );
    return outputs.filter(({ stdout }) => stdout !== '').map(({ stdout }) => JSON.parse(stdout) as Native);
  }
  const sum = (numbers: (number | undefined)[]): number =>
    numbers.reduce<number>((total, next) => total + (next ?? 0), 0);

  it('runs a Deployment with probes, volumes and a ConfigMap, nothing of it lost', async () => {
    const applied = await skyflow.skyctl(['apply', '-f', file('web.yaml')]);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    const [configMap, deployment] = documents('web.yaml');
    await eventually('three replicas are on the clusters', async () => {
      const natives = await onClusters('deployment', 'web');
      expect(sum(natives.map(({ spec }) => spec.replicas))).toBe(3);
    });
    for (const native of await onClusters('deployment', 'web')) {
      expect(native.spec.template.spec).toMatchObject(deployment!.spec.template.spec);
      expect(native.spec.template.metadata).toMatchObject(deployment!.spec.template.metadata);
      expect(native.spec.strategy).toEqual(deployment!.spec.strategy);
      expect(native.spec.revisionHistoryLimit).toBe(3);
      expect(native.spec.selector).toEqual(deployment!.spec.selector);
      expect(native.metadata.labels).toMatchObject(deployment!.metadata.labels);
      expect(native.metadata.annotations).toMatchObject(deployment!.metadata.annotations);
    }
    for (const native of await onClusters('configmap', 'web-config')) expect(native.data).toEqual(configMap!.data);
  });

  it('says so when nothing has changed, and carries a change through', async () => {
    const again = await skyflow.skyctl(['apply', '-f', file('web.yaml')]);
    expect(again.stdout).toMatch(/deployment\S*\/web unchanged/);
    const changed = readFileSync(file('web.yaml'), 'utf8').replace('nginx:1.27', 'nginx:1.28');
    const applied = await skyflow.skyctl(['apply', '-f', '-'], changed);
    expect(applied.stdout).toMatch(/deployment\S*\/web configured/);
    await eventually('every cluster has the new image', async () => {
      const natives = await onClusters('deployment', 'web');
      expect(natives.length).toBeGreaterThan(0);
      for (const native of natives) expect(JSON.stringify(native.spec.template)).toContain('nginx:1.28');
    });
  });

  it('runs a Job to its completions, divided over the clusters', async () => {
    expect(await skyflow.skyctl(['apply', '-f', file('batch.yaml')])).toMatchObject({ code: 0, stderr: '' });
    const [job] = documents('batch.yaml');
    await eventually('the clusters have it', async () => {
      const natives = await onClusters('job', 'batch');
      expect(sum(natives.map(({ spec }) => spec.completions))).toBe(5);
      expect(sum(natives.map(({ spec }) => spec.parallelism))).toBe(2);
      for (const { spec } of natives) {
        expect(spec).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 3600 });
        expect(spec.template.spec).toMatchObject(job!.spec.template.spec);
      }
    });
    await eventually(
      'it is completed',
      async () => {
        const natives = await onClusters('job', 'batch');
        expect(sum(natives.map(({ status }) => status?.succeeded))).toBe(5);
        expect((await skyflow.skyctl(['get', 'jobs', 'batch'])).stdout).toMatch(/batch .*COMPLETED/);
      },
      60_000,
    );
  }, 90_000);

  it('takes everything away again with delete -f', async () => {
    const deleted = await skyflow.skyctl(['delete', '-f', file('web.yaml'), '-f', file('batch.yaml')]);
    expect(deleted).toMatchObject({ code: 0 });
    await eventually('nothing is left', async () => {
      for (const [kind, name] of [
        ['deployment', 'web'],
        ['job', 'batch'],
      ] as const) {
        expect(await onClusters(kind, name)).toEqual([]);
      }
      expect((await skyflow.skyctl(['get', 'deployments'])).stdout).not.toMatch(/web/);
    });
  }, 60_000);
});
