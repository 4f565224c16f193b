/**
 * After Armada's test tables (`internal/scheduler/scheduling`: gang_scheduler, queue_scheduler, preempting_queue_scheduler): worked out
 * again by hand. Where SkyFlow decides otherwise on purpose, the case says so.
 */
import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { Reason } from '../reasons.js';
import { History, node, priorityClass, queue, workload } from '../testing/history.js';
import { fleet, rest } from './peer-fleet.js';

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

describe('Armada: queues', () => {
  const unit = (name: string, of: string, cpus = 1, priority?: string): StoredObject =>
    workload(name, { requests: { cpu: String(cpus) }, ...(priority && { priority }), spec: { queue: of } });
  const units = (of: string, count: number, cpus = 1): StoredObject[] =>
    Array.from({ length: count }, (_, index) => unit(`${of}-${index}`, of, cpus));
  const running = (history: History): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { terms, shares } of history.state.workloads.values())
      if (shares.some(({ replicas }) => replicas > 0)) counts[terms.queue] = (counts[terms.queue] ?? 0) + 1;
    return counts;
  };
  const withQueues = (cpus: number, weights: Record<string, number>): History => {
    const history = fleet({ m1: cpus });
    history.create(...Object.entries(weights).map(([name, weight]) => queue(name, { weight })));
    return history;
  };

  it.each([
    ['two queues: half each', { a: 1, b: 1 }, 32, { a: 16, b: 16 }],
    ['three queues: a third each', { a: 1, b: 1, c: 1 }, 33, { a: 11, b: 11, c: 11 }],
    ['two queues by weight', { a: 2, b: 1 }, 33, { a: 22, b: 11 }],
    ['three queues by weight', { a: 1, b: 2, c: 3 }, 36, { a: 6, b: 12, c: 18 }],
  ])('%s', (_title, weights, cpus, expected) => {
    const history = withQueues(cpus, weights);
    for (const name of Object.keys(weights)) history.create(...units(name, 36));
    history.schedule();
    expect(running(history)).toEqual(expected);
  });

  it('what one queue has already counts: the other catches up first', () => {
    const history = withQueues(32, { a: 1, b: 1 });
    history.create(...units('a', 10));
    history.schedule();
    history.create(...Array.from({ length: 30 }, (_, index) => unit(`more-${index}`, 'a')), ...units('b', 30));
    history.schedule();
    expect(running(history)).toEqual({ a: 16, b: 16 });
  });

  it('a dominant share is of the resource of which most is used: two of 18 CPUs are as much as one of 9 GiB', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('m1', [node('m1-1', { cpu: 18_000, memory: 9 * 1024 ** 3, pods: 1_000 })]);
    history.create(queue('cpu'), queue('memory'));
    for (let index = 0; index < 12; index++) {
      const requests = { cpu: { cpu: '2', memory: '256Mi' }, memory: { cpu: '250m', memory: '1Gi' } };
      for (const name of ['cpu', 'memory'] as const)
        history.create(workload(`${name}-${index}`, { requests: requests[name], spec: { queue: name } }));
    }
    history.schedule();
    // Seven each; then a quarter GiB is left, in which one more of the first fits.
    expect(running(history)).toEqual({ cpu: 8, memory: 7 });
  });

  it('what fits nowhere does not hold up what fits', () => {
    const history = withQueues(8, { a: 1 });
    history.create(unit('huge', 'a', 9), ...units('a', 8));
    history.schedule();
    expect(running(history)).toEqual({ a: 8 });
  });

  it('of one queue what came first runs first, the larger ones not before the smaller ones', () => {
    const history = withQueues(4, { a: 1 });
    history.create(unit('first', 'a', 3), unit('second', 'a', 1), unit('third', 'a', 1));
    history.schedule();
    const names = [...history.state.workloads.values()].filter(({ shares }) => shares.length > 0);
    expect(names.map(({ ref }) => ref.name)).toEqual(['first', 'second']);
  });
});

describe('Armada: preemption', () => {
  function prioritised(cpus: number): History {
    const history = fleet({ m1: cpus });
    history.create(...[0, 1, 2, 3].map((value) => priorityClass(`p${value}`, value)), queue('a'), queue('b'));
    return history;
  }
  const unit = (name: string, priority: number, of = 'a', cpus = 1, more: Record<string, unknown> = {}): StoredObject =>
    workload(name, { requests: { cpu: String(cpus) }, priority: `p${priority}`, spec: { queue: of, ...more } });
  const preempted = (history: History): string[] =>
    history
      .entriesOf('PlacementDecided')
      .filter(({ reason }) => reason === Reason.PREEMPTED)
      .map(({ ref }) => ref.name)
      .sort();

  it('of lower priorities, in their order', () => {
    const history = prioritised(4);
    history.create(unit('zero', 0), unit('one', 1), unit('two', 2), unit('three', 3));
    rest(history);
    history.create(unit('new', 3, 'a', 2));
    rest(history);
    expect(preempted(history)).toEqual(['one', 'zero']);
  });

  it('of nobody of a higher or of the same priority', () => {
    const history = prioritised(2);
    history.create(unit('two', 2), unit('three', 3));
    rest(history);
    history.create(unit('new', 2));
    rest(history);
    expect(preempted(history)).toEqual([]);
  });

  it('is not done while there is room elsewhere, in its queue or over queues', () => {
    const history = prioritised(4);
    history.create(unit('low-a', 0), unit('low-b', 0, 'b'));
    rest(history);
    history.create(unit('new-a', 3, 'a', 2));
    rest(history);
    expect(preempted(history)).toEqual([]);
  });

  it('is stable: the next rounds change nothing', () => {
    const history = prioritised(2);
    history.create(unit('low-1', 0), unit('low-2', 0));
    rest(history);
    history.create(unit('new', 3, 'b', 1));
    rest(history);
    const length = history.log.length;
    history.nowMs += 60_000;
    rest(history);
    expect([preempted(history).length, history.log.length]).toEqual([1, length]);
  });

  it('of a gang takes all of it, and only one gang where that suffices', () => {
    const history = prioritised(8);
    history.create(unit('gang-1', 0, 'a', 1, { gang: {} }), unit('gang-2', 0, 'a', 1, { gang: {} }));
    for (const name of ['gang-1', 'gang-2'])
      history.update({
        ...workload(name, { replicas: 4, requests: { cpu: '1' }, priority: 'p0', spec: { queue: 'a', gang: {} } }),
      });
    rest(history);
    history.create(unit('new', 1, 'b', 2));
    rest(history);
    expect(preempted(history)).toHaveLength(1);
    const held = [...history.state.workloads.values()]
      .filter(({ ref }) => ref.name.startsWith('gang'))
      .map(({ shares }) => shares.reduce((sum, share) => sum + share.replicas, 0))
      .sort();
    expect(held).toEqual([0, 4]);
  });

  it('a cordoned cluster gets nothing new, and what runs there goes on', () => {
    const history = prioritised(4);
    const old = unit('old', 0);
    history.create(old);
    rest(history);
    history.update({
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: 'm1', uid: 'uid-m1', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { manager: 'k8', unschedulable: true },
    });
    history.create(unit('new', 3));
    rest(history);
    expect([history.placed(old), history.placed(workload('new'))]).toEqual([{ m1: 1 }, {}]);
  });
});
