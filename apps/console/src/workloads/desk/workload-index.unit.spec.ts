import { describe, expect, it } from '@jest/globals';
import type { ApiObject } from '@skyflow/contracts';
import fc from 'fast-check';
import type { Workload } from '../../api/objects.js';
import { type SortColumn, comparison, matcher, phaseOf } from '../workload-rows.js';
import { WorkloadIndex } from './workload-index.js';

const job = (name: string, phase: string, ready: number, namespace = 'default'): ApiObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: '1', creationTimestamp: `t${name}` },
  status: { phase, replicas: 2, ready, succeeded: 0, placed: 2, clusters: [] },
});
const names = (rows: Iterable<Workload>): string[] => [...rows].map(({ metadata }) => metadata.name);
const ANY = { text: '', namespace: '', phase: '' };
const BY_NAME = { column: 'name' as const, descending: false };

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const namespace = fc.constantFrom('default', 'team');
const told = fc.tuple(name, namespace, fc.constantFrom('RUNNING', 'PENDING'), fc.nat(2));
const step = fc.oneof(
  { weight: 5, arbitrary: told.map(([n, ns, phase, ready]) => ({ put: job(n, phase, ready, ns) })) },
  { weight: 2, arbitrary: fc.tuple(name, namespace).map(([n, ns]) => ({ gone: job(n, 'RUNNING', 0, ns) })) },
  fc.constant('begin again' as const),
  fc.constant('synced' as const),
  fc.constant('look' as const),
);

describe('the index of workloads', () => {
  it('has, after any changes, the rows and counts that one would get by beginning anew', () => {
    const choice = fc.record({
      text: fc.constantFrom('', 'a'),
      namespace: fc.constantFrom('', 'team'),
      phase: fc.constantFrom('', 'RUNNING'),
    });
    const column = fc.constantFrom<SortColumn>('name', 'namespace', 'kind', 'phase', 'ready', 'age');
    fc.assert(
      fc.property(fc.array(step), choice, column, fc.boolean(), (steps, chosen, by, descending) => {
        const order = { column: by, descending };
        const index = new WorkloadIndex();
        const view = index.view(chosen, order);
        for (const each of steps) {
          if (each === 'begin again') index.beginAgain('jobs');
          else if (each === 'synced') index.synced('jobs');
          else if (each === 'look') view.rows();
          else if ('put' in each) index.apply({ resource: 'jobs', type: 'MODIFIED', object: each.put });
          else index.apply({ resource: 'jobs', type: 'DELETED', object: each.gone });
        }
        const all = [...index.all()];
        expect(view.rows()).toEqual(all.filter(matcher(chosen)).sort(comparison(order)));
        const phases = new Map<string, number>();
        for (const each of all) phases.set(phaseOf(each), (phases.get(phaseOf(each)) ?? 0) + 1);
        expect(new Map(index.phases())).toEqual(phases);
        expect(index.namespaces()).toEqual([...new Set(all.map(({ metadata }) => metadata.namespace))].sort());
      }),
      { numRuns: 500 },
    );
  });

  it('loses what went while nobody listened, once all is told anew', () => {
    const index = new WorkloadIndex();
    const tell = (...told: string[]): void => {
      for (const each of told) index.apply({ resource: 'jobs', type: 'ADDED', object: job(each, 'RUNNING', 2) });
    };
    const rows = index.view(ANY, BY_NAME);
    index.beginAgain('jobs');
    tell('a', 'b', 'c');
    expect(index.isComplete(['jobs'])).toBe(false);
    index.synced('jobs');
    expect([index.isComplete(['jobs']), index.isComplete(['jobs', 'deployments'])]).toEqual([true, false]);
    index.beginAgain('jobs');
    tell('a', 'c', 'd');
    // Until all is told, what was there may still be.
    expect(names(rows.rows())).toEqual(['a', 'b', 'c', 'd']);
    index.synced('jobs');
    expect(names(rows.rows())).toEqual(['a', 'c', 'd']);
  });

  it('gives the same list again when nothing of it changed', () => {
    const index = new WorkloadIndex();
    const view = index.view({ ...ANY, phase: 'RUNNING' }, BY_NAME);
    index.apply({ resource: 'jobs', type: 'ADDED', object: job('a', 'RUNNING', 2) });
    const before = view.rows();
    index.apply({ resource: 'jobs', type: 'ADDED', object: job('b', 'PENDING', 2) });
    expect(view.rows()).toBe(before);
  });
});
