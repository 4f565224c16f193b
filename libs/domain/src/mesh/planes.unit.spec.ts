/** Which plane a link gets when it is left to SkyFlow: gateways, until everything that was looked at speaks for the flat one. */
import { describe, expect, it } from '@jest/globals';
import { observationSubject, type ServiceSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { peersOf } from './planes.js';
import { endpoint, World } from './testing/mesh-world.js';

const PODS = { a: ['10.1.0.0/16'], b: ['10.0.0.0/16'] };

function world(spec: Partial<ServiceSpec> = {}): World {
  const made = new World();
  for (const cluster of ['a', 'b']) {
    made.cluster(cluster);
    made.gateway(cluster, `127.208.0.${cluster}`, undefined, PODS[cluster as 'a' | 'b']);
  }
  made.service(spec);
  made.settle();
  made.observe('b', endpoint(1));
  made.settle();
  return made;
}
/** @param nodes what nodes of it found; null: not all have tried; absent: there are no probes. */
const reached = (made: World, from: string, peer: string, ok: boolean, nodes?: boolean | null): void => {
  const message = ok ? 'answered' : 'no answer';
  const tried = nodes === undefined ? {} : { nodes: { ...(nodes === null ? {} : { ok: nodes }), message: 'tried' } };
  made.add(observationSubject(from), 'ReachObserved', { peer, ok, message, ...tried });
  made.settle();
};
const planeAt = (made: World): string | undefined => made.agents.get('a')?.services.get('svc')?.remote.get('b')?.plane;
const proved = (spec: Partial<ServiceSpec> = {}): World => {
  const made = world(spec);
  reached(made, 'a', 'b', true, true);
  reached(made, 'b', 'a', true, true);
  return made;
};

describe('the plane of a link that is left to SkyFlow', () => {
  it('is the gateway until pods and nodes of both have reached each other, then flat, and the evidence is kept', () => {
    const made = world();
    expect(planeAt(made)).toBe('gateway');
    expect(made.status.clusters[1]?.evidence).toContainEqual({
      check: 'pods',
      message: 'a has not tried yet to reach pods of b',
    });
    reached(made, 'a', 'b', true);
    expect(planeAt(made)).toBe('gateway');
    reached(made, 'b', 'a', true);
    expect(made.status.clusters[1]?.evidence).toContainEqual({
      check: 'nodes',
      message:
        'nothing is tried from nodes of a: deploy/agent/node-probe.yaml runs a probe on each; without, flat is for whoever asks for it',
    });
    reached(made, 'a', 'b', true, true);
    expect(planeAt(made)).toBe('gateway');
    reached(made, 'b', 'a', true, true);
    expect(planeAt(made)).toBe('flat');
    expect(made.status.clusters[1]?.evidence).toEqual([
      { check: 'networks', ok: true, message: '10.1.0.0/16 of a and 10.0.0.0/16 of b are disjoint' },
      { check: 'pods', ok: true, message: 'a to b: answered' },
      { check: 'back', ok: true, message: 'b to a: answered' },
      { check: 'nodes', ok: true, message: 'a to b: tried' },
      { check: 'nodesBack', ok: true, message: 'b to a: tried' },
      { check: 'addresses', ok: true, message: 'all pods are in the networks of b' },
    ]);
  });

  it('is not even tried while somebody could not read what came of it: no agent is told where to try', () => {
    const made = world();
    const { gateway } = made.state.clusters.get('b') ?? {};
    if (gateway !== undefined) gateway.inside = '10.0.0.9:8443';
    expect(peersOf(made.state, 'a')).toMatchObject([{ cluster: 'b', inside: '10.0.0.9:8443' }]);
    made.state.off = new Set(['FlatPlaneProof']);
    expect(peersOf(made.state, 'a')).toMatchObject([{ cluster: 'b' }]);
    expect(peersOf(made.state, 'a')[0]).not.toHaveProperty('inside');
  });

  it('is the gateway again when one way is lost', () => {
    const made = proved();
    reached(made, 'b', 'a', false, true);
    expect(planeAt(made)).toBe('gateway');
    expect(made.status.clusters[1]?.evidence).toContainEqual({
      check: 'back',
      ok: false,
      message: 'b to a: no answer',
    });
  });

  it('stays with gateways where networks overlap, whatever answered', () => {
    const made = proved();
    made.networks('a', ['10.0.128.0/17']);
    made.settle();
    expect(planeAt(made)).toBe('gateway');
  });

  it('stays with gateways where a pod has an address outside of what its cluster declares', () => {
    const made = proved();
    made.observe('b', endpoint(1), { ...endpoint(2), address: '192.168.1.1' });
    made.settle();
    expect(planeAt(made)).toBe('gateway');
  });

  it('stays with gateways, whatever the type, until nodes of both have reached pods of the other', () => {
    for (const type of ['ClusterIP', 'LoadBalancer', 'NodePort'] as const) {
      const made = world({ type });
      reached(made, 'a', 'b', true);
      reached(made, 'b', 'a', true);
      expect([planeAt(made), made.status.clusters[1]?.planeBecause]).toEqual([
        'gateway',
        'auto: evidence "nodes" is not known',
      ]);
      reached(made, 'a', 'b', true, true);
      reached(made, 'b', 'a', true, null);
      expect([planeAt(made), made.status.clusters[1]?.planeBecause]).toEqual([
        'gateway',
        'auto: evidence "nodesBack" is not known',
      ]);
      reached(made, 'b', 'a', true, true);
      expect(planeAt(made)).toBe('flat');
      expect(made.status.clusters[1]?.evidence).toContainEqual({
        ...{ check: 'nodesBack', ok: true, message: 'b to a: tried' },
      });
      reached(made, 'b', 'a', true);
      expect(planeAt(made)).toBe('gateway');
    }
  });

  it('says what speaks against flat where nodes tried and did not reach', () => {
    const made = proved();
    reached(made, 'b', 'a', true, false);
    expect([planeAt(made), made.status.clusters[1]?.planeBecause]).toEqual([
      'gateway',
      'auto: evidence "nodesBack" speaks against flat',
    ]);
  });

  it('is what the service says where it says so', () => {
    expect(planeAt(proved({ plane: 'gateway' }))).toBe('gateway');
    expect(planeAt(world({ plane: 'flat' }))).toBe('flat');
  });

  it('is what the link says where the service leaves it open, and again its own when that is taken back', () => {
    const made = proved();
    expect(made.status.clusters[1]?.planeBecause).toBe('auto: everything that was looked at speaks for it');
    made.link('a.b', 'gateway');
    expect([planeAt(made), made.status.clusters[1]?.planeBecause]).toEqual(['gateway', 'link a.b asks for it']);
    // One of the other way is another link.
    made.link('b.a', 'flat');
    expect(planeAt(made)).toBe('gateway');
    made.link('a.b', 'auto');
    expect(planeAt(made)).toBe('flat');
    made.link('a.b', 'gateway');
    made.unlink('a.b');
    expect(planeAt(made)).toBe('flat');
  });

  it('is what the service says where the link says otherwise', () => {
    const made = world({ plane: 'flat' });
    made.link('a.b', 'gateway');
    expect([planeAt(made), made.status.clusters[1]?.planeBecause]).toEqual(['flat', 'the service asks for it']);
  });

  it('is flat only with all proofs there, in whatever order they come and go', () => {
    const step = fc.oneof(
      fc.record({ from: fc.constantFrom('a', 'b'), ok: fc.boolean() }),
      fc.record({ networks: fc.constantFrom('10.1.0.0/16', '10.0.128.0/17') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const made = world();
        const facts = { a: false, b: false, disjoint: true };
        for (const each of steps) {
          if ('networks' in each) {
            facts.disjoint = each.networks === '10.1.0.0/16';
            made.networks('a', [each.networks]);
            made.settle();
          } else {
            facts[each.from] = each.ok;
            reached(made, each.from, each.from === 'a' ? 'b' : 'a', each.ok, each.ok);
          }
          expect(planeAt(made)).toBe(facts.a && facts.b && facts.disjoint ? 'flat' : 'gateway');
        }
      }),
    );
  });
});
