import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Service } from '../model/workloads.js';
import { type EndpointSlice, proxyRules } from './proxy-rules.js';

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '127.216.0.10', ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }], ...spec },
});

type Conditions = { ready?: boolean; serving?: boolean; terminating?: boolean };

const slice = (endpoints: [string, Conditions?][], port = 8080, name = ''): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'any', namespace: 'default' },
  addressType: 'IPv4',
  endpoints: endpoints.map(([address, conditions]) => ({
    addresses: [address],
    ...(conditions === undefined ? {} : { conditions }),
  })),
  ports: [{ name, port, protocol: 'TCP' }],
});

const endpoints = (slices: EndpointSlice[], of = service()): readonly string[] | undefined =>
  proxyRules(of, slices, '127.0.0.1')[0]?.endpoints;

describe('proxy rules', () => {
  it('balance over all slices of the service, whoever made them, each address and port once', () => {
    const own = slice([['10.0.0.1'], ['10.0.0.2', { ready: true }]]);
    const foreign = slice([['10.0.0.2'], ['10.9.0.1']]);
    expect(endpoints([own, foreign])).toEqual(['10.0.0.1:8080', '10.0.0.2:8080', '10.9.0.1:8080']);
  });

  it('tell endpoints at one address apart by the port of their slice', () => {
    expect(endpoints([slice([['10.0.0.1']], 40_001), slice([['10.0.0.1']], 40_002)])).toEqual([
      '10.0.0.1:40001',
      '10.0.0.1:40002',
    ]);
  });

  it('join slices by the name of the port, not by its number', () => {
    const named = service({ ports: [{ name: 'http', port: 80 }] });
    expect(endpoints([slice([['10.0.0.1']], 8080, 'http'), slice([['10.0.0.2']])], named)).toEqual(['10.0.0.1:8080']);
  });

  it('use endpoints that end only when nothing is ready', () => {
    const ending = { ready: false, serving: true, terminating: true };
    expect(endpoints([slice([['10.0.0.1', ending], ['10.0.0.2']])])).toEqual(['10.0.0.2:8080']);
    expect(
      endpoints([
        slice([
          ['10.0.0.1', ending],
          ['10.0.0.2', { ready: false }],
        ]),
      ]),
    ).toEqual(['10.0.0.1:8080']);
    expect(endpoints([slice([['10.0.0.1', { ready: false, serving: false, terminating: true }]])])).toEqual([]);
  });

  it('listen at the cluster IP and at node ports, and not at all for headless and external services', () => {
    const ports = [{ port: 80, nodePort: 30_080 }];
    expect(proxyRules(service({ type: 'NodePort', ports }), [], '127.0.0.1')).toMatchObject([
      { address: '127.216.0.10', number: 80 },
      { address: '127.0.0.1', number: 30_080 },
    ]);
    expect(proxyRules(service({ clusterIP: 'None' }), [], '127.0.0.1')).toEqual([]);
    expect(proxyRules(service({ type: 'ExternalName', externalName: 'x.test' }), [], '127.0.0.1')).toEqual([]);
  });

  it('carry the time of a session affinity', () => {
    const [rule] = proxyRules(service({ sessionAffinity: 'ClientIP' }), [], '127.0.0.1');
    expect(rule?.affinityMs).toBe(10_800_000);
  });

  it('do not depend on the order or the grouping of slices', () => {
    const conditions = fc.record({ ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() });
    const one = fc.tuple(fc.integer({ min: 1, max: 9 }), conditions);
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ([host]) => host }), fc.nat(), (list, at) => {
        const all = list.map(([host, each]): [string, Conditions] => [`10.0.0.${host}`, each]);
        const cut = at % (all.length + 1);
        const apart = [slice(all.slice(cut)), slice(all.slice(0, cut))];
        expect(endpoints(apart)).toEqual(endpoints([slice(all)]));
      }),
    );
  });
});
