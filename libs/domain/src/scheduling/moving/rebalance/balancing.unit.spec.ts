/** Replicas that move by themselves, because a policy asks for it. `npm run test:properties` tries the property 100,000 times. */
import { describe, expect, it } from '@jest/globals';
import type { ReplicaDivision, RebalancePolicy, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { History, node, object, policy, workload } from '../../testing/history.js';
import { holds } from '../../testing/holds.js';
import { runs } from '../../testing/long-runs.js';
import { previewMoves } from '../preview-moves.js';
import { Looks, mayBalance } from './balancing.js';

const CPU = { requests: { cpu: '1' } };
const INTERVAL_MS = 300_000;

/** A history whose scheduler remembers its looks, and whose clusters do what they are told. */
class Fleet extends History {
  constructor(sizes: Record<string, number>) {
    super();
    this.looks = new Looks();
    this.startEpoch();
    for (const [name, cpus] of Object.entries(sizes)) this.add(name, cpus);
  }

  add(name: string, cpus: number): void {
    this.cluster(name, [node(`${name}-1`, { cpu: cpus * 1_000, pods: 10_000 })], { name });
  }

  /** For so long, in steps of a quarter of an interval. */
  live(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs += INTERVAL_MS / 4) this.rest();
  }

  /** Until nothing happens any more at this time. */
  rest(): void {
    for (let turn = 0; turn < 60; turn++) {
      const before = this.log.length;
      this.schedule();
      for (const record of [...this.state.workloads.values()]) {
        for (const share of [...record.shares]) {
          if (share.work === 'withdrawing') this.removed(share.cluster, record.ref);
          else if (share.work === 'assigned' && share.ready !== share.carried.replicas) {
            const seen = object(record.ref.kind, record.ref.name, {}, { ...record.ref, generation: record.generation });
            this.report(share.cluster, seen, 'RUNNING', share.carried.replicas);
          }
        }
      }
      if (this.log.length === before) return;
    }
    throw new Error('it does not come to rest');
  }

  /** Times and replicas of what moved. */
  get moved(): { atMs: number; replicas: number }[] {
    return this.entriesOf('EvictionDecided').flatMap(({ now, shares }) =>
      shares.map(({ replicas }) => ({ atMs: now, replicas })),
    );
  }

  on(jobs: readonly StoredObject[], cluster: string): number {
    return jobs.filter((job) => this.placed(job)[cluster] === 1).length;
  }
}

const asking = (rebalance: RebalancePolicy): StoredObject => policy('level', { workloadSelector: {}, rebalance });

const services = (count: number): StoredObject[] =>
  Array.from({ length: count }, (_, index) => workload(`web-${index}`, CPU));

/** Services that fill the only cluster that there was; then a second one comes, and the next look is due. */
function crowded(rebalance: RebalancePolicy | undefined, count = 8): { fleet: Fleet; jobs: StoredObject[] } {
  const fleet = new Fleet({ a: 10 });
  const jobs = services(count);
  if (rebalance !== undefined) fleet.create(asking(rebalance));
  fleet.create(...jobs);
  fleet.rest();
  fleet.add('b', 10);
  fleet.nowMs += INTERVAL_MS;
  return { fleet, jobs };
}

