import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '@skyflow/contracts';
import { fleetAmounts, fleetGroups, isMeant } from './fleet-groups.js';

const metadata = (name: string, labels?: Record<string, string>): Cluster['metadata'] => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(labels === undefined ? {} : { labels }),
});
const cluster = (name: string, spec: object = {}, labels?: Record<string, string>): Cluster => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Cluster',
  metadata: metadata(name, labels),
  spec: { manager: 'k8', ...spec },
});

describe('the fleet', () => {
  it('is grouped by provider and region, from the spec or else from labels; those without come last', () => {
    const groups = fleetGroups([
      cluster('z'),
      cluster('b', { provider: 'aws', region: 'eu' }),
      cluster('c', {}, { 'skyflow.io/provider': 'aws', 'topology.kubernetes.io/region': 'ap' }),
      cluster('a', { provider: 'aws', region: 'eu' }),
    ]);
    expect(
      groups.map(({ provider, region, clusters }) => [provider, region, clusters.map((c) => c.metadata.name)]),
    ).toEqual([
      ['aws', 'ap', ['c']],
      ['aws', 'eu', ['a', 'b']],
      ['', '', ['z']],
    ]);
  });

  it.each([
    ['', true],
    ['eu', true],
    ['EU-1', true],
    ['tier=gold', true],
    ['tier=go', false],
    ['gold', true],
    ['eu phase:init', true],
    ['eu phase:ready', false],
    ['us', false],
  ])('filtered by "%s": %s', (text, expected) => {
    expect(isMeant(text, cluster('eu-1', {}, { tier: 'gold' }))).toBe(expected);
  });

  it('has room, together, the well-known resources first', () => {
    const status = (cpu: number, free: number): Partial<Cluster> => ({
      status: {
        phase: 'READY',
        allocatable: { memory: 1024, cpu, 'x/y': 0 },
        free: { cpu: free },
        nodes: [],
        conditions: [],
      },
    });
    const clusters = [
      { ...cluster('a'), ...status(4000, 1000) },
      { ...cluster('b'), ...status(2000, 2000) },
      cluster('c'),
    ];
    expect(fleetAmounts(clusters)).toEqual([
      { resource: 'cpu', used: 3000, total: 6000 },
      { resource: 'memory', used: 2048, total: 2048 },
    ]);
  });
});
