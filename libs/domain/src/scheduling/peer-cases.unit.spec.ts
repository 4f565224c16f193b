/**
 * What the peers' own test tables say should happen, worked out again by hand with our words and our clusters. Read for it: Karmada
 * `pkg/scheduler/core/division_algorithm_test.go` and `spreadconstraint/select_clusters_test.go`, OCM
 * `pkg/placement/plugins/tainttoleration`, Armada `internal/scheduler/scheduling/gang_scheduler_test.go`, Kueue
 * `pkg/scheduler/preemption/preemption_fair_test.go`. Where SkyFlow decides otherwise on purpose, the case says so.
 */
import { describe, expect, it } from '@jest/globals';
import type { ClusterTaint, ClusterToleration, StoredObject, WorkloadPlacement } from '@skyflow/contracts';
import { Reason } from './reasons.js';
import { History, node, priorityClass, queue, workload } from './testing/history.js';

/** Clusters of one node each, by CPUs. */
function fleet(cpus: Record<string, number>, taints: Record<string, ClusterTaint[]> = {}): History {
  const history = new History();
  history.startEpoch();
  for (const [name, count] of Object.entries(cpus)) {
    const spec = taints[name] === undefined ? {} : { taints: taints[name] };
    history.cluster(name, [node(`${name}-1`, { cpu: 1_000 * count, pods: 1_000 })], {}, spec);
  }
  return history;
}

function placed(history: History, replicas: number, placement: WorkloadPlacement): Record<string, number> {
  const job = workload('job', { replicas, requests: { cpu: '1' }, placement });
  history.create(job);
  history.schedule();
  return history.placed(job);
}

describe('Karmada: division', () => {
  const weighted = (weights: Record<string, number>): WorkloadPlacement => ({
    division: {
      type: 'StaticWeights',
      weights: Object.entries(weights).map(([name, weight]) => ({ clusters: [name], weight })),
    },
  });
  const wide = { m1: 100, m2: 100, m3: 100 };

  it.each([
    ['weights that divide the replicas give each its part', { m1: 3, m2: 2, m3: 1 }, 18, { m1: 9, m2: 6, m3: 3 }],
    ['equal weights give equal parts', { m1: 1, m2: 1, m3: 1 }, 12, { m1: 4, m2: 4, m3: 4 }],
    // Karmada gives all of the rest to the greatest weight (8, 4, 2); here it goes where it is due next (Sainte-Laguë).
    ['what is left over goes to whom most is owed', { m1: 3, m2: 2, m3: 1 }, 14, { m1: 7, m2: 5, m3: 2 }],
    ['a cluster without a weight gets nothing', { m1: 1, m2: 1 }, 6, { m1: 3, m2: 3 }],
  ])('%s', (_title, weights, replicas, expected) => {
    expect(placed(fleet(wide), replicas, weighted(weights as Record<string, number>))).toEqual(expected);
  });

  it.each([
    ['by what fits', { m1: 18, m2: 12, m3: 6 }, 12, { m1: 6, m2: 4, m3: 2 }],
    ['by what fits, the middle one is the largest', { m1: 6, m2: 12, m3: 6 }, 12, { m1: 3, m2: 6, m3: 3 }],
    ['by what fits, as pods count', { m1: 6, m2: 8, m3: 10 }, 12, { m1: 3, m2: 4, m3: 5 }],
  ])('dynamic weights divide %s', (_title, cpus, replicas, expected) => {
    expect(placed(fleet(cpus), replicas, { division: { type: 'DynamicWeights' } })).toEqual(expected);
  });

  it('with less room than replicas Karmada places nothing; here what fits is placed, and nothing when that is asked for', () => {
    const cpus = { m1: 3, m2: 3, m3: 3 };
    const division = { type: 'DynamicWeights' as const };
    expect(placed(fleet(cpus), 12, { division })).toEqual(cpus);
    expect(placed(fleet(cpus), 12, { division, allOrNothing: true })).toEqual({});
  });

  it.each([
    ['on the one cluster that takes all', { m1: 6, m2: 12, m3: 6 }, 12, { m2: 12 }],
    ['on two where none takes all', { m1: 6, m2: 6, m3: 6 }, 12, 2],
    ['on all three where two do not suffice', { m1: 6, m2: 6, m3: 6 }, 18, { m1: 6, m2: 6, m3: 6 }],
  ])('aggregated is %s', (_title, cpus, replicas, expected) => {
    const found = placed(fleet(cpus), replicas, { division: { type: 'Aggregated' } });
    if (typeof expected === 'number') expect(Object.keys(found)).toHaveLength(expected);
    else expect(found).toEqual(expected);
  });

  it('of at most two clusters those are taken that have room for all replicas together', () => {
    const spreadConstraints = [{ topologyKey: 'cluster', maxGroups: 2 }];
    const found = placed(fleet({ m1: 40, m2: 60, m3: 80, m4: 50 }), 130, { spreadConstraints });
    expect(Object.keys(found)).toEqual(['m3', expect.stringMatching(/^m[24]$/)].sort());
    expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(130);
  });

  it('more groups than there are clusters cannot be had', () => {
    const spreadConstraints = [{ topologyKey: 'cluster', minGroups: 7, maxGroups: 7 }];
    const found = placed(fleet({ m1: 40, m2: 40 }), 30, { spreadConstraints });
    // One each: no group gets a second before seven have one.
    expect(found).toEqual({ m1: 1, m2: 1 });
  });
});

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
    expect(placed(fleet({ m1: 4 }, { m1: taints }), 1, { tolerations })).toEqual(isTaken ? { m1: 1 } : {});
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

