/** The gateway plane: leases of ports, peers and what gateways are told, after any history. */
import { describe, expect, it } from '@jest/globals';
import type { EntryData, GatewayConfig } from '@skyflow/contracts';
import fc from 'fast-check';
import { gatewayConfig } from './gateway-config.js';
import { QUARANTINE_MS } from './leases.js';
import { decodeMesh, encodeMesh } from './snapshot.js';
import { endpoint, REF, stored, twoClusters, type World } from './testing/mesh-world.js';

const withGateways = (spec = {}): World => {
  const world = twoClusters(spec);
  world.gateway('a', '127.208.0.1');
  world.gateway('b', '127.208.0.2');
  return world;
};

const configOf = (world: World, cluster: string): GatewayConfig => {
  const agent = world.agents.get(cluster);
  if (agent === undefined) throw new Error(`nothing was told to ${cluster}`);
  const identity = { certificate: '-----BEGIN', privateKey: '-----BEGIN' };
  const podsOf = (): ReturnType<typeof endpoint>[] => [...(world.record.observed.get(cluster)?.endpoints ?? [])];
  return gatewayConfig(agent, { cluster, address: '127.208.0.9', identity, podsOf });
};

describe('the gateway plane', () => {
  it('gives every remote pod a port of the primary, and lets the primary in to those pods alone', () => {
    const world = withGateways();
    world.observe('a', endpoint(9));
    world.observe('b', endpoint(1), endpoint(2));
    world.settle();
    const at = configOf(world, 'a');
    expect(at.listeners.map(({ port, peer, pods }) => [port, peer, pods])).toEqual([
      [20_000, 'b', ['pod-1']],
      [20_001, 'b', ['pod-2']],
    ]);
    expect(at.exports).toEqual([]);
    expect(at.peers).toEqual([{ cluster: 'b', authorities: ['-----BEGIN b'], addresses: ['b:8443'] }]);
    const there = configOf(world, 'b');
    expect(there.listeners).toEqual([]);
    expect(there.exports).toEqual([
      {
        service: 'svc',
        name: 'default/web',
        to: ['a'],
        pods: [
          { uid: 'pod-1', name: 'web-1', ports: { '': '10.0.0.1:8080' } },
          { uid: 'pod-2', name: 'web-2', ports: { '': '10.0.0.2:8080' } },
        ],
      },
    ]);
    expect(there.peers).toMatchObject([{ cluster: 'a' }]);
  });

  it('tells a cluster that cannot be dialled to dial those that want its pods', () => {
    const world = withGateways();
    world.add('sky.obs.b', 'GatewayObserved', {
      cluster: 'uid-b',
      address: '127.208.0.2',
      authorities: ['-----BEGIN b'],
    });
    world.observe('b', endpoint(1));
    world.settle();
    expect(configOf(world, 'b').peers).toMatchObject([{ cluster: 'a', addresses: ['a:8443'], reverse: true }]);
    expect(configOf(world, 'a').peers).toMatchObject([{ cluster: 'b', addresses: [] }]);
  });

  it('is as the service says: flat where it wants that, though there are gateways', () => {
    const world = withGateways({ plane: 'flat' });
    world.observe('b', endpoint(1));
    world.settle();
    expect(world.agents.get('a')?.services.get('svc')?.remote.get('b')).toMatchObject({ plane: 'flat' });
    // They stay peers, so that what is carried goes on; nothing new is let in.
    expect(configOf(world, 'a')).toMatchObject({ peers: [{ cluster: 'b' }], listeners: [] });
    expect(configOf(world, 'b').exports).toEqual([]);
  });

  it('keeps the ports of pods that stay, and takes peers and exports away with the service', () => {
    const world = withGateways();
    world.observe('b', endpoint(1), endpoint(2));
    world.settle();
    world.observe('b', endpoint(2), endpoint(3));
    world.settle();
    expect(configOf(world, 'a').listeners.map(({ port, pods }) => [port, pods])).toEqual([
      [20_001, ['pod-2']],
      [20_002, ['pod-3']],
    ]);
    world.add('sky.cmd.0', 'ObjectDeleted', { ref: REF });
    world.settle();
    for (const cluster of ['a', 'b']) {
      expect(configOf(world, cluster)).toMatchObject({ peers: [], listeners: [], exports: [] });
    }
  });

  const clusterName = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ do: fc.constant('observe' as const), cluster: clusterName, hosts: fc.uniqueArray(fc.nat(6)) }),
    fc.record({ do: fc.constant('gateway' as const), cluster: clusterName, has: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(2 * QUARANTINE_MS) }),
    fc.record({
      do: fc.constant('edit' as const),
      cluster: fc.constantFrom('a', 'b', 'auto'),
      plane: fc.constantFrom('auto', 'flat', 'gateway'),
    }),
    fc.record({ do: fc.constant('forget' as const), cluster: fc.constantFrom('b', 'c') }),
    fc.record({ do: fc.constant('settle' as const) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  const replay = (steps: readonly Step[]): World => {
    const world = withGateways();
    world.cluster('c');
    let generation = 1;
    for (const each of steps) {
      if (each.do === 'observe') world.observe(each.cluster, ...each.hosts.map((host) => endpoint(host)));
      else if (each.do === 'gateway') world.gateway(each.cluster, each.has ? '127.208.0.1' : undefined);
      else if (each.do === 'wait') world.waitedMs += each.ms;
      else if (each.do === 'settle') world.settle();
      else if (each.do === 'forget') {
        const ref = { kind: 'Cluster', name: each.cluster, uid: `uid-${each.cluster}` };
        world.add('sky.cmd.0', 'ObjectDeleted', { ref, force: true });
        world.agents.delete(each.cluster);
      } else {
        const ports = [{ port: 80 }];
        const spec = { cluster: each.cluster, plane: each.plane, selector: { app: 'web' }, ports, type: 'ClusterIP' };
        world.add('sky.cmd.0', 'ObjectUpdated', {
          object: stored('Service', 'web', 'svc', spec, ++generation),
          expect: 0,
        });
      }
    }
    world.settle();
    return world;
  };

  it('settles, and never gives a port to another pod before its quarantine is over', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = replay(steps);
        expect(world.settle()).toBe(0);
        assertQuarantine(world);
        for (const [cluster, { ports }] of world.state.clusters) {
          const given = [...(world.record.participants.get(cluster)?.given.values() ?? [])];
          const leased = given.flatMap(({ leases }) =>
            [...leases.values()].flatMap((all) => all.map(({ port }) => port)),
          );
          expect([...ports.leased].sort()).toEqual([...new Set(leased)].sort());
          expect(new Set(leased).size).toBe(leased.length);
        }
      }),
    );
  });

  it('exports pods only to the primary, which is then a peer, and knows nobody else', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const world = replay(steps);
        for (const cluster of world.agents.keys()) {
          const { exports, listeners, peers } = configOf(world, cluster);
          const known = peers.map((peer) => peer.cluster);
          for (const { to } of exports) expect(known).toEqual(expect.arrayContaining(to));
          for (const { peer } of listeners) expect(known).toContain(peer);
          expect(known).not.toContain(cluster);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is the same after a snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const { state } = replay(steps);
        const pieces = JSON.parse(JSON.stringify([...encodeMesh(state)])) as unknown[];
        const again = await decodeMesh(ReadableStream.from(pieces));
        again.due = state.due;
        again.topology = state.topology;
        expect(again).toEqual(state);
      }),
      { numRuns: 50 },
    );
  });
});

