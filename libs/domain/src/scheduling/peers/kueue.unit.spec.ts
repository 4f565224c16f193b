/**
 * After Kueue's test tables (`pkg/scheduler/preemption`: preemption_fair, preemption, preemption_hierarchical): worked out again by hand.
 * Where SkyFlow decides otherwise on purpose, the case says so.
 */
import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { Reason } from '../reasons.js';
import { type History, priorityClass, queue, workload } from '../testing/history.js';
import { fleet } from './peer-fleet.js';

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

describe('Kueue: preemption by priority within a queue', () => {
  /** A queue of six CPUs that belongs to nobody, and what runs in it by priority and CPUs. */
  function alone(running: Record<string, [priority: string, cpus: number]>): History {
    const history = fleet({ m1: 12 });
    history.create(...[-1, 0, 1].map((value) => priorityClass(CLASSES[value + 1] ?? '', value)));
    history.create(queue('q', { quotas: [{ resource: 'cpu', nominal: 6 }] }));
    for (const [name, [priority, cpus]] of Object.entries(running)) history.create(job(name, priority, cpus));
    history.schedule();
    return history;
  }
  const CLASSES = ['low', 'mid', 'high'];
  const job = (name: string, priority: string, cpus: number): StoredObject =>
    workload(name, { requests: { cpu: String(cpus) }, priority, spec: { queue: 'q' } });
  const leaving = (history: History, incoming: StoredObject): string[] => {
    history.create(incoming);
    history.schedule();
    const decisions = history.entriesOf('PlacementDecided').filter(({ reason }) => reason === Reason.PREEMPTED);
    return decisions.map(({ ref }) => ref.name).sort();
  };

  it.each<[string, Record<string, [string, number]>, [string, number], string[]]>([
    ['the lowest goes', { low: ['low', 2], mid: ['mid', 2], high: ['high', 2] }, ['high', 2], ['low']],
    ['as many as it takes', { low: ['low', 2], mid: ['mid', 2], high: ['high', 2] }, ['high', 3], ['low', 'mid']],
    ['nobody for the lowest', { low: ['low', 3], mid: ['mid', 3] }, ['low', 1], []],
    ['nobody where there are not enough lower ones', { low: ['low', 3], mid: ['mid', 3] }, ['mid', 4], []],
    ['some is free: fewer have to go', { low: ['low', 1], mid: ['mid', 3] }, ['high', 3], ['low']],
    [
      'the lowest alone would not do: who does, and nobody beside',
      { low: ['low', 1], mid: ['mid', 5] },
      ['high', 4],
      ['mid'],
    ],
    // Kueue can be told to let newer ones of the same priority go; here equals never do.
    ['nobody of the same priority', { one: ['mid', 3], two: ['mid', 3] }, ['mid', 2], []],
  ])('%s', (_title, running, [priority, cpus], expected) => {
    expect(leaving(alone(running), job('new', priority, cpus))).toEqual(expected);
  });
});

describe('Kueue: quotas that are lent', () => {
  const CPU = 'cpu';
  const owned = (name: string, nominal: number, more: Record<string, unknown> = {}, parent = 'all'): StoredObject =>
    queue(name, { parent, quotas: [{ resource: CPU, nominal, ...more }], preemption: { reclaim: 'Any' } });
  const job = (name: string, of: string, cpus: number): StoredObject =>
    workload(name, { requests: { cpu: String(cpus) }, spec: { queue: of } });
  const placedOf = (history: History, ...names: string[]): string[] =>
    names.filter((name) => Object.keys(history.placed(workload(name))).length > 0);
  const preempted = (history: History): string[] =>
    history.entriesOf('PlacementDecided').flatMap(({ reason, ref }) => (reason === Reason.PREEMPTED ? [ref.name] : []));

  it('no more is borrowed than is lent', () => {
    const history = fleet({ m1: 20 });
    history.create(queue('all'), owned('a', 4), owned('b', 6, { lendingLimit: 2 }));
    history.create(job('own', 'a', 4), job('lent', 'a', 2), job('beyond', 'a', 1));
    history.schedule();
    expect(placedOf(history, 'own', 'lent', 'beyond')).toEqual(['own', 'lent']);
  });

  it('no more is borrowed than the borrower may', () => {
    const history = fleet({ m1: 20 });
    history.create(queue('all'), owned('a', 4, { borrowingLimit: 1 }), owned('b', 6));
    history.create(job('own', 'a', 4), job('borrowed', 'a', 1), job('beyond', 'a', 1));
    history.schedule();
    expect(placedOf(history, 'own', 'borrowed', 'beyond')).toEqual(['own', 'borrowed']);
  });

  it('what is taken back is taken from who borrows, not from who is within his quota', () => {
    const history = fleet({ m1: 9 });
    history.create(queue('all'), owned('a', 3), owned('b', 3), owned('c', 3));
    history.create(job('a1', 'a', 3), job('b1', 'b', 3), job('b2', 'b', 3));
    history.schedule();
    history.create(job('c1', 'c', 3));
    history.schedule();
    expect(preempted(history)).toEqual([expect.stringMatching(/^b/)]);
  });

  it('in a tree: from the branch that borrows, not from the one that is within its own', () => {
    const history = fleet({ m1: 12 });
    history.create(
      queue('all'),
      queue('left', { parent: 'all' }),
      queue('right', { parent: 'all' }),
      ...[
        owned('l1', 3, {}, 'left'),
        owned('l2', 3, {}, 'left'),
        owned('r1', 3, {}, 'right'),
        owned('r2', 3, {}, 'right'),
      ],
    );
    history.create(job('l1-own', 'l1', 3), job('l1-more', 'l1', 3), job('r1-own', 'r1', 3), job('r1-more', 'r1', 3));
    history.schedule();
    history.create(job('r2-own', 'r2', 3));
    history.schedule();
    expect(preempted(history)).toHaveLength(1);
    expect(preempted(history)[0]).toMatch(/^[lr]1/);
  });
});