describe('Armada: gangs', () => {
  const gang = (name: string, size: number): StoredObject =>
    workload(name, { replicas: size, requests: { cpu: '1' }, spec: { gang: {} } });

  it.each([
    ['that just fits is placed', { m1: 32 }, [32], [32]],
    ['of one more than fits is not, not even in part', { m1: 32 }, [33], [0]],
    ['that came later waits when nothing is left', { m1: 32 }, [32, 1], [32, 0]],
    ['may be on several clusters', { m1: 32, m2: 32 }, [64], [64]],
  ])('a gang %s', (_title, cpus, sizes, expected) => {
    const history = fleet(cpus);
    const gangs = sizes.map((size, index) => gang(`gang-${index}`, size));
    history.create(...gangs);
    history.schedule();
    const sums = gangs.map((each) => Object.values(history.placed(each)).reduce((sum, count) => sum + count, 0));
    expect(sums).toEqual(expected);
  });

  it('on one cluster is placed where all of it fits, as on nodes with one label', () => {
    const history = fleet({ m1: 3, m2: 4 });
    const together = workload('job', { replicas: 4, requests: { cpu: '1' }, spec: { gang: { within: 'Cluster' } } });
    history.create(together);
    history.schedule();
    expect(history.placed(together)).toEqual({ m2: 4 });
  });
});

describe('Kueue: who leaves for whom, of three queues with a quota of 3 each', () => {
  /** Workloads of one CPU each run: so many of each queue; the first `low` of it have a lower priority. */
  function cohort(running: Record<string, number>, low: Record<string, number> = {}): History {
    const history = fleet({ m1: 9 });
    history.create(priorityClass('normal', 0, { globalDefault: true }), priorityClass('low', -1), queue('all'));
    const quotas = [{ resource: 'cpu', nominal: 3 }];
    for (const name of ['a', 'b', 'c'])
      history.create(queue(name, { parent: 'all', quotas, preemption: { reclaim: 'Any' } }));
    for (const [name, count] of Object.entries(running)) {
      for (let index = 0; index < count; index++) {
        history.create(unit(`${name}${index + 1}`, name, 1, index < (low[name] ?? 0) ? 'low' : undefined));
      }
    }
    history.schedule();
    history.schedule();
    expect([...history.state.workloads.values()].every(({ shares }) => shares.length === 1)).toBe(true);
    return history;
  }

  const unit = (name: string, of: string, cpus: number, priority?: string): StoredObject =>
    workload(name, { requests: { cpu: String(cpus) }, ...(priority && { priority }), spec: { queue: of } });

  /** Names of those that left for it, sorted. */
  function leaving(history: History, incoming: StoredObject): string[] {
    history.create(incoming);
    history.schedule();
    const decisions = history.entriesOf('PlacementDecided').filter(({ reason }) => reason === Reason.PREEMPTED);
    return decisions.map(({ ref }) => ref.name).sort();
  }

  it('takes its quota back from the queue that borrows', () => {
    expect(leaving(cohort({ a: 3, b: 5, c: 1 }), unit('new', 'c', 1))).toEqual([expect.stringMatching(/^b/)]);
  });

  it('finds nobody when no queue has more than its quota', () => {
    expect(leaving(cohort({ a: 3, b: 3, c: 3 }), unit('new', 'c', 1))).toEqual([]);
  });

  it('takes nothing when it would then have more than its quota itself', () => {
    expect(leaving(cohort({ a: 3, b: 5, c: 1 }), unit('new', 'a', 2))).toEqual([]);
  });

  it('takes the place of lower priorities in its own queue, and of no equal there', () => {
    expect(leaving(cohort({ a: 4, b: 5 }, { a: 2 }), unit('new', 'a', 2))).toEqual(['a1', 'a2']);
    expect(leaving(cohort({ a: 4, b: 5 }), unit('new', 'a', 2))).toEqual([]);
  });

  it('needs one large workload to go where that is all there is', () => {
    const history = cohort({});
    history.create(unit('b1', 'b', 9));
    history.schedule();
    expect(leaving(history, unit('new', 'a', 2))).toEqual(['b1']);
  });
});
