import { describe, expect, it } from '@jest/globals';
import type { Workload } from '../api/objects.js';
import { type SortColumn, comparison, matcher } from './workload-rows.js';

const workload = (
  name: string,
  more: { namespace?: string; labels?: object; phase?: string; ready?: number; cluster?: string } = {},
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
    status: {
      phase: more.phase ?? 'RUNNING',
      replicas: 2,
      ready: more.ready ?? 2,
      succeeded: 0,
      clusters: [{ cluster: more.cluster ?? 'west' }],
    },
  }) as unknown as Workload;
const names = (workloads: readonly Workload[]): string[] => workloads.map(({ metadata }) => metadata.name);
const ANY = { text: '', namespace: '', phase: '' };

describe('the table of workloads', () => {
  const all = [
    workload('web', { labels: { app: 'web', tier: 'gold' }, cluster: 'east' }),
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
    [{ cluster: 'east' }, ['web']],
  ])('shows of all, for %j, %j', (choice, expected) => {
    expect(names(all.filter(matcher({ ...ANY, ...choice })))).toEqual(expected);
  });

  it('is sorted as asked', () => {
    const by = (column: SortColumn, descending = false): string[] =>
      names(all.toSorted(comparison({ column, descending })));
    expect(by('name')).toEqual(['train', 'web', 'webhook']);
    expect(by('ready')).toEqual(['train', 'webhook', 'web']);
    expect(by('ready', true)).toEqual(['web', 'webhook', 'train']);
    expect(by('namespace')).toEqual(['web', 'webhook', 'train']);
    expect(by('age')).toEqual(['webhook', 'web', 'train']);
  });
});
