import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ApiObject } from '@skyflow/contracts';
import { ObjectStore } from './object-store.js';

const job = (name: string, version = '1'): ApiObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: {
    name,
    namespace: 'default',
    uid: name,
    resourceVersion: version,
    creationTimestamp: '',
    managedFields: [],
  },
  spec: { replicas: 2, queue: 'q', template: { spec: { containers: [] } } },
});
const names = (store: ObjectStore): string[] => store.list('jobs').map(({ metadata }) => metadata.name);

describe('what is known of the fleet', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is shown together, a few times a second', () => {
    const store = new ObjectStore();
    let shown = 0;
    store.subscribe(() => shown++);
    for (let index = 0; index < 1_000; index++) {
      store.apply({ resource: 'jobs', type: 'ADDED', object: job(`j${index}`) });
    }
    expect([shown, names(store).length]).toEqual([0, 0]);
    jest.advanceTimersByTime(1_000);
    expect([shown, names(store).length]).toEqual([1, 1_000]);
    const before = store.list('jobs');
    store.apply({ resource: 'clusters', type: 'ADDED', object: { ...job('c'), kind: 'Cluster' } });
    jest.advanceTimersByTime(1_000);
    expect(store.list('jobs')).toBe(before);
  });

  it('keeps of workloads only what lists show', () => {
    const store = new ObjectStore();
    store.apply({ resource: 'jobs', type: 'ADDED', object: job('a') });
    expect(store.get('jobs', 'default', 'a')?.spec).toEqual({ replicas: 2, queue: 'q' });
    expect(store.get('jobs', 'default', 'a')?.metadata.managedFields).toBeUndefined();
  });

  it('loses what went while nobody listened, and nothing else', () => {
    const store = new ObjectStore();
    for (const name of ['a', 'b', 'c']) store.apply({ resource: 'jobs', type: 'ADDED', object: job(name) });
    store.synced('jobs');
    jest.advanceTimersByTime(1_000);
    store.beginAgain('jobs');
    for (const name of ['a', 'c', 'd']) store.apply({ resource: 'jobs', type: 'ADDED', object: job(name, '2') });
    jest.advanceTimersByTime(1_000);
    // Until all is told, what was there may still be.
    expect(names(store)).toEqual(['a', 'b', 'c', 'd']);
    store.synced('jobs');
    jest.advanceTimersByTime(1_000);
    expect(names(store)).toEqual(['a', 'c', 'd']);
    store.apply({ resource: 'jobs', type: 'DELETED', object: job('a') });
    jest.advanceTimersByTime(1_000);
    expect(names(store)).toEqual(['c', 'd']);
  });
});
