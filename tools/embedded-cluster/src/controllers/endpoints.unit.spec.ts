import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Service } from '../model/workloads.js';
import { pod, ready, Simulation } from '../testing/simulation.js';
import { reconcileEndpoints } from './endpoints.js';

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
};

interface Endpoint {
  addresses: string[];
  conditions: { ready: boolean; terminating: boolean };
}

function sync(simulation: Simulation): Endpoint[] {
  simulation.apply(reconcileEndpoints(simulation.view, 'default', 'web').writes);
  const [slice] = simulation.state.list('EndpointSlice', 'default');
  return (slice?.['endpoints'] ?? []) as Endpoint[];
}

describe('endpoint slices', () => {
  it('list as ready exactly the ready pods that the selector matches', () => {
    const state = fc.record({
      matches: fc.boolean(),
      running: fc.boolean(),
      ready: fc.boolean(),
      deleting: fc.boolean(),
    });
    const property = fc.property(fc.array(state, { maxLength: 12 }), (states) => {
      const simulation = new Simulation();
      simulation.add(service);
      const expected: string[] = [];
      for (const [at, each] of states.entries()) {
        const podIP = `10.244.0.${at + 1}`;
        const made = simulation.add({
          ...pod(`p${at}`, {}),
          metadata: {
            name: `p${at}`,
            namespace: 'default',
            labels: { app: each.matches ? 'web' : 'other' },
            ...(each.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
          },
        });
        const status = each.ready ? { ...ready(0), podIP } : { phase: 'Running' as const, podIP };
        if (each.running) simulation.setPod(made as never, status);
        if (each.matches && each.running && each.ready && !each.deleting) expected.push(podIP);
      }
      const endpoints = sync(simulation);
      const listed = endpoints.filter(({ conditions }) => conditions.ready).flatMap(({ addresses }) => addresses);
      expect(listed.sort()).toEqual(expected.sort());
      expect(reconcileEndpoints(simulation.view, 'default', 'web').writes).toEqual([]);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('resolve a target port by name and show the same in the Endpoints object', () => {
    const simulation = new Simulation();
    simulation.add(service);
    const made = simulation.add({
      ...pod('a', {}, { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }] }),
      metadata: { name: 'a', namespace: 'default', labels: { app: 'web' } },
    });
    simulation.setPod(made as never, ready(0));
    sync(simulation);
    const [slice] = simulation.state.list('EndpointSlice', 'default');
    expect(slice?.['ports']).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    const [endpoints] = simulation.state.list('Endpoints', 'default');
    expect(endpoints?.['subsets']).toMatchObject([
      { addresses: [{ ip: '10.244.0.9' }], ports: [{ port: 8080, protocol: 'TCP' }] },
    ]);
  });

  it('leave a service without a selector alone', () => {
    const simulation = new Simulation();
    simulation.add({ ...service, spec: { ports: [] } });
    expect(reconcileEndpoints(simulation.view, 'default', 'web').writes).toEqual([]);
  });
});
