import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Cluster } from '@skyflow/contracts';
import { type ClusterState, ClusterStates, withStates } from './cluster-states.js';

const cluster = (name: string): Cluster =>
  ({
    apiVersion: 'skyflow.io/v1',
    kind: 'Cluster',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { manager: 'k8' },
    status: { phase: 'READY', message: 'of before', allocatable: { cpu: 4 }, free: { cpu: 4 } },
  }) as unknown as Cluster;
const state = (name: string, more: Partial<ClusterState> = {}): ClusterState => ({
  name,
  uid: name,
  phase: 'READY',
  nodes: 2,
  readyNodes: 1,
  allocatable: { cpu: 4 },
  free: { cpu: 1 },
  ...more,
});
const states = (...all: ClusterState[]): Map<string, ClusterState> => new Map(all.map((each) => [each.uid, each]));

describe('clusters with how they are', () => {
  it('are as they were told, with what was asked of them; the others stay the same objects', () => {
    const [a, b] = [cluster('a'), cluster('b')];
    const first = withStates([a, b], states(state('a')), new Map());
    expect(first.get('a')?.shown).toMatchObject({ status: { free: { cpu: 1 } }, nodeCounts: { ready: 1, all: 2 } });
    expect(first.get('a')?.shown.status?.message).toBeUndefined();
    expect(first.get('b')?.shown).toBe(b);
    const next = withStates([a, b], states(state('a'), state('b', { phase: 'SUSPECT', message: 'silent' })), first);
    expect(next.get('a')?.shown).toBe(first.get('a')?.shown);
    expect(next.get('b')?.shown.status).toMatchObject({ phase: 'SUSPECT', message: 'silent' });
    expect([...withStates([b], states(), next).keys()]).toEqual(['b']);
  });
});

describe('the states of clusters', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('are asked for while somebody looks, so long after each answer, and once a time', async () => {
    let asked = 0;
    let answer: (body: unknown) => void = () => undefined;
    const known = new ClusterStates({
      json: <T>() => {
        asked += 1;
        return new Promise<T>((resolve) => (answer = resolve as typeof answer));
      },
    });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(0);
    const leave = known.subscribe(() => undefined);
    await jest.advanceTimersByTimeAsync(10_000);
    // Slow: it is not asked faster than it answers.
    expect(asked).toBe(1);
    answer({ items: [state('a')] });
    await jest.advanceTimersByTimeAsync(3_000);
    expect([asked, [...known.now().keys()]]).toEqual([2, ['a']]);
    leave();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(2);
  });
});
