import { describe, expect, it } from '@jest/globals';
import type { ServiceSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { isInside } from './cidr.js';
import { dropsMost } from './endpoints.js';
import { admittedEndpoints, networkEvidence } from './networks.js';
import { endpoint, World } from './testing/mesh-world.js';

const world = (networks: { a?: string[]; b?: string[] }, spec: Partial<ServiceSpec> = {}): World => {
  const made = new World();
  for (const cluster of ['a', 'b']) made.cluster(cluster);
  made.networks('a', networks.a ?? ['10.1.0.0/16']);
  made.networks('b', networks.b ?? ['10.0.0.0/16']);
  made.service({ plane: 'flat', ...spec });
  made.settle();
  made.native('a');
  return made;
};
const conditionOf = (made: World, type: string): string | undefined =>
  made.status.conditions.find((each) => each.type === type)?.message;

describe('addresses of another cluster', () => {
  it('are told only where they are in its networks, whatever they are', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.nat(255).map((host) => `10.0.0.${host}`),
    );
    const made = world({});
    fc.assert(
      fc.property(fc.array(address, { maxLength: 10 }), (addresses) => {
        const endpoints = addresses.map((each, at) => ({ ...endpoint(at), address: each }));
        const { endpoints: told, refusal } = admittedEndpoints(made.state.clusters.get('b'), endpoints);
        expect(told.map((each) => each.address)).toEqual(addresses.filter((each) => isInside(each, ['10.0.0.0/16'])));
        expect(refusal === undefined).toBe(told.length === endpoints.length);
      }),
    );
  });

  it('that are refused are said to be, with the way out, and take no connections', () => {
    const made = world({});
    made.observe('b', endpoint(1), { ...endpoint(2), address: '192.168.1.1' });
    made.path('a', 'b', 'UP');
    made.settle();
    expect(made.remote('a')).toEqual({ b: ['10.0.0.1'] });
    expect(made.status.endpoints.map(({ address, used }) => [address, used])).toEqual([
      ['10.0.0.1', true],
      ['192.168.1.1', false],
    ]);
    expect(conditionOf(made, 'AddressesRefused')).toMatch(
      /192.168.1.1 of web-2 is not in the networks of b .*SKYFLOW_POD_CIDRS/,
    );
    expect(made.status.clusters[1]?.evidence).toContainEqual({
      check: 'addresses',
      ok: false,
      message: expect.stringContaining('192.168.1.1') as unknown as string,
    });
  });

  it('have both addresses looked at', () => {
    const { state } = world({});
    const dual = { ...endpoint(1), otherAddress: 'fd00::1' };
    expect(admittedEndpoints(state.clusters.get('b'), [dual]).endpoints).toEqual([]);
  });

  it('of a cluster that says nothing of its networks are refused', () => {
    const made = world({ b: [] });
    made.observe('b', endpoint(1));
    made.settle();
    expect(made.remote('a')).toEqual({});
    expect(conditionOf(made, 'AddressesRefused')).toContain('b has not said which networks its pods are in');
  });

  it('may be anything behind a gateway, which dials its own pods', () => {
    const made = world({ b: [] }, { plane: 'auto' });
    made.gateway('a', '10.9.0.1');
    made.gateway('b', '10.9.0.2');
    made.networks('b', []);
    made.observe('b', endpoint(1));
    made.settle();
    expect(made.remote('a')).toEqual({ b: ['10.0.0.1'] });
    expect(conditionOf(made, 'AddressesRefused')).toBeUndefined();
  });
});

describe('the networks of two clusters', () => {
  it.each([
    [['10.42.0.0/16'], ['10.43.0.0/16'], true],
    [['10.42.0.0/16'], ['10.42.0.0/16'], false],
    [['10.42.0.0/16'], [], undefined],
  ] as const)('%j and %j: %s', (a, b, ok) => {
    expect(networkEvidence(world({ a: [...a], b: [...b] }).state, 'a', 'b').ok).toBe(ok);
  });
});

describe('pods that do not answer though others there do', () => {
  it('take no connections, and are named', () => {
    const made = world({});
    made.observe('b', endpoint(1), endpoint(2));
    made.path('a', 'b', 'UP', ['pod-2']);
    made.settle();
    expect(made.status.endpoints.map(({ used }) => used)).toEqual([true, false]);
    expect(conditionOf(made, 'EndpointsFailing')).toContain('web-2 on b');
    made.path('a', 'b', 'UP');
    made.settle();
    expect(made.status.endpoints.map(({ used }) => used)).toEqual([true, true]);
  });
});

describe('a list that lacks most of what was there', () => {
  it('is looked at again; one pod, or half of them, may go', () => {
    expect([dropsMost(10, 4), dropsMost(10, 0), dropsMost(2, 0), dropsMost(3, 1)]).toEqual([true, true, true, true]);
    expect([dropsMost(1, 0), dropsMost(10, 5), dropsMost(2, 1), dropsMost(4, 9), dropsMost(0, 0)]).toEqual(
      Array(5).fill(false),
    );
  });
});
