import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@skyflow/contracts';
import { positionOf } from '@skyflow/contracts';
import fc from 'fast-check';
import { type PlacedEntry, foldAll, histories, storedObject } from '../objects/histories.testing.js';
import { evolveObjects } from '../objects/evolve-objects.js';
import { initialObjects } from '../objects/objects-state.js';
import { type PeriodUsage, beginUsage, closePeriod, evolveUsage, usageBy, usageSubjects } from './usage.js';

type Timed = PlacedEntry & { atMs: number };

/** Periods end at each of the times. */
function periodsOf(entries: readonly Timed[], fromMs: number, ends: readonly number[]): PeriodUsage[] {
  const state = beginUsage(foldAll(entries.filter(({ atMs }) => atMs <= fromMs)), fromMs);
  const left = entries.filter(({ atMs }) => atMs > fromMs);
  return ends.map((endMs) => {
    while (left[0] !== undefined && left[0].atMs <= endMs) {
      const { entry, place, atMs } = left.shift() as Timed;
      evolveUsage(state, entry, place, atMs);
    }
    return closePeriod(state, endMs);
  });
}

const sumOf = (period: PeriodUsage, by: (typeof usageSubjects)[number]): object => {
  const sum: Record<string, bigint> = {};
  for (const used of usageBy(period, by).values())
    for (const [resource, amount] of used) sum[resource] = (sum[resource] ?? 0n) + amount;
  return Object.fromEntries(Object.entries(sum).sort());
};

const USERS = ['ann', 'bob', 'cid'];
/** Times that rise by 0 to 5 s, and several users. */
const timed: fc.Arbitrary<Timed[]> = fc
  .tuple(histories, fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 60, maxLength: 60 }))
  .map(([entries, gaps]) => {
    let atMs = 0;
    return entries.map(({ entry, place }, index) => {
      atMs += gaps[index] ?? 0;
      return { entry: { ...entry, actor: USERS[index % 3] ?? '' }, place, atMs };
    });
  });

describe('usage', () => {
  const entry = (
    type: string,
    data: object,
    atMs: number,
    seq: number,
    actor = 'ann',
    subject = 'sky.cmd.0',
  ): Timed => ({
    entry: { type, v: 1, at: atMs, actor, corr: 'c', data } as unknown as Entry,
    place: { position: positionOf(seq, 0), subject },
    atMs,
  });
  const ref = { kind: 'Job', namespace: 'team', name: 'x', uid: 'u1' };
  const decided = (placements: object[], more: object = {}) => ({
    ...{ epoch: 1, ref, generation: 1, placements, unplaced: 0, basis: 0, code: 't', verdicts: [] },
    ...more,
  });
  const seen = (succeeded: number) => ({
    ...{ ref, generation: 1, epoch: 1, phase: succeeded > 0 ? 'COMPLETED' : 'RUNNING' },
    ...{ replicas: 2, ready: 0, running: 0, pending: 0, succeeded, failed: 0 },
  });
  const object = storedObject('Job', 'team', 'x', 'u1', { replicas: 3, restartPolicy: 'Never' });
  const life = [
    entry('ObjectCreated', { object }, 1_000, 1),
    entry(
      'PlacementDecided',
      decided([{ cluster: 'a', replicas: 2 }]),
      2_000,
      2,
      'system:scheduler',
      'sky.evt.scheduler',
    ),
    entry('ObjectUpdated', { object, expect: 0 }, 3_000, 3, 'bob'),
    entry(
      'PlacementDecided',
      decided([
        { cluster: 'a', replicas: 2 },
        { cluster: 'b', replicas: 1 },
      ]),
      4_000,
      4,
      'system:scheduler',
      'sky.evt.scheduler',
    ),
    entry('WorkObserved', seen(2), 6_000, 5, 'system:agent', 'sky.obs.a'),
    entry('ObjectDeleted', { ref, force: true }, 9_000, 6, 'bob'),
  ];

  it('is of who created it, from the decision until it has ended or is gone', () => {
    const [period] = periodsOf(life, 0, [20_000]) as [PeriodUsage];
    const amounts = (replicaMs: bigint) => ({
      pods: replicaMs,
      cpu: 500n * replicaMs,
      memory: 64n * 1024n * 1024n * replicaMs,
    });
    const shown = (by: (typeof usageSubjects)[number]) =>
      [...usageBy(period, by)].map(([name, used]) => [name, Object.fromEntries(used)]);
    // Two replicas on a from 2 s to 6 s, one on b from 4 s to 9 s.
    expect(shown('cluster')).toEqual([
      ['a', amounts(8_000n)],
      ['b', amounts(5_000n)],
    ]);
    expect(shown('user')).toEqual([['ann', amounts(13_000n)]]);
    expect(shown('namespace')).toEqual([['team', amounts(13_000n)]]);
  });

  it('counts what was held already when it begins, and in each period what is of it', () => {
    const replicaMs = periodsOf(life, 3_000, [4_500, 5_000, 5_000, 30_000]).map((period) =>
      Object.fromEntries([...usageBy(period, 'cluster')].map(([name, used]) => [name, used.get('pods')])),
    );
    expect(replicaMs).toEqual([{ a: 3_000n, b: 500n }, { a: 1_000n, b: 500n }, {}, { a: 2_000n, b: 4_000n }]);
  });

  it('has the same sum over users, namespaces and clusters, over every history', () => {
    fc.assert(
      fc.property(timed, fc.integer({ min: 0, max: 100_000 }), (entries, fromMs) => {
        const [period] = periodsOf(entries, fromMs, [fromMs + 200_000]) as [PeriodUsage];
        const sums = usageSubjects.map((by) => sumOf(period, by));
        expect(sums).toEqual([sums[0], sums[0], sums[0]]);
        for (const { used } of period) for (const amount of used.values()) expect(amount > 0n).toBe(true);
      }),
    );
  });

  it('is the sum of its periods, wherever they end', () => {
    fc.assert(
      fc.property(timed, fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 5 }), (entries, cuts) => {
        const ends = [...cuts, 200_000].sort((a, b) => a - b);
        expect(sumOf(periodsOf(entries, 0, ends).flat(), 'user')).toEqual(
          sumOf(periodsOf(entries, 0, [200_000]).flat(), 'user'),
        );
      }),
    );
  });

  it('is what clusters hold, integrated: at every entry the held amounts are those that placement counts with', () => {
    fc.assert(
      fc.property(timed, (entries) => {
        const usage = beginUsage(initialObjects(), 0);
        const objects = initialObjects();
        for (const { entry: each, place, atMs } of entries) {
          evolveUsage(usage, each, place, atMs);
          evolveObjects(objects, each, place);
          const held: Record<string, number> = {};
          for (const account of usage.accounts.values()) {
            const cpu = Number(account.held.get('cpu') ?? 0n);
            if (cpu > 0) held[account.cluster] = (held[account.cluster] ?? 0) + cpu;
          }
          const placed = [...objects.placed].flatMap(([name, { cpu = 0 }]) => (cpu > 0 ? [[name, cpu] as const] : []));
          expect(held).toEqual(Object.fromEntries(placed));
        }
      }),
    );
  });
});
