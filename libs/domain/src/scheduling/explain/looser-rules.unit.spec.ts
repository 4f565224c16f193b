import { describe, expect, it } from '@jest/globals';
import type { SpreadConstraint, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { History, node, workload } from '../testing/history.js';
import { explainNow } from './explain-now.js';
import { runs } from '../testing/long-runs.js';

/** CPUs of each cluster. */
function clusters(sizes: Record<string, number>): History {
  const history = new History();
  history.startEpoch();
  for (const [name, cpus] of Object.entries(sizes)) {
    history.cluster(name, [node(`${name}-1`, { cpu: cpus * 1_000 })], { rack: `r-${name}` });
  }
  return history;
}

const CPU = { requests: { cpu: '1' } };
const changes = (history: History, of: StoredObject, nowMs = 0): Record<string, string[] | undefined> =>
  Object.fromEntries(
    (explainNow(history.state, of.metadata.uid, nowMs)?.clusters ?? []).map(({ cluster, change }) => [cluster, change]),
  );

function waiting(history: History, placement: object, replicas: number): StoredObject {
  const job = workload('job', { replicas, ...CPU, placement });
  history.create(job);
  history.schedule();
  expect(history.decisionOn(job)?.unplaced).toBeGreaterThan(0);
  return job;
}

describe('the smallest change of rules on a workload as a whole', () => {
  it('is as much more skew as lets one more replica in', () => {
    const history = clusters({ a: 1, b: 10 });
    const job = waiting(history, { spreadConstraints: [{ topologyKey: 'cluster', maxSkew: 2 }] }, 5);
    expect(history.placed(job)).toEqual({ a: 1, b: 3 });
    expect(changes(history, job)).toEqual({
      a: ['needs 1 CPU less'],
      b: ['maxSkew 3 instead of 2 in placement.spreadConstraints[0] (cluster)'],
    });
  });

  it('is one group more, or a group that it may overflow to', () => {
    const history = clusters({ a: 1, b: 10 });
    const job = waiting(
      history,
      { spreadConstraints: [{ topologyKey: 'rack', maxGroups: 1 }], clusters: ['a', 'b'] },
      11,
    );
    expect(changes(history, job).a).toEqual([
      'maxGroups 2 instead of 1 in placement.spreadConstraints[0] (label rack)',
    ]);
    const grouped = clusters({ a: 1, b: 10 });
    const groups = [
      { name: 'first', clusters: ['a'] },
      { name: 'second', clusters: ['b'] },
    ];
    const other = waiting(grouped, { groups }, 11);
    expect(changes(grouped, other).a).toEqual(['let replicas overflow to the next group (overflow: true)']);
  });

  it('is to prefer what was required of other workloads', () => {
    const history = clusters({ a: 10, b: 10 });
    const term = { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'cluster' };
    const job = waiting(history, { workloadAffinity: { required: [term] } }, 1);
    const text = 'prefer, rather than require, to be near workloads with app=db by cluster';
    expect(changes(history, job)).toEqual({ a: [text], b: [text] });
  });

  it('names two rules where one alone is not enough', () => {
    const history = clusters({ a: 1, b: 10 });
    const constraints = [
      { topologyKey: 'cluster', maxSkew: 1 },
      { topologyKey: 'rack', maxSkew: 2 },
    ];
    const job = waiting(history, { spreadConstraints: constraints }, 4);
    expect(history.placed(job)).toEqual({ a: 1, b: 2 });
    expect(changes(history, job).b).toEqual(['maxSkew 2 instead of 1 in placement.spreadConstraints[0] (cluster)']);
    const strict = constraints.map((each) => ({ ...each, maxSkew: 1 }));
    const both = clusters({ a: 1, b: 10 });
    expect(changes(both, waiting(both, { spreadConstraints: strict }, 4)).b).toHaveLength(2);
  });

  it('is none where room is all that lacks', () => {
    const history = clusters({ a: 1 });
    const job = waiting(history, { spreadConstraints: [{ topologyKey: 'cluster', maxSkew: 1 }] }, 2);
    expect(changes(history, job)).toEqual({ a: ['needs 1 CPU less'] });
  });

  it('is both where room and rules are in the way', () => {
    const history = clusters({ a: 10, b: 0.5, c: 0.5 });
    const spreadConstraints = [{ topologyKey: 'rack', maxGroups: 1 }];
    const job = waiting(history, { spreadConstraints, clusters: ['a', 'b'] }, 11);
    expect(history.placed(job)).toEqual({ a: 10 });
    const group = 'maxGroups 2 instead of 1 in placement.spreadConstraints[0] (label rack)';
    expect(changes(history, job)).toEqual({
      a: ['needs 1 CPU less'],
      b: ['needs 0.5 CPU less', group],
      c: ['allow c in its placement', 'needs 0.5 CPU less', group],
    });
  });

  it('of room and rules together is enough, and room alone is not', () => {
    const sizes = fc.array(fc.constantFrom(0.5, 0.5, 1, 2, 3, 4), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 4, max: 14 }),
        (cpus, maxGroups, replicas) => {
          const job = (groups: number, generation = 1): StoredObject => {
            const spreadConstraints: SpreadConstraint[] = [{ topologyKey: 'cluster', maxGroups: groups }];
            return workload('job', { replicas, ...CPU, generation, placement: { spreadConstraints } });
          };
          const placed = (groups: number, roomier?: string): number => {
            const history = clusters(Object.fromEntries(cpus.map((size, at) => [`c${at}`, size])));
            history.create(job(maxGroups));
            history.schedule();
            const size = 1 + (cpus[Number(roomier?.slice(1))] ?? 0);
            if (roomier !== undefined) history.observe(roomier, [node(`${roomier}-1`, { cpu: 1_000 * size })]);
            if (groups !== maxGroups) history.update(job(groups, 2));
            history.schedule();
            return Object.values(history.placed(job(groups))).reduce((sum, count) => sum + count, 0);
          };
          const history = clusters(Object.fromEntries(cpus.map((size, at) => [`c${at}`, size])));
          history.create(job(maxGroups));
          history.schedule();
          const before = placed(maxGroups);
          if (before === replicas) return;
          for (const [name, change = []] of Object.entries(changes(history, job(maxGroups)))) {
            const groups = Number(/maxGroups (\d+) /.exec(change.join(' '))?.[1] ?? maxGroups);
            const lacksRoom = change.some((text) => text.startsWith('needs '));
            expect(placed(groups, lacksRoom ? name : undefined)).toBeGreaterThan(before);
            if (change.length > 1) expect(placed(maxGroups, name)).toBe(before);
          }
        },
      ),
      runs(100),
    );
  });

  it('of skew is enough', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 16 }), (cpus, maxSkew, replicas) => {
        const history = clusters(Object.fromEntries(cpus.map((size, index) => [`c${index}`, size])));
        const job = (skew: number): StoredObject => {
          const spreadConstraints: SpreadConstraint[] = [{ topologyKey: 'cluster', maxSkew: skew }];
          return workload('job', { replicas, ...CPU, placement: { spreadConstraints } });
        };
        history.create(job(maxSkew));
        history.schedule();
        const placedWith = (skew: number): number => {
          const again = clusters(Object.fromEntries(cpus.map((size, index) => [`c${index}`, size])));
          again.create(job(skew));
          again.schedule();
          return Object.values(again.placed(job(skew))).reduce((sum, count) => sum + count, 0);
        };
        for (const [text = ''] of Object.values(changes(history, job(maxSkew))).map((change) => change ?? [])) {
          const skew = Number(/^maxSkew (\d+) /.exec(text)?.[1]);
          if (!Number.isNaN(skew)) expect(placedWith(skew)).toBeGreaterThan(placedWith(maxSkew));
        }
      }),
      runs(100),
    );
  });
});

