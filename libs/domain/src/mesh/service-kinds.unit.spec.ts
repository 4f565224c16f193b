/** Headless, external and dual-stack services, other protocols, and how connections are shared: what is told and what is said. */
import { describe, expect, it } from '@jest/globals';
import type { ServiceSpec } from '@skyflow/contracts';
import { gatewayConfig } from './gateway-config.js';
import { nativeService, nativeSlices } from './native-service.js';
import { endpoint, REF, stored, twoClusters, World } from './testing/mesh-world.js';

const conditions = (world: World): Record<string, string> =>
  Object.fromEntries(world.status.conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));

const withGateways = (spec: Partial<ServiceSpec>): World => {
  const world = new World();
  for (const cluster of ['a', 'b']) world.cluster(cluster);
  world.gateway('a', '10.1.0.1');
  world.gateway('b', '10.1.0.2');
  world.service(spec);
  world.settle();
  world.native('a');
  return world;
};

const reached = (world: World, local: number, remote: number): void => {
  world.observe('a', ...Array.from({ length: local }, (_, at) => endpoint(100 + at)));
  world.observe('b', ...Array.from({ length: remote }, (_, at) => endpoint(at)));
  world.path('a', 'b', 'UP');
  world.settle();
};

describe('an external name', () => {
  it('is one native Service without selector or endpoints, and READY when that is there', () => {
    const world = twoClusters({ type: 'ExternalName', externalName: 'db.example.org', selector: {}, ports: [] });
    expect(world.agents.get('b')?.services.has('svc') ?? false).toBe(false);
    const service = world.agents.get('a')?.services.get('svc');
    expect(service && nativeService(service)['spec']).toEqual({
      type: 'ExternalName',
      externalName: 'db.example.org',
      sessionAffinity: 'None',
    });
    world.add('sky.obs.a', 'ServiceObserved', { ref: REF, generation: 1, externalIPs: [] });
    world.settle();
    expect(world.status).toMatchObject({ phase: 'READY', total: 0 });
  });

  it('goes to the first READY cluster where that is left to SkyFlow', () => {
    const world = twoClusters({ cluster: 'auto', type: 'ExternalName', externalName: 'db.example.org' });
    expect(world.status).toMatchObject({
      cluster: 'a',
      chosenBecause: expect.stringContaining('no pods') as unknown as string,
    });
  });
});

describe('a headless service', () => {
  it('has no address, marks its slices, and has pods at their own addresses though there are gateways', () => {
    const world = withGateways({ clusterIP: 'None' });
    world.observe('b', endpoint(1));
    world.settle();
    const service = world.agents.get('a')?.services.get('svc');
    if (service === undefined) throw new Error('it has none');
    expect(nativeService(service)['spec']).toMatchObject({ type: 'ClusterIP', clusterIP: 'None' });
    const remote = service.remote.get('b');
    expect(remote?.plane).toBe('flat');
    const [slice] = nativeSlices(service, 'b', remote?.endpoints ?? [], { name: 'web', uid: 'n' }, true);
    expect(slice?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
  });
});

describe('a service with two address families', () => {
  const dual = { ...endpoint(1), otherAddress: 'fd00::1' };
  const object = stored('Service', 'web', 'svc', {});
  const addresses = (families?: string[]): string[] =>
    nativeSlices({ object }, 'b', [dual], { name: 'web', uid: 'n' }, true, families).map(
      (slice) =>
        `${String(slice['addressType'])} ${(slice['endpoints'] as { addresses: string[] }[])[0]?.addresses[0]}`,
    );

  it('has a slice of each that the native Service has', () => {
    expect(addresses(['IPv4', 'IPv6']).sort()).toEqual(['IPv4 10.0.0.1', 'IPv6 fd00::1']);
    expect(addresses(['IPv6'])).toEqual(['IPv6 fd00::1']);
    expect(addresses()).toEqual(['IPv4 10.0.0.1']);
  });

  it('says where the cluster has one only, and where the gateway has', () => {
    const world = withGateways({ ipFamilyPolicy: 'PreferDualStack' });
    reached(world, 1, 1);
    const observe = (ipFamilies: string[]): void =>
      world.add('sky.obs.a', 'ServiceObserved', {
        ref: REF,
        generation: 1,
        clusterIP: '10.96.0.10',
        ipFamilies,
        externalIPs: [],
      });
    observe(['IPv4']);
    world.settle();
    expect(conditions(world)).toMatchObject({ DualStack: 'False ClusterSingleStack' });
    observe(['IPv4', 'IPv6']);
    world.settle();
    expect(conditions(world)).toMatchObject({ DualStack: 'False GatewaySingleStack' });
  });
});

describe('a service with UDP ports', () => {
  it('has them in the flat plane, and says that gateways carry only the others', () => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' as const },
      { name: 'dns-tcp', port: 53 },
    ];
    const both = {
      ...endpoint(1),
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    };
    const world = withGateways({ ports });
    world.observe('b', both);
    world.settle();
    const given = world.agents.get('a')?.services.get('svc')?.remote.get('b');
    expect(given?.endpoints[0]?.leases?.map(({ name }) => name)).toEqual(['dns-tcp']);
    expect(conditions(world)).toMatchObject({ ProtocolNotCarried: 'True GatewayCarriesTCP' });
    const flat = withGateways({ ports, plane: 'flat' });
    flat.observe('b', both);
    flat.settle();
    expect(flat.agents.get('a')?.services.get('svc')?.remote.get('b')?.endpoints[0]?.ports).toHaveLength(2);
    expect(conditions(flat)).not.toHaveProperty('ProtocolNotCarried');
  });

  it('and no other gives gateways nothing to carry', () => {
    const world = withGateways({ ports: [{ port: 53, protocol: 'UDP' }] });
    world.observe('b', { ...endpoint(1), ports: [{ name: '', port: 53, protocol: 'UDP' }] });
    world.settle();
    expect(world.remote('a')).toEqual({});
    expect(conditions(world)).toMatchObject({ ProtocolNotCarried: 'True GatewayCarriesTCP' });
    // Nothing waits to be tried, here or on the Link.
    expect(world.status.message).toMatch(/^b: gateways carry TCP, and no port of the service is/);
    expect(world.status.clusters[1]).not.toHaveProperty('path');
  });
});

