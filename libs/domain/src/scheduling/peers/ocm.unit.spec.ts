/**
 * After Open Cluster Management's test tables (`pkg/placement`: plugins/tainttoleration, plugins/predicate, plugins/balance, plugins/steady,
 * controllers/scheduling/schedule): worked out again by hand. Where SkyFlow decides otherwise on purpose, the case says so.
 */
import { describe, expect, it } from '@jest/globals';
import type { ClusterTaint, ClusterToleration, WorkloadPlacement } from '@skyflow/contracts';
import { workload } from '../testing/history.js';
import { apply, fleet, placed, resize } from './peer-fleet.js';

describe('OCM: taints and tolerations', () => {
  const key1: ClusterTaint = { key: 'key1', value: 'value1', effect: 'NoSchedule' };
  const bare: ClusterTaint = { key: 'key1', effect: 'NoSchedule' };
  const key2: ClusterTaint = { key: 'key2', value: 'value2', effect: 'NoSchedule' };
  const equal = (key: string, value?: string): ClusterToleration => ({
    ...{ key, operator: 'Equal' },
    ...(value !== undefined && { value }),
  });
  const exists = (key?: string): ClusterToleration => ({ operator: 'Exists', ...(key !== undefined && { key }) });

  it.each<[string, ClusterTaint[], ClusterToleration[], boolean]>([
    ['no toleration', [key1], [], false],
    ['key and value are equal', [key1], [equal('key1', 'value1')], true],
    ['another value', [key1], [equal('key1', 'value2')], false],
    ['another key', [key1], [equal('key2', 'value1')], false],
    ['no value is not any value', [key1], [equal('key1')], false],
    ['no value is the value of a taint without one', [bare], [equal('key1')], true],
    ['the key exists', [key1], [exists('key1')], true],
    ['another key exists', [key1], [exists('key2')], false],
    ['every key exists', [key1, key2], [exists()], true],
    ['each taint has its toleration', [key1, key2], [equal('key1', 'value1'), exists('key2')], true],
    ['one of two taints is not tolerated', [key1, key2], [exists('key1')], false],
    [
      'what is rather not used is used where there is nothing else',
      [{ ...key1, effect: 'PreferNoSchedule' }],
      [],
      true,
    ],
    ['a toleration of another effect', [key1], [{ ...exists('key1'), effect: 'NoExecute' }], false],
  ])('%s', (_title, taints, tolerations, isTaken) => {
    expect(placed(fleet({ m1: { cpus: 4, taints } }), 1, { tolerations })).toEqual(isTaken ? { m1: 1 } : {});
  });

  it('a taint that comes later lets what is there stay (NoSelectIfNew), unless it is NoExecute', () => {
    const history = fleet({ m1: 4 });
    expect(placed(history, 2, {})).toEqual({ m1: 2 });
    history.update({
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: 'm1', uid: 'uid-m1', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { manager: 'k8', taints: [key1] },
    });
    history.schedule();
    expect(history.placed(workload('job'))).toEqual({ m1: 2 });
  });
});

describe('OCM: so many clusters', () => {
  const clusters = (count: number): WorkloadPlacement => ({
    division: { type: 'Duplicated' },
    spreadConstraints: [{ topologyKey: 'cluster', minGroups: count, maxGroups: count }],
  });

  it('as asked, all of them get all replicas', () => {
    const found = placed(fleet({ m1: 4, m2: 4, m3: 4 }), 2, clusters(2));
    expect(Object.values(found)).toEqual([2, 2]);
  });

  it('fewer than asked: those there are, and the others are counted as missing', () => {
    const history = fleet({ m1: 4, m2: 4 });
    expect(placed(history, 1, clusters(4))).toEqual({ m1: 1, m2: 1 });
    expect(history.decisionOn(workload('job'))?.unplaced).toBe(2);
  });

  it('the one with the fewest others is taken (Balance)', () => {
    const history = fleet({ m1: 4, m2: 4, m3: 4 });
    for (const [name, cluster] of [
      ['other-1', 'm1'],
      ['other-2', 'm2'],
    ] as const)
      apply(history, { placement: { clusters: [cluster] } }, name);
    expect(placed(history, 1, {})).toEqual({ m3: 1 });
  });

  it('what is somewhere stays there, though another has fewer by now (Steady)', () => {
    const history = fleet({ m1: 4, m2: 4, m3: 4 });
    apply(history, { placement: { clusters: ['m1'] } }, 'other-1');
    apply(history, { placement: { clusters: ['m2'] } }, 'other-2');
    expect(placed(history, 1, {})).toEqual({ m3: 1 });
    apply(history, { replicas: 2, placement: { clusters: ['m3'] } }, 'other-3');
    resize(history, 'm1', 40);
    expect(apply(history, { replicas: 1 })).toEqual({ m3: 1 });
  });
});

describe('OCM: predicates', () => {
  const member = (labels: Record<string, string>, spec: Record<string, unknown> = {}) => ({ cpus: 4, labels, spec });
  const members = {
    dev: member({ env: 'dev' }, { provider: 'aws', region: 'eu-1' }),
    prod: member({ env: 'prod' }, { provider: 'aws', region: 'us-1' }),
    far: member({ env: 'prod' }, { provider: 'gcp', region: 'eu-1' }),
  };
  const one = (placement: WorkloadPlacement): string[] => Object.keys(placed(fleet(members), 3, placement)).sort();

  it.each<[string, WorkloadPlacement, string[]]>([
    ['a label', { clusterSelector: { matchLabels: { env: 'dev' } } }, ['dev']],
    [
      'a field (OCM: a claim)',
      { clusterSelector: { matchFields: [{ key: 'provider', operator: 'In', values: ['gcp'] }] } },
      ['far'],
    ],
    [
      'a label and a field: both',
      {
        clusterSelector: {
          matchLabels: { env: 'prod' },
          matchFields: [{ key: 'region', operator: 'In', values: ['us-1'] }],
        },
      },
      ['prod'],
    ],
    [
      'several terms: any of them',
      {
        clusterAffinity: {
          required: [
            { matchLabels: { env: 'dev' } },
            { matchFields: [{ key: 'provider', operator: 'In', values: ['gcp'] }] },
          ],
        },
      },
      ['dev', 'far'],
    ],
    [
      'an expression',
      { clusterSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod'] }] } },
      ['dev'],
    ],
  ])('%s', (_title, placement, expected) => {
    expect(one(placement)).toEqual(expected);
  });
});
