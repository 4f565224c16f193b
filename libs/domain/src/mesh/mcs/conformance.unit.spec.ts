/**
 * The cases of the conformance suite of the Multi-Cluster Services API (kubernetes-sigs/mcs-api, conformance/) as far as they are decided
 * rather than carried; numbers as in docs/mcs-conformance.md. Each export is asked for at the gateway, or made on a cluster itself.
 */
import { describe, expect, it } from '@jest/globals';
import { endpointsHash } from '../endpoints.js';
import { gatewayConfig } from '../gateway-config.js';
import { nativeService, nativeSlices } from '../native-service.js';
import { helloService, McsWorld } from '../testing/mcs-world.js';
import { derivedName } from './derived-services.js';

/** Clusters c1 and c2 export, c1's ServiceExport is older. */
function bothExport(
  first: Parameters<typeof helloService>[0] = {},
  second: Parameters<typeof helloService>[0] = {},
  labels: [Record<string, string>, Record<string, string>] = [{}, {}],
): McsWorld {
  const world = new McsWorld(['c1', 'c2', 'c3']);
  world.has('c2', helloService(second), { at: 200, labels: labels[1], annotations: labels[1] });
  world.has('c1', helloService(first), { at: 100, labels: labels[0], annotations: labels[0] });
  world.run({ c1: 2, c2: 3 });
  return world;
}

const conflicts = (world: McsWorld): (string | undefined)[] =>
  ['c1', 'c2'].map((cluster) => world.conditionOn(cluster, 'Conflict')?.reason);