describe('shares', () => {
  it('are told per cluster', () => {
    const world = withGateways({});
    reached(world, 3, 5);
    expect(world.status.clusters.map(({ cluster, share }) => [cluster, share])).toEqual([
      ['a', 37.5],
      ['b', 62.5],
    ]);
    expect(conditions(world)).not.toHaveProperty('WeightApproximate');
  });

  it('are said to be approximate where more pods are than ports may be', () => {
    const world = withGateways({});
    reached(world, 1, 600);
    expect(conditions(world)).toMatchObject({ WeightApproximate: 'True SharedPorts' });
    expect(world.status.clusters.find(({ cluster }) => cluster === 'b')?.share).toBeCloseTo(99.8, 1);
  });

  it('local first has pods of other clusters stand by until there are too few', () => {
    const world = withGateways({ spread: 'local-first', localFirst: { minReady: 2 } });
    reached(world, 3, 5);
    expect(conditions(world)).toMatchObject({ LocalOnly: 'True MinimumMet' });
    const used = (): number => world.status.endpoints.filter((each) => each.used && each.cluster === 'b').length;
    expect(used()).toBe(0);
    reached(world, 1, 5);
    expect(conditions(world)).toMatchObject({ LocalOnly: 'False BelowMinimum' });
    expect(used()).toBe(1);
    reached(world, 0, 5);
    expect(used()).toBe(5);
  });

  it('over clusters have all pods behind the ports that are used', () => {
    const world = withGateways({ spread: 'clusters' });
    reached(world, 2, 5);
    expect(world.status.clusters.map(({ share }) => share)).toEqual([50, 50]);
    const agent = world.agents.get('a');
    if (agent === undefined) throw new Error('it has none');
    const { listeners } = gatewayConfig(agent, {
      cluster: 'a',
      address: '10.1.0.1',
      identity: { certificate: '', privateKey: '' },
      podsOf: () => [],
    });
    expect(listeners).toHaveLength(5);
    for (const { pods } of listeners) expect(pods).toHaveLength(5);
    reached(world, 9, 5);
    expect(conditions(world)).toMatchObject({ WeightApproximate: 'True FewEndpoints' });
  });

  it('leave out what a Local traffic policy leaves out, and say so', () => {
    const world = withGateways({ internalTrafficPolicy: 'Local' });
    reached(world, 1, 1);
    expect(conditions(world)).toMatchObject({ RemoteIgnored: 'True LocalTrafficPolicy' });
  });
});

describe('the cluster of a service that leaves it to SkyFlow', () => {
  it('is told with the numbers that it was chosen by', () => {
    const world = twoClusters({ cluster: 'auto' });
    world.observe('a', endpoint(1));
    world.observe('b', endpoint(2), endpoint(3));
    world.settle();
    expect(world.status).toMatchObject({ cluster: 'b', chosenBecause: 'most ready pods: b 2, a 1' });
  });
});
