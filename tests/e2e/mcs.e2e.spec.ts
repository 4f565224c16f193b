/**
 * The Multi-Cluster Services API over the whole system: exported at the gateway, imported on both clusters, asked over HTTP. Cases by
 * their numbers in docs/mcs-conformance.md.
 */
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { eventually, Skyflow } from './fixture/skyflow.js';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'web.yaml');
const MCS = 'multicluster.kubernetes.io';

interface Slice {
  metadata: { labels: Record<string, string> };
  endpoints: { addresses: string[]; conditions: object }[];
}
interface ImportStatus {
  clusters: { cluster: string }[];
  imported: { cluster: string; service: string; ips: string[]; ready: number }[];
}

const skyflow = new Skyflow();
// Pods answer only where they are real processes at addresses of this machine.
const wherePodsAnswer = await needing('service addresses', 'Linux');

wherePodsAnswer.describe('ServiceExport and ServiceImport', () => {
  const [cloud, onprem] = skyflow.clusters.contexts as [string, string];
  const skyctl = skyflow.typed;

  beforeAll(async () => {
    await skyflow.up();
    await skyctl('apply', '-f', EXAMPLE);
    for (const cluster of [cloud, onprem]) await expose(cluster, 'hello', 80);
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  const native = async (cluster: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await skyflow.kubectl(cluster, args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const expose = (cluster: string, name: string, port: number): Promise<string> =>
    native(cluster, 'create', 'service', 'clusterip', name, `--tcp=${port}:8080`).then(() =>
      native(cluster, 'set', 'selector', 'service', name, 'app=web'),
    );
  const exportIt = async (name: string, spec: object = {}): Promise<void> => {
    const object = { apiVersion: `multicluster.x-k8s.io/v1beta1`, kind: 'ServiceExport', metadata: { name }, spec };
    const applied = await skyflow.skyctl(['apply', '-f', '-'], JSON.stringify(object));
    expect(applied).toMatchObject({ code: 0, stderr: '' });
  };
  const statusOf = async (name: string): Promise<ImportStatus> =>
    (JSON.parse(await skyctl('get', 'serviceimport', name, '-o', 'json')) as { status: ImportStatus }).status;
  const ask = (host: string, port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ host, port, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text.trim()));
      }).on('error', reject);
    });
  const podsOf = async (cluster: string): Promise<string[]> =>
    (await native(cluster, 'get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');

  it('1, 4, 8, 16, 18: every cluster imports what both export, each at an address of its own, pod for pod', async () => {
    await exportIt('hello');
    let status: ImportStatus | undefined;
    await eventually('both clusters to reach all pods', async () => {
      status = await statusOf('hello');
      expect(status.imported.map(({ cluster, ready }) => [cluster, ready])).toEqual([
        [cloud, 4],
        [onprem, 4],
      ]);
    });
    const pods = [...(await podsOf(cloud)), ...(await podsOf(onprem))].sort();
    for (const { ips } of status?.imported ?? []) {
      const seen = new Set<string>();
      await eventually('every pod to answer', async () => {
        for (let i = 0; i < 8; i++) seen.add(await ask(ips[0] ?? '', 80));
        expect([...seen].sort()).toEqual(pods);
      });
    }
    expect(await skyctl('get', 'serviceexports')).toMatch(
      new RegExp(`hello\\s+${cloud},${onprem}\\s+True\\s+True\\s+False`),
    );
    const links = await skyctl('get', 'links');
    for (const [from, to] of [
      [cloud, onprem],
      [onprem, cloud],
    ]) {
      expect(links).toMatch(new RegExp(`^${from}\\.${to} +${from} +${to} +auto +gateway +UP +1 +2/2 `, 'm'));
    }
    expect(await skyctl('describe', 'link', `${cloud}.${onprem}`)).toContain('default/hello (ServiceImport)');
    expect(await skyctl('get', 'serviceimports')).toContain('hello.default.svc.clusterset.local');
  });

  it('21: slices carry the labels of the API on both clusters, also for the pods of the cluster itself', async () => {
    for (const cluster of [cloud, onprem]) {
      const text = await native(cluster, 'get', 'endpointslices', '-l', `${MCS}/service-name=hello`, '-o', 'json');
      const { items } = JSON.parse(text) as { items: Slice[] };
      expect(new Set(items.map(({ metadata }) => metadata.labels[`${MCS}/source-cluster`]))).toEqual(
        new Set([cloud, onprem]),
      );
      for (const { metadata } of items) {
        expect(metadata.labels['endpointslice.kubernetes.io/managed-by']).toBe('mesh.skyflow.io');
      }
    }
  });

  it('11: of a port name with two numbers the older Service wins, and the export says so', async () => {
    await expose(cloud, 'rival', 8081);
    await native(cloud, 'patch', 'service', 'rival', '-p', '{"spec":{"ports":[{"name":"http","port":8081}]}}');
    await expose(onprem, 'rival', 8082);
    await native(onprem, 'patch', 'service', 'rival', '-p', '{"spec":{"ports":[{"name":"http","port":8082}]}}');
    await exportIt('rival');
    await eventually('the conflict to be said', async () => {
      expect(await skyctl('get', 'serviceexport', 'rival')).toContain('True: PortConflict');
    });
    await skyctl('delete', 'serviceexport', 'rival');
  });

  it('1, 16, 21: unexported, it is gone from all clusters, and leads nowhere', async () => {
    const { imported } = await statusOf('hello');
    await skyctl('delete', 'serviceexport', 'hello');
    await eventually('everything that was made to be gone', async () => {
      expect(await skyctl('get', 'serviceimports', '-o', 'name')).toBe('');
      for (const cluster of [cloud, onprem]) {
        const left = await native(cluster, 'get', 'services,endpointslices', '-o', 'name');
        expect(left).not.toMatch(/derived-/);
        expect(left).toContain('service/hello');
      }
    });
    for (const { ips } of imported) await expect(ask(ips[0] ?? '', 80)).rejects.toThrow();
  });

  it('14: what cannot be exported says why, and what is wrong in the export itself is refused', async () => {
    await native(cloud, 'create', 'service', 'externalname', 'far', '--external-name=example.org');
    await exportIt('far', { clusters: [cloud] });
    await eventually('the reason to be said', async () => {
      expect(await skyctl('get', 'serviceexport', 'far')).toMatch(/far\s+<none>\s+False: InvalidServiceType/);
    });
    expect(await skyctl('get', 'serviceimports', '-o', 'name')).toBe('');
    const none = { apiVersion: 'multicluster.x-k8s.io/v1beta1', kind: 'ServiceExport', metadata: { name: 'x' } };
    const refused = await skyflow.skyctl(['apply', '-f', '-'], JSON.stringify({ ...none, spec: { clusters: [] } }));
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/spec\.clusters: Invalid value: .*: it would export nothing/);
  });
});