describe('MCS conformance, exports asked for at the gateway', () => {
  const exported = (service = helloService(), clusters?: string[]): McsWorld => {
    const world = new McsWorld();
    world.exports(clusters === undefined ? {} : { clusters });
    world.has('c1', service);
    world.has('c2', undefined);
    world.run({ c1: 2 });
    return world;
  };

  it('1, 4: the import is there while somebody exports, on every cluster, and the export is Valid', () => {
    const world = exported();
    expect(world.import?.spec.type).toBe('ClusterSetIP');
    expect(['c1', 'c2'].map((cluster) => world.imported(cluster)?.ref.name)).toEqual([
      derivedName('default', 'hello'),
      derivedName('default', 'hello'),
    ]);
    expect(world.condition('Valid')).toMatchObject({ status: 'True', reason: 'Valid' });
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'Exported' });
    world.has('c2', helloService());
    expect(world.import?.status.clusters).toEqual([{ cluster: 'c1' }, { cluster: 'c2' }]);
    world.has('c1', undefined);
    expect(world.import?.status.clusters).toEqual([{ cluster: 'c2' }]);
    world.unexports();
    expect(world.import).toBeUndefined();
    world.run();
    expect(world.imported('c1')).toBeUndefined();
    expect(world.state.services.size).toBe(0);
    expect(world.state.exports.size).toBe(0);
  });

  it('5, 6, 7, 9: affinity, traffic policy, distribution and ports are copied', () => {
    const world = exported(
      helloService({
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } },
        internalTrafficPolicy: 'Local',
        trafficDistribution: 'PreferClose',
      }),
    );
    expect(world.import?.spec).toMatchObject({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } },
      internalTrafficPolicy: 'Local',
      trafficDistribution: 'PreferClose',
      ports: [
        { name: 'tcp', port: 42, protocol: 'TCP' },
        { name: 'udp', port: 42, protocol: 'UDP' },
      ],
    });
    expect(nativeService(world.imported('c2')!).spec).toMatchObject({
      sessionAffinity: 'ClientIP',
      internalTrafficPolicy: 'Local',
    });
  });

  it('8: one address per cluster and family is said', () => {
    const { import: made } = exported();
    expect(made?.status.imported?.map(({ ips }) => ips.length)).toEqual([1, 1]);
    expect(made?.spec.ipFamilies).toEqual(['IPv4']);
  });

  it('12, 13: a headless Service is imported as Headless, without an address', () => {
    const world = exported(helloService({ clusterIP: 'None' }));
    expect(world.import?.spec.type).toBe('Headless');
    expect(world.import?.spec.ips).toBeUndefined();
    expect(nativeService(world.imported('c2')!).spec).toMatchObject({ clusterIP: 'None' });
    world.unexports();
    expect(world.import).toBeUndefined();
  });

  it('14: an ExternalName Service is not valid, and there is no import', () => {
    const world = exported(helloService({ type: 'ExternalName', selector: {} }));
    expect(world.condition('Valid')).toMatchObject({ status: 'False', reason: 'InvalidServiceType' });
    expect(world.import).toBeUndefined();
  });

  it('without a Service of the name anywhere, the export says so', () => {
    const world = new McsWorld();
    world.exports();
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Pending' });
    world.has('c1', undefined);
    world.has('c2', undefined);
    expect(world.condition('Valid')).toMatchObject({ status: 'False', reason: 'NoService' });
    expect(world.condition('Valid')?.message).toContain('make one');
  });

  it('16: what is not exported leads nowhere: no Service, no port of a gateway, nothing open', () => {
    const world = exported();
    world.unexports();
    world.run();
    for (const agent of world.agents.values()) {
      const identity = { certificate: '-----BEGIN', privateKey: '-----BEGIN' };
      const inputs = { cluster: 'c', address: '127.0.0.1', identity, podsOf: () => [] };
      const { listeners, exports } = gatewayConfig(agent, inputs);
      expect({ listeners, exports }).toEqual({ listeners: [], exports: [] });
    }
  });

  it('18: of clusters that have the Service, only those that export it are behind the import', () => {
    const world = new McsWorld(['c1', 'c2', 'c3']);
    world.exports({ clusters: ['c1'] });
    world.has('c1', helloService());
    world.has('c2', helloService());
    world.run({ c1: 2, c2: 2 });
    expect(Object.keys(world.portsFrom('c3'))).toEqual(['c1']);
    expect(Object.keys(world.portsFrom('c2'))).toEqual(['c1']);
  });

  it('21: slices have the labels of the API, a manager of their own, and the pods of one cluster each', () => {
    const world = exported();
    const service = world.imported('c2')!;
    const slices = [...service.remote].flatMap(([source, { endpoints }]) =>
      nativeSlices(service, source, endpoints, { name: service.ref.name, uid: 'native' }, true),
    );
    expect(slices.map(({ metadata }) => metadata['labels'])).toContainEqual(
      expect.objectContaining({
        'kubernetes.io/service-name': derivedName('default', 'hello'),
        'multicluster.kubernetes.io/service-name': 'hello',
        'multicluster.kubernetes.io/source-cluster': 'c1',
        'endpointslice.kubernetes.io/managed-by': 'mesh.skyflow.io',
      }),
    );
  });
});

