/**
 * After kube-scheduler's test tables (`pkg/scheduler/framework/plugins`: podtopologyspread, noderesources, nodeaffinity, tainttoleration,
 * queuesort): worked out again by hand, its nodes as our clusters where a rule is about clusters, as nodes where it is about nodes.
 */
import { describe, expect, it } from '@jest/globals';
import type { NodeObservation } from '@skyflow/contracts';
import { History, node, priorityClass, queue, workload } from '../testing/history.js';
import { type Member, apply, fleet, rest, resize } from './peer-fleet.js';

describe('kube-scheduler: spread over topology', () => {
  /** Replicas of one job are there already, by cluster; then there is room everywhere. */
  function spreadAs(counts: Record<string, number>, zones: Record<string, string> = {}): History {
    const members = Object.entries(counts).map(([name, cpus]): [string, Member] => [
      name,
      { cpus, ...(zones[name] && { spec: { zone: zones[name] } }) },
    ]);
    const history = fleet(Object.fromEntries(members));
    apply(history, { replicas: Object.values(counts).reduce((sum, count) => sum + count, 0) });
    expect(history.placed(workload('job'))).toEqual(
      Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    );
    for (const name of Object.keys(counts)) resize(history, name, 50);
    return history;
  }
  /** Where the next replica goes under a constraint. */
  function next(history: History, constraint: { topologyKey: string; maxSkew?: number; minGroups?: number }): string[] {
    const before = history.placed(workload('job'));
    const replicas = Object.values(before).reduce((sum, count) => sum + count, 0) + 1;
    const after = apply(history, { replicas, placement: { spreadConstraints: [constraint] } });
    return Object.keys(after).filter((name) => (after[name] ?? 0) > (before[name] ?? 0));
  }

  it.each<[string, Record<string, number>, number, RegExp]>([
    ['2/1/0/3 and a skew of 1: only the empty one', { a: 2, b: 1, x: 0, y: 3 }, 1, /^x$/],
    ['2/1/0/3 and a skew of 2: the empty one or the one with one', { a: 2, b: 1, x: 0, y: 3 }, 2, /^[bx]$/],
    ['3/3: any', { a: 3, x: 3 }, 1, /^[ax]$/],
  ])('%s', (_title, counts, maxSkew, expected) => {
    expect(next(spreadAs(counts), { topologyKey: 'cluster', maxSkew })).toEqual([expect.stringMatching(expected)]);
  });

  it('zones 3/3: any cluster of them', () => {
    const zones = { a: '1', b: '1', x: '2', y: '2' };
    expect(next(spreadAs({ a: 2, b: 1, x: 0, y: 3 }, zones), { topologyKey: 'zone', maxSkew: 1 })).toHaveLength(1);
  });

  it('a cluster without the label gets nothing, and does not count; what was there goes elsewhere, as the edit excludes it', () => {
    const zones = { a: '1', x: '2', y: '2' };
    expect(next(spreadAs({ a: 1, b: 1, x: 1, y: 1 }, zones), { topologyKey: 'zone', maxSkew: 1 })).toEqual(['a', 'x']);
  });

  it('no cluster has the label: nothing is placed', () => {
    const history = fleet({ a: 4, x: 4 });
    expect(apply(history, { placement: { spreadConstraints: [{ topologyKey: 'rack', maxSkew: 1 }] } })).toEqual({});
  });

  it('fewer groups than there must be: the next goes to a new one (minDomains)', () => {
    const history = spreadAs({ a: 2, b: 2, x: 0 });
    expect(next(history, { topologyKey: 'cluster', minGroups: 3 })).toEqual(['x']);
  });
});