describe('a workload that would rather wait than pay', () => {
  it('says what each cluster costs, until when it waits, and what would help', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('free', [node('free-1', { cpu: 1_000 })]);
    history.cluster('dear', [node('dear-1', { cpu: 8_000 })], {}, { prices: { cpu: 0.5 } });
    const wait = { spec: { waiting: { policy: 'Constant', seconds: 600 } } };
    const jobs = ['one', 'two'].map((name) => workload(name, { ...CPU, ...wait }));
    history.create(...jobs);
    history.schedule();
    const told = explainNow(history.state, 'uid-two', 60_000);
    expect(told?.clusters).toMatchObject([
      {
        cluster: 'dear',
        plugin: 'Queues',
        reason: 'TOO_DEAR_YET',
        message: expect.stringContaining('costs 0.5 an hour per replica'),
        change: ['a cluster without a price that has room, or a shorter spec.waiting'],
      },
      { cluster: 'free', plugin: expect.any(String), change: ['needs 1 CPU less'] },
    ]);
    expect(told?.waiting).toMatchObject({ payFromMs: 600_000, waitingPolicy: 'Constant', longestMs: 600_000 });
    history.create(workload('huge', { requests: { cpu: '9' }, ...wait }));
    history.schedule();
    expect(explainNow(history.state, 'uid-huge', 60_000)?.waiting).not.toHaveProperty('longestMs');
  });
});
