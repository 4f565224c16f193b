/** The mesh core: what clusters are told follows from the log alone, whatever order things come in. */
import { describe, expect, it } from '@jest/globals';
import { decisionSubject, observationSubject, workSubject } from '@skyflow/contracts';
import fc from 'fast-check';
import type { RemoteEndpoints } from './desired.js';
import { decodeMesh, encodeMesh } from './snapshot.js';
import { endpoint, REF, stored, twoClusters, type World } from './testing/mesh-world.js';

/** A pod of each takes connections, that of `b` over a path that is up. */
const bothServing = (): World => {
  const world = twoClusters();
  world.native('a');
  world.observe('a', endpoint(9));
  world.observe('b', endpoint(1));
  world.path('a', 'b', 'UP');
  world.settle();
  return world;
};

describe('the mesh core', () => {
  it('tells every cluster of a service, and the primary of the endpoints of the others', () => {
    const world = twoClusters();
    expect(world.agents.get('a')?.services.get('svc')?.primary).toBe(true);
    expect(world.agents.get('b')?.services.get('svc')?.primary).toBe(false);
    world.observe('b', endpoint(1), endpoint(2));
    world.settle();
    expect(world.remote('a')).toEqual({ b: ['10.0.0.1', '10.0.0.2'] });
    world.observe('b', endpoint(2));
    world.settle();
    expect(world.remote('a')).toEqual({ b: ['10.0.0.2'] });
    expect(world.settle()).toBe(0);
  });

  it('calls a service READY only when the Service is there and connections reach a ready pod', () => {
    const world = twoClusters();
    expect(world.status).toMatchObject({ phase: 'PENDING', reason: 'Creating' });
    // Nothing was seen of it yet: so it is since it was made.
    expect(world.status.conditions[0]?.lastTransitionTime).toBe('2026-01-01T00:00:00Z');
    world.native('a');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'PENDING', reason: 'NoEndpoints' });
    world.observe('b', endpoint(1));
    world.settle();
    expect(world.status).toMatchObject({ phase: 'DEGRADED', ready: 0, total: 1 });
    world.path('a', 'b', 'UP');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'READY', ready: 1, total: 1 });
    world.path('a', 'b', 'DOWN');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'DEGRADED', reason: 'NotReached', ready: 0 });
  });

  it('holds the endpoints of a cluster that cannot be seen, and does not count them as ready', () => {
    const world = bothServing();
    expect(world.status).toMatchObject({ phase: 'READY', ready: 2 });
    world.cluster('b', 'LOST');
    world.settle();
    expect(world.remote('a')).toEqual({ b: ['10.0.0.1'] });
    expect(world.status).toMatchObject({ phase: 'DEGRADED', ready: 1 });
    expect(world.status.message).toContain('b is LOST since');
    world.cluster('a', 'LOST');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'UNKNOWN', reason: 'ClusterNotSeen' });
  });

  it('does not go on saying what an agent said before it was started anew, until it says it again', () => {
    const world = bothServing();
    world.settling('b', true);
    world.settle();
    expect(world.status).toMatchObject({ phase: 'DEGRADED', ready: 1 });
    expect(world.status.message).toContain('the agent of b was stopped or started anew');
    // It is no reason to take connections from pods that most likely are there.
    expect(world.remote('a')).toEqual({ b: ['10.0.0.1'] });
    world.settling('b', false);
    world.settling('a', true);
    world.settle();
    expect(world.status).toMatchObject({ phase: 'UNKNOWN', reason: 'NotReported' });
    expect(world.status.conditions[0]).toMatchObject({ type: 'Ready', status: 'Unknown' });
    world.settling('a', false);
    world.settle();
    expect(world.status).toMatchObject({ phase: 'READY', ready: 2 });
    expect(world.settle()).toBe(0);
  });

  it('chooses for auto the cluster with most ready pods once all that can be seen have reported, and stays there', () => {
    const world = twoClusters({ cluster: 'auto' });
    expect(world.status).toMatchObject({ phase: 'PENDING', reason: 'ChoosingCluster' });
    world.observe('a', endpoint(1));
    world.settle();
    expect(world.status.message).toContain('waits for b');
    world.observe('b', endpoint(2), endpoint(3));
    world.settle();
    expect(world.status.cluster).toBe('b');
    expect(world.remote('b')).toEqual({ a: ['10.0.0.1'] });
    world.observe('b');
    world.settle();
    expect(world.status.cluster).toBe('b');
  });

  it('takes from the primary what a cluster outside the sources has, and its own pods always count', () => {
    const world = twoClusters({ sources: ['b'] });
    world.cluster('c');
    world.settle();
    expect(world.agents.get('c')?.services.has('svc') ?? false).toBe(false);
    world.observe('a', endpoint(9));
    world.native('a');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'READY', ready: 1 });
  });

  it('lets a deleted service go when every cluster has removed what was made for it', () => {
    const world = twoClusters();
    world.add('sky.cmd.0', 'ObjectDeleted', { ref: REF });
    world.settle();
    expect(world.status).toMatchObject({ phase: 'DELETING' });
    expect(world.agents.get('a')?.withdrawn.has('svc')).toBe(true);
    for (const cluster of ['a', 'b']) world.add(observationSubject(cluster), 'ServiceRemoved', { ref: REF });
    world.settle();
    expect(world.state.services.size).toBe(0);
  });

  it('takes no word of an older epoch', () => {
    const world = twoClusters();
    world.add(decisionSubject('mesh'), 'EpochStarted', { epoch: 2, holder: 'other' });
    const before = world.record.status;
    world.add(decisionSubject('mesh'), 'ServiceStatusDecided', { epoch: 1, ref: REF, status: { phase: 'READY' } });
    world.add(workSubject('a'), 'ServiceWithdrawn', { epoch: 1, ref: REF });
    expect(world.record.status).toBe(before);
    expect(world.record.participants.get('a')?.withdrawing).toBe(false);
  });

  const clusterName = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ do: fc.constant('observe' as const), cluster: clusterName, hosts: fc.uniqueArray(fc.nat(5)) }),
    fc.record({ do: fc.constant('health' as const), cluster: clusterName, lost: fc.boolean() }),
    fc.record({ do: fc.constant('path' as const), cluster: clusterName, source: clusterName, up: fc.boolean() }),
    fc.record({ do: fc.constant('native' as const), cluster: clusterName }),
    fc.record({ do: fc.constant('removed' as const), cluster: clusterName }),
    fc.record({
      do: fc.constant('edit' as const),
      cluster: fc.constantFrom('a', 'b', 'c', 'auto'),
      sources: fc.option(fc.uniqueArray(clusterName), { nil: undefined }),
    }),
    fc.record({ do: fc.constant('forget' as const), cluster: clusterName }),
    fc.record({ do: fc.constant('settle' as const) }),
  );

  const replay = (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): World => {
    const world = twoClusters();
    let generation = 1;
    for (const each of steps) {
      if (each.do === 'observe') world.observe(each.cluster, ...each.hosts.map((host) => endpoint(host)));
      else if (each.do === 'health') world.cluster(each.cluster, each.lost ? 'LOST' : 'READY');
      else if (each.do === 'path') world.path(each.cluster, each.source, each.up ? 'UP' : 'DOWN');
      else if (each.do === 'native') world.native(each.cluster);
      else if (each.do === 'removed') world.add(observationSubject(each.cluster), 'ServiceRemoved', { ref: REF });
      else if (each.do === 'settle') world.settle();
      else if (each.do === 'forget') {
        const ref = { kind: 'Cluster', name: each.cluster, uid: `uid-${each.cluster}` };
        world.add('sky.cmd.0', 'ObjectDeleted', { ref, force: true });
        world.agents.delete(each.cluster);
      } else {
        const spec = { cluster: each.cluster, selector: { app: 'web' }, ports: [{ port: 80 }], type: 'ClusterIP' };
        const sources = each.sources === undefined ? {} : { sources: each.sources };
        const object = stored('Service', 'web', 'svc', { ...spec, ...sources }, ++generation);
        world.add('sky.cmd.0', 'ObjectUpdated', { object, expect: 0 });
      }
    }
    world.settle();
    return world;
  };

  it('settles after any history: one primary at most, told just what the sources said last', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const world = replay(steps);
        expect(world.settle()).toBe(0);
        const primaries = [...world.agents].filter(([, { services }]) => services.get('svc')?.primary === true);
        expect(primaries.length).toBeLessThanOrEqual(1);
        const [primary] = primaries;
        if (primary === undefined) return;
        const { spec, observed } = world.record;
        const remote = primary[1].services.get('svc')?.remote ?? new Map<string, RemoteEndpoints>();
        for (const [source, { endpoints }] of remote) {
          expect(source).not.toBe(primary[0]);
          expect(spec.sources === undefined || spec.sources.includes(source)).toBe(true);
          expect(endpoints).toEqual(observed.get(source)?.endpoints);
        }
      }),
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