/** From the log alone: who had each port, until when. */
function assertQuarantine(world: World): void {
  const holders = new Map<string, { pod: string; until: number | undefined }>();
  for (const { subject, at, type, data } of world.log) {
    if (!subject.startsWith('sky.work.')) continue;
    const free = (matches: (key: string) => boolean): void => {
      for (const [key, holder] of holders) if (matches(key) && holder.until === undefined) holder.until = at;
    };
    if (type === 'ServiceWithdrawn') free((key) => key.startsWith(`${subject} `));
    if (type === 'ServiceAssigned' && !(data as EntryData<'ServiceAssigned'>).primary) {
      free((key) => key.startsWith(`${subject} `));
    }
    if (type !== 'EndpointsAssigned') continue;
    const { source, endpoints } = data as EntryData<'EndpointsAssigned'>;
    const leased = new Map(
      endpoints.flatMap(({ uid, leases = [] }) =>
        leases.map(({ port }) => [`${subject} ${port}`, uid] as [string, string]),
      ),
    );
    for (const [key, holder] of holders) {
      if (holder.pod.startsWith(`${source}/`) && !leased.has(key) && key.startsWith(`${subject} `)) holder.until ??= at;
    }
    for (const [key, uid] of leased) {
      const before = holders.get(key);
      const pod = `${source}/${uid}`;
      if (before !== undefined && before.pod !== pod) {
        expect(before.until).toBeDefined();
        expect(at - (before.until ?? at)).toBeGreaterThanOrEqual(QUARANTINE_MS);
      }
      holders.set(key, { pod, until: undefined });
    }
  }
}