describe('MCS conformance, ServiceExports of two clusters', () => {
  it('1: the import lives as long as the last of them', () => {
    const world = bothExport();
    expect(world.import?.status.clusters).toEqual([{ cluster: 'c1' }, { cluster: 'c2' }]);
    world.has('c1', helloService());
    expect(world.import?.status.clusters).toEqual([{ cluster: 'c2' }]);
    world.has('c2', helloService());
    expect(world.import).toBeUndefined();
    world.run();
    expect(world.state.exports.size).toBe(0);
  });

  it('2: labels and annotations travel only when they are exported', () => {
    const world = bothExport({}, {}, [{ tier: 'gold' }, { tier: 'gold' }]);
    expect(world.import?.metadata).toMatchObject({ labels: { tier: 'gold' }, annotations: { tier: 'gold' } });
    expect(conflicts(world)).toEqual(['NoConflicts', 'NoConflicts']);
    expect(bothExport().import?.metadata.labels).toBeUndefined();
  });

  it('3: where they differ, those of the oldest export are taken, and each export says so', () => {
    const world = bothExport({}, {}, [{ tier: 'gold' }, { tier: 'tin' }]);
    expect(world.import?.metadata.labels).toEqual({ tier: 'gold' });
    expect(conflicts(world)).toEqual(['LabelsConflict,AnnotationsConflict', 'LabelsConflict,AnnotationsConflict']);
  });

  it('10: ports that differ are taken together, and each export says so', () => {
    const world = bothExport({ ports: [{ name: 'a', port: 1 }] }, { ports: [{ name: 'b', port: 2 }] });
    expect(world.import?.spec.ports.map(({ port }) => port)).toEqual([1, 2]);
    expect(conflicts(world)).toEqual(['PortConflict', 'PortConflict']);
  });

  it('11, 19: of one port name with two numbers the oldest wins, and leads only to the cluster that has it', () => {
    const world = bothExport({ ports: [{ name: 'a', port: 42 }] }, { ports: [{ name: 'a', port: 4242 }] });
    expect(world.import?.spec.ports.map(({ port }) => port)).toEqual([42]);
    expect(conflicts(world)).toEqual(['PortConflict', 'PortConflict']);
    expect(world.portsFrom('c3')).toEqual({ c1: ['a'] });
  });

  it('15: headless against not headless: the oldest wins, and each export says so', () => {
    const world = bothExport({}, { clusterIP: 'None' });
    expect(world.import?.spec.type).toBe('ClusterSetIP');
    expect(conflicts(world)).toEqual(['TypeConflict', 'TypeConflict']);
  });

  it('20: each port leads only to the clusters that expose it', () => {
    const world = bothExport({ ports: [{ name: 'a', port: 42 }] }, { ports: [{ name: 'b', port: 4242 }] });
    expect(world.portsFrom('c3')).toEqual({ c1: ['a'], c2: ['b'] });
    expect(world.portsFrom('c1')).toEqual({ c2: ['b'] });
  });

  it('says affinity, policy, distribution and families that differ, each in its own word', () => {
    const world = bothExport(
      {},
      {
        sessionAffinity: 'ClientIP',
        internalTrafficPolicy: 'Local',
        trafficDistribution: 'PreferClose',
        ipFamilies: ['IPv6'],
      },
    );
    const words = 'SessionAffinityConflict,InternalTrafficPolicyConflict,TrafficDistributionConflict,IPFamilyConflict';
    expect(conflicts(world)).toEqual([words, words]);
    const longer = { sessionAffinity: 'ClientIP' as const, sessionAffinityConfig: { clientIP: { timeoutSeconds: 9 } } };
    expect(conflicts(bothExport({ sessionAffinity: 'ClientIP' }, longer))).toEqual([
      'SessionAffinityConfigConflict',
      'SessionAffinityConfigConflict',
    ]);
  });

  it('gives every pod of every exporting cluster a port of the gateway of every other cluster', () => {
    const world = bothExport({ ports: [{ name: 'a', port: 42 }] }, { ports: [{ name: 'a', port: 42 }] });
    const counts = Object.fromEntries(
      [...world.imported('c3')!.remote].map(([source, { endpoints }]) => [source, endpoints.length]),
    );
    expect(counts).toEqual({ c1: 2, c2: 3 });
    expect(endpointsHash(world.imported('c3')!.remote.get('c1')!.endpoints)).not.toBe('');
  });

  it('keeps what other clusters import when one that exports is lost for good', () => {
    const world = bothExport();
    world.add('sky.cmd.0', 'ObjectDeleted', {
      ref: { kind: 'Cluster', name: 'c1', uid: 'uid-c1' },
      force: true,
    });
    world.run({ c2: 3 });
    expect(world.import?.status.clusters).toEqual([{ cluster: 'c2' }]);
    expect(world.import?.status.imported?.map(({ cluster }) => cluster)).toEqual(['c2', 'c3']);
  });
});