describe('a policy that rebalances', () => {
  it('moves what is better off elsewhere, as many in an interval as it allows, and then rests', () => {
    const { fleet, jobs } = crowded({ maxReplicas: 2, minImprovement: 10 });
    fleet.rest();
    expect(fleet.on(jobs, 'b')).toBe(2);
    fleet.nowMs += INTERVAL_MS - 1;
    fleet.rest();
    expect(fleet.on(jobs, 'b')).toBe(2);
    fleet.nowMs += 10_000;
    fleet.rest();
    // The fourth would gain less than 10 of 100.
    expect(fleet.on(jobs, 'b')).toBe(3);
    const before = fleet.log.length;
    fleet.live(20 * INTERVAL_MS);
    expect(fleet.log.length).toBe(before);
    expect(fleet.entriesOf('EvictionDecided')[0]).toMatchObject({
      cause: 'Rebalanced',
      message: 'its policy rebalances what is better off elsewhere by 10 of 100, which is b',
    });
  });

  it('moves nothing for a gain that is too small, and nothing where it is not asked for', () => {
    for (const rebalance of [undefined, { minImprovement: 90 }, { mode: 'Never' as const }]) {
      const { fleet } = crowded(rebalance);
      fleet.live(4 * INTERVAL_MS);
      expect(fleet.moved).toEqual([]);
    }
  });

  it('leaves alone what says otherwise, what runs to completion, and what is to go back to its cluster', () => {
    const fleet = new Fleet({ a: 10, gone: 1 });
    const own = workload('own', { ...CPU, placement: { rebalance: { mode: 'Never' } } });
    const batch = workload('batch', { ...CPU, restartPolicy: 'Never' });
    const back = workload('back', CPU);
    fleet.create(asking({ minImprovement: 1 }), own, batch, back);
    fleet.rest();
    fleet.add('b', 10);
    const [record] = [...fleet.state.workloads.values()].filter(({ ref }) => ref.name === 'back');
    record!.moves = { ...record!.moves, displaced: [{ cluster: 'gone', replicas: 1 }] };
    expect(mayBalance(fleet.state, record!)).toBe(false);
    expect(fleet.state.balancing).toEqual(new Set(['uid-back']));
  });

  it('brings replicas back to the weights that they say, for no less than it is worth', () => {
    const division: ReplicaDivision = {
      type: 'StaticWeights',
      weights: [
        { clusters: ['a'], weight: 1 },
        { clusters: ['b'], weight: 1 },
      ],
    };
    const web = workload('web', { replicas: 4, ...CPU, placement: { division, rebalance: { minImprovement: 50 } } });
    const fleet = new Fleet({ a: 10 });
    fleet.create(web);
    fleet.rest();
    fleet.add('b', 10);
    fleet.live(2 * INTERVAL_MS);
    expect(fleet.placed(web)).toEqual({ a: 2, b: 2 });
    const strict = workload('strict', {
      replicas: 4,
      ...CPU,
      placement: { division, rebalance: { minImprovement: 51 } },
    });
    const other = new Fleet({ a: 10 });
    other.create(strict);
    other.rest();
    other.add('b', 10);
    other.live(3 * INTERVAL_MS);
    expect(other.placed(strict)).toEqual({ a: 4 });
  });

  it('moves nothing in a preview of something else', () => {
    const { fleet } = crowded({ minImprovement: 1 });
    const { nowMs, state } = fleet;
    const preview = previewMoves(state, { objects: services(1), deleted: [] }, { nowMs, most: 10 });
    expect(preview.workloads).toBe(0);
  });

  it('looks at many a part at a time, and at each once in an interval', () => {
    const { fleet } = crowded({ minImprovement: 90 }, 1_200);
    const looked: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      fleet.schedule();
      looked.push(fleet.looks?.get('default/level')?.upTo ?? -1);
    }
    // The first part was looked at when they were placed.
    expect(looked.map((upTo) => upTo > 0)).toEqual([true, false, false, false, false]);
  });

  it('keeps to its budget whatever clusters come and grow, loses no replica, exceeds no room, and comes to rest', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), cpus: fc.integer({ min: 2, max: 12 }) }),
      fc.record({ do: fc.constant('wait' as const), quarters: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ do: fc.constant('scale' as const), job: fc.nat(3), replicas: fc.integer({ min: 1, max: 4 }) }),
    );
    const asked = fc.record({
      maxReplicas: fc.integer({ min: 1, max: 4 }),
      minImprovement: fc.integer({ min: 5, max: 60 }),
    });
    fc.assert(
      fc.property(asked, fc.array(step, { maxLength: 8 }), (rebalance, steps) => {
        const fleet = new Fleet({ c0: 12 });
        let generation = 1;
        const jobs = services(4);
        const wanted = jobs.map(() => 1);
        fleet.create(asking(rebalance), ...jobs);
        fleet.rest();
        for (const [index, each] of steps.entries()) {
          if (each.do === 'add') fleet.add(`c${index + 1}`, each.cpus);
          else if (each.do === 'wait') fleet.live((each.quarters * INTERVAL_MS) / 4);
          else {
            wanted[each.job] = each.replicas;
            const options = { ...CPU, replicas: each.replicas, generation: ++generation };
            fleet.update(workload(`web-${each.job}`, options));
          }
          fleet.rest();
          for (const { name, room } of fleet.state.clusters.values())
            holds(Math.min(...room.totalFree) >= 0, () => `${name} has ${room.totalFree.join(', ')} free`);
        }
        fleet.live(20 * INTERVAL_MS);
        const before = fleet.log.length;
        fleet.live(10 * INTERVAL_MS);
        holds(fleet.log.length === before, () => 'it goes on moving');
        const { moved } = fleet;
        for (const { atMs } of moved) {
          const within = moved.filter((other) => other.atMs >= atMs && other.atMs < atMs + INTERVAL_MS);
          const sum = within.reduce((all, { replicas }) => all + replicas, 0);
          holds(sum <= rebalance.maxReplicas, () => `${sum} moved in an interval`);
        }
        jobs.forEach((job, index) => {
          const placed = Object.values(fleet.placed(job)).reduce((all, each) => all + each, 0);
          const unplaced = fleet.decisionOn(job)?.unplaced ?? 0;
          expect(placed + unplaced).toBe(wanted[index]);
        });
        const again = fleet.replay();
        expect([...again.balancing].sort()).toEqual([...fleet.state.balancing].sort());
        for (const [uid, { moves }] of fleet.state.workloads) expect(again.workloads.get(uid)?.moves).toEqual(moves);
      }),
      runs(60),
    );
  });
});
