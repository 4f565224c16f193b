import { describe, expect, it } from '@jest/globals';
import type { Endpoint, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { isForbiddenAddress, nativeSlices } from './native-service.js';

const object: StoredObject = {
  apiVersion: 'skyflow.io/v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'svc', creationTimestamp: '2026-01-01T00:00:00Z' },
};
const owner = { name: 'web', uid: 'native' };

const endpoint: fc.Arbitrary<Endpoint> = fc.record({
  address: fc.ipV4(),
  ports: fc.constantFrom([{ name: '', port: 80, protocol: 'TCP' }], [{ name: 'http', port: 8080, protocol: 'TCP' }]),
  ready: fc.boolean(),
  serving: fc.boolean(),
  terminating: fc.boolean(),
  pod: fc.constant('p'),
  uid: fc.uuid(),
});

interface Slice {
  metadata: { name: string; labels: Record<string, string> };
  endpoints: { addresses: string[]; conditions: Record<string, boolean>; nodeName?: string }[];
  ports: unknown[];
}
const slicesOf = (endpoints: Endpoint[], usable = true): Slice[] =>
  nativeSlices({ object }, 'b', endpoints, owner, usable) as unknown as Slice[];

describe('slices of a source cluster', () => {
  it('hold every endpoint once, at most 100 each, with its own ports, under names of their own', () => {
    fc.assert(
      fc.property(fc.uniqueArray(endpoint, { selector: ({ uid }) => uid, maxLength: 320 }), (endpoints) => {
        const slices = slicesOf(endpoints);
        expect(new Set(slices.map(({ metadata }) => metadata.name)).size).toBe(slices.length);
        const listed = slices.flatMap((slice) => {
          expect(slice.endpoints.length).toBeLessThanOrEqual(100);
          return slice.endpoints.map(({ addresses }) => `${addresses[0]} ${JSON.stringify(slice.ports)}`);
        });
        expect(listed.sort()).toEqual(
          endpoints.map(({ address, ports }) => `${address} ${JSON.stringify(ports)}`).sort(),
        );
      }),
    );
  });

  it('are the same whatever the order of the endpoints', () => {
    fc.assert(
      fc.property(fc.uniqueArray(endpoint, { selector: ({ uid }) => uid, maxLength: 150 }), (endpoints) => {
        expect(slicesOf([...endpoints].reverse())).toEqual(slicesOf(endpoints));
      }),
    );
  });

  it('change one at a time: who comes or goes changes its own slice, and no endpoint is ever missing from all', () => {
    const many = Array.from({ length: 400 }, (_, at): Endpoint => ({
      ...{ address: `10.0.${at >> 8}.${at & 255}`, ports: [{ name: '', port: 80, protocol: 'TCP' }], pod: `p-${at}` },
      ...{ uid: `uid-${at}`, ready: true, serving: true, terminating: false },
    }));
    const textOf = (endpoints: Endpoint[]): Map<string, string> =>
      new Map(slicesOf(endpoints).map((slice) => [slice.metadata.name, JSON.stringify(slice)]));
    fc.assert(
      fc.property(fc.array(fc.nat(399), { minLength: 20, maxLength: 60 }), fc.nat(350), (churn, start) => {
        const there = new Set(many.slice(0, start));
        let before = textOf([...there]);
        let writes = 0;
        let most = before.size;
        for (const at of churn) {
          const pod = many[at] as Endpoint;
          if (!there.delete(pod)) there.add(pod);
          const now = textOf([...there]);
          writes += [...new Set([...before.keys(), ...now.keys()])].filter(
            (name) => before.get(name) !== now.get(name),
          ).length;
          most = Math.max(most, now.size);
          before = now;
        }
        // One write per change; besides, where there come to be twice as many slices, or half as many, one for each.
        expect(writes).toBeLessThanOrEqual(churn.length * 1.5 + 4 * most);
      }),
      { numRuns: 30 },
    );
  });

  it('carry all three conditions, no node name, and one source', () => {
    const [slice] = slicesOf([
      { address: '10.0.0.1', ports: [], ready: false, serving: true, terminating: true, pod: 'p', uid: 'u' },
    ]);
    expect(slice?.endpoints).toEqual([
      { addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true } },
    ]);
    expect(slice?.metadata.labels).toMatchObject({
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'mesh.skyflow.io',
      'multicluster.kubernetes.io/source-cluster': 'b',
    });
  });

  it('take no connections while the path is not proved', () => {
    const slices = slicesOf(fc.sample(endpoint, 20), false);
    const ready = slices.flatMap(({ endpoints }) => endpoints.filter(({ conditions }) => conditions['ready']));
    expect(ready).toEqual([]);
  });

  it('know the addresses that nobody may have', () => {
    const forbidden = [
      '0.0.0.0',
      '169.254.169.254',
      '224.0.0.1',
      '239.1.2.3',
      '255.255.255.255',
      '::',
      'fe80::1',
      'ff02::1',
    ];
    expect(forbidden.filter((address) => !isForbiddenAddress(address))).toEqual([]);
    expect(['10.0.0.1', '127.20.0.1', '192.168.1.1', 'fd00::1'].filter(isForbiddenAddress)).toEqual([]);
  });
});