describe('kube-scheduler: what fits a node', () => {
  /** Whether a pod spec fits the only node, of 10 CPUs and 20 bytes of memory less 5 and 5 that others have. */
  function fits(
    podSpec: Record<string, unknown>,
    more: Partial<NodeObservation> & { size?: Record<string, number> } = {},
  ): boolean {
    const { size = {}, ...traits } = more;
    const history = new History();
    history.startEpoch();
    const allocatable = { cpu: 10_000, memory: 20, pods: 32, 'example.com/aaa': 5, 'ephemeral-storage': 20, ...size };
    history.cluster('m1', [
      node('m1-1', allocatable, { requestedByOthers: { cpu: 5_000, memory: 5, pods: 1 }, ...traits }),
    ]);
    return Object.keys(apply(history, { podSpec, requests: {} })).length > 0;
  }
  const asks = (requests: Record<string, string>): Record<string, unknown> => ({
    name: 'main',
    image: 'i',
    resources: { requests },
  });
  const pod = (requests: Record<string, string>, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    containers: [asks(requests)],
    ...more,
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ['nothing asked for', pod({}), true],
    ['too much', pod({ cpu: '6', memory: '1' }), false],
    ['both fit', pod({ cpu: '4', memory: '10' }), true],
    ['one of two does not', pod({ cpu: '4', memory: '16' }), false],
    ['to the last', pod({ cpu: '5', memory: '15' }), true],
    ['too much for an init container', pod({ cpu: '1' }, { initContainers: [asks({ cpu: '6' })] }), false],
    [
      'init containers one after the other: the largest counts',
      pod({ cpu: '1' }, { initContainers: [asks({ cpu: '4' }), asks({ cpu: '5' })] }),
      true,
    ],
    [
      'sidecars run beside the others',
      pod({ cpu: '3' }, { initContainers: [{ ...asks({ cpu: '3' }), restartPolicy: 'Always' }] }),
      false,
    ],
    ['with overhead, still', pod({ cpu: '4' }, { overhead: { cpu: '1' } }), true],
    ['with overhead no more', pod({ cpu: '4' }, { overhead: { cpu: '2' } }), false],
    ['an extended resource', pod({ 'example.com/aaa': '5' }), true],
    ['more of it than there is', pod({ 'example.com/aaa': '6' }), false],
    ['one that no node has', pod({ 'example.com/bbb': '1' }), false],
    ['one of which none is asked for', pod({ 'example.com/bbb': '0' }), true],
    ['ephemeral storage', pod({ 'ephemeral-storage': '20' }), true],
    ['too much of it', pod({ 'ephemeral-storage': '21' }), false],
  ])('%s', (_title, podSpec, expected) => {
    expect(fits(podSpec)).toBe(expected);
  });

  it('no pod more, whatever else is free', () => {
    expect(fits(pod({}), { size: { pods: 1 } })).toBe(false);
  });

  const NODE = { labels: { zone: 'z1', cpus: '8' } };
  const affine = (...terms: object[]): Record<string, unknown> => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
  });
  const expression = (key: string, operator: string, ...values: string[]): object => ({
    matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ['a selector that the node has', { nodeSelector: { zone: 'z1' } }, true],
    ['one that it has in part', { nodeSelector: { zone: 'z1', disk: 'ssd' } }, false],
    ['In', affine(expression('zone', 'In', 'z1', 'z2')), true],
    ['NotIn', affine(expression('zone', 'NotIn', 'z1')), false],
    ['Gt', affine(expression('cpus', 'Gt', '7')), true],
    ['Lt', affine(expression('cpus', 'Lt', '8')), false],
    ['Exists', affine(expression('zone', 'Exists')), true],
    ['DoesNotExist', affine(expression('zone', 'DoesNotExist')), false],
    ['an empty term matches nothing', affine({}), false],
    ['several terms: any', affine(expression('zone', 'In', 'no'), expression('cpus', 'Exists')), true],
    [
      'several expressions: all',
      affine({
        matchExpressions: [
          { key: 'zone', operator: 'Exists' },
          { key: 'disk', operator: 'Exists' },
        ],
      }),
      false,
    ],
    ['a field', affine({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m1-1'] }] }), true],
    [
      'a field and an expression in one term: both',
      affine({
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m1-1'] }],
        matchExpressions: [{ key: 'disk', operator: 'Exists' }],
      }),
      false,
    ],
    ['selector and affinity: both', { nodeSelector: { zone: 'z1' }, ...affine(expression('zone', 'In', 'z2')) }, false],
  ])('node affinity: %s', (_title, more, expected) => {
    expect(fits(pod({}, more), NODE)).toBe(expected);
  });
});

describe('kube-scheduler: taints that are rather not tolerated', () => {
  const soft = { key: 'k', value: 'v', effect: 'PreferNoSchedule' as const };

  it.each([
    ['the one without is taken', [], /^free$/],
    ['tolerated: all the same', [{ key: 'k', operator: 'Equal' as const, value: 'v' }], /^(free|tainted)$/],
  ])('%s', (_title, tolerations, expected) => {
    const history = fleet({ free: 4, tainted: { cpus: 4, taints: [soft] } });
    expect(Object.keys(apply(history, { placement: { tolerations } }))).toEqual([expect.stringMatching(expected)]);
  });
});

describe('kube-scheduler: who is first', () => {
  it.each([
    ['the higher priority', ['low', 'high'], 'second'],
    ['of equal ones the older', ['high', 'high'], 'first'],
  ])('%s', (_title, [first, second], expected) => {
    const history = fleet({ m1: 1 });
    history.create(priorityClass('low', 1), priorityClass('high', 2), queue('q'));
    const job = (name: string, priority: string) =>
      workload(name, { requests: { cpu: '1' }, priority, spec: { queue: 'q' } });
    history.create(job('first', first ?? ''), job('second', second ?? ''));
    rest(history);
    expect(Object.keys(history.placed(workload(expected)))).toEqual(['m1']);
  });
});
