import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Workload } from '../api/objects.js';
import { type SortColumn, chosen, namespacesOf, ordered, phasesOf } from './workload-rows.js';

const workload = (
  name: string,
  more: { namespace?: string; labels?: object; phase?: string; ready?: number } = {},
): Workload =>
  ({
    kind: 'Job',
    metadata: {
      name,
      namespace: more.namespace ?? 'default',
      uid: name,
      labels: more.labels,
      creationTimestamp: `t${name}`,
    },
    spec: { replicas: 2 },
    status: { phase: more.phase ?? 'RUNNING', replicas: 2, ready: more.ready ?? 2, succeeded: 0 },
  }) as unknown as Workload;
const names = (workloads: readonly Workload[]): string[] => workloads.map(({ metadata }) => metadata.name);
const ANY = { text: '', namespace: '', phase: '' };

describe('the table of workloads', () => {
  const all = [
    workload('web', { labels: { app: 'web', tier: 'gold' } }),
    workload('train', { namespace: 'ml', phase: 'PENDING', ready: 0 }),
    workload('webhook', { labels: { app: 'hook' }, ready: 1 }),
  ];

  it.each([
    [{}, ['web', 'train', 'webhook']],
    [{ text: 'WEB' }, ['web', 'webhook']],
    [{ text: 'app=web' }, ['web']],
    [{ text: 'app=we' }, []],
    [{ text: 'web hook' }, ['webhook']],
    [{ text: 'gold' }, ['web']],
    [{ namespace: 'ml' }, ['train']],
    [{ phase: 'RUNNING' }, ['web', 'webhook']],
  ])('shows of all, for %j, %j', (choice, expected) => {
    expect(names(chosen(all, { ...ANY, ...choice }))).toEqual(expected);
  });

  it('says what there is to choose from', () => {
    expect(namespacesOf(all)).toEqual(['default', 'ml']);
    expect([...phasesOf(all)]).toEqual([
      ['PENDING', 1],
      ['RUNNING', 2],
    ]);
  });

  it('is sorted as asked', () => {
    const by = (column: SortColumn, descending = false): string[] => names(ordered(all, { column, descending }));
    expect(by('name')).toEqual(['train', 'web', 'webhook']);
    expect(by('ready')).toEqual(['train', 'webhook', 'web']);
    expect(by('ready', true)).toEqual(['web', 'webhook', 'train']);
    expect(by('namespace')).toEqual(['web', 'webhook', 'train']);
    expect(by('age')).toEqual(['webhook', 'web', 'train']);
  });

  it('has the same order, whatever order was before', () => {
    const row = fc
      .tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.constantFrom('RUNNING', 'PENDING'), fc.nat(2))
      .map(([name, phase, ready]) => workload(name, { phase, ready }));
    const rows = fc.uniqueArray(row, { selector: ({ metadata }) => metadata.name });
    const column = fc.constantFrom<SortColumn>('name', 'namespace', 'kind', 'phase', 'ready', 'age');
    fc.assert(
      fc.property(rows, rows, column, fc.boolean(), (now, before, by, descending) => {
        const order = { column: by, descending };
        expect(ordered(now, order, before)).toEqual(ordered(now, order));
      }),
    );
  });
});
