/** ServiceExports and ServiceImports of a member cluster, at an API that serves them as their custom resources are served. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ResourceDefinition } from '@skyflow/apimachinery';
import { serveTestApi, widgetDefinition, type ServedApi } from '@skyflow/apimachinery/testing';
import type { DesiredService } from '@skyflow/domain';
import { connectionOf, KubeClient, loadKubeConfig, type KubeObject, type KubeResource } from '@skyflow/kube-client';
import { createLogger } from '@skyflow/service';
import { MemberMcs } from './member-mcs.js';

const MCS = { group: 'multicluster.x-k8s.io', version: 'v1beta1' } as const;
const definition = (kind: string): ResourceDefinition => ({
  ...MCS,
  ...{ kind, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase(), namespaced: true, hasStatus: true },
  ...{ schemaName: widgetDefinition.schemaName, schema: OPEN },
});
const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;
const resource = (kind: string): KubeResource => ({
  ...MCS,
  ...{ kind, plural: `${kind.toLowerCase()}s`, namespaced: true },
});
const KEY = 'default/hello';
const HELLO = { namespace: 'default', name: 'hello' };
const CONDITIONS = [
  {
    ...{ type: 'Valid', status: 'True' as const, reason: 'Valid', message: 'it can be exported' },
    lastTransitionTime: '2026-01-01T00:00:00Z',
  },
];

describe('the Multi-Cluster Services API on a member cluster', () => {
  let api: ServedApi;
  let client: KubeClient;
  let changed: string[];
  let stop: AbortController;
  let running: Promise<void>;
  let mcs: MemberMcs;

  const start = async (kinds: string[]): Promise<void> => {
    api = await serveTestApi({ definitions: [widgetDefinition, ...kinds.map(definition)] });
    client = new KubeClient(await connectionOf((await loadKubeConfig(api.kubeconfig)).context('test')));
    const logger = createLogger('test', 'member-mcs', 'fatal');
    mcs = new MemberMcs({ client, onChange: (key) => changed.push(key), logger, lookEveryMs: 50 });
    running = mcs.run(stop.signal);
  };
  const until = async (what: string, holds: () => unknown): Promise<void> => {
    const end = performance.now() + 20_000;
    while (holds() === undefined || holds() === false) {
      if (performance.now() > end) throw new Error(`in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  beforeEach(() => {
    changed = [];
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await running;
    client.close();
    await api.close();
  });

  const imported = (clusters: string[]): DesiredService => ({
    ref: { kind: 'Service', namespace: 'default', name: 'derived-1', uid: 'import-1' },
    object: {
      ...{ apiVersion: 'skyflow.io/v1', kind: 'Service' },
      metadata: { name: 'derived-1', namespace: 'default', uid: 'import-1', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        import: {
          ...{ name: 'hello', labels: { tier: 'gold' }, annotations: {}, clusters },
          spec: { type: 'ClusterSetIP', ports: [{ port: 80, protocol: 'TCP' }], sessionAffinity: 'None' },
        },
      },
    },
    ...{ primary: true, remote: new Map(), consumers: [], position: 1 },
  });
  const found = (kind: string): Promise<KubeObject | undefined> => client.find<KubeObject>(resource(kind), HELLO);

  it('reads the exports that are there, with what they export, and says in them what came of it', async () => {
    await start(['ServiceExport', 'ServiceImport']);
    await client.create(resource('ServiceExport'), { metadata: HELLO, spec: { exportedLabels: { tier: 'gold' } } });
    await until('it to be known', () => mcs.declared(KEY));
    expect(mcs.keys()).toEqual([KEY]);
    expect(changed).toContain(KEY);
    expect(mcs.declared(KEY)).toMatchObject({ exportedLabels: { tier: 'gold' } });
    await mcs.say(KEY, CONDITIONS, stop.signal);
    expect((await found('ServiceExport'))?.['status']).toMatchObject({ conditions: CONDITIONS });
    await client.delete(resource('ServiceExport'), HELLO);
    await until('it to be gone', () => mcs.declared(KEY) === undefined);
    await mcs.say(KEY, CONDITIONS, stop.signal);
  });

  it('shows what is imported, with the address here and who exports it, and takes that away', async () => {
    await start(['ServiceExport', 'ServiceImport']);
    await client.create(resource('ServiceExport'), { metadata: HELLO, spec: {} });
    await until('the API to be found', () => mcs.declared(KEY));
    await mcs.showImport(imported(['a', 'b']), ['10.96.0.7'], stop.signal);
    const shown = await found('ServiceImport');
    expect(shown).toMatchObject({
      metadata: { labels: { tier: 'gold', 'skyflow.io/managed-by': 'skyflow' } },
      spec: { type: 'ClusterSetIP', ips: ['10.96.0.7'], ports: [{ port: 80, protocol: 'TCP' }] },
      status: { clusters: [{ cluster: 'a' }, { cluster: 'b' }] },
    });
    await mcs.showImport(imported(['a', 'b']), ['10.96.0.7'], stop.signal);
    expect((await found('ServiceImport'))?.metadata.resourceVersion).toBe(shown?.metadata.resourceVersion);
    await mcs.showImport(imported(['b']), ['10.96.0.7'], stop.signal);
    expect((await found('ServiceImport'))?.['status']).toEqual({ clusters: [{ cluster: 'b' }] });
    await mcs.hideImport('import-1', stop.signal);
    expect(await found('ServiceImport')).toBeUndefined();
  });

  it('leaves a ServiceImport alone that it did not make', async () => {
    await start(['ServiceExport', 'ServiceImport']);
    await client.create(resource('ServiceExport'), { metadata: HELLO, spec: {} });
    await client.create(resource('ServiceImport'), { metadata: HELLO, spec: { type: 'Headless', ports: [] } });
    await until('the API to be found', () => mcs.declared(KEY));
    await mcs.showImport(imported(['a']), [], stop.signal);
    await mcs.hideImport('import-1', stop.signal);
    expect((await found('ServiceImport'))?.['spec']).toEqual({ type: 'Headless', ports: [] });
  });

  it('does nothing where the API is not installed', async () => {
    await start([]);
    expect(mcs.keys()).toEqual([]);
    await mcs.showImport(imported(['a']), [], stop.signal);
    await mcs.say(KEY, CONDITIONS, stop.signal);
    expect(changed).toEqual([]);
  });
});
