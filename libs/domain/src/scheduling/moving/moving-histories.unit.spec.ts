import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { History, node, object, workload } from '../testing/history.js';
import { type SchedulingState, shareOn, wantedReplicas } from '../state.js';
import { expectJsonKeeps } from '../testing/json-keeps.js';
import { holds } from '../testing/holds.js';
import { runs } from '../testing/long-runs.js';
import { DRAIN_AT_ONCE } from './decide-evictions.js';
import { FAILBACK_AT_ONCE } from './decide-failback.js';

/**
 * Clusters come and go, are drained and tainted, pods become ready or not, in any order; a live copy is what a cluster runs, seen or
 * not: agents here do what the log told them as far as they can hear it.
 */
const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

type Step =
  | {
      do: 'lose' | 'unreach' | 'return' | 'drain' | 'uncordon' | 'taint' | 'agent' | 'ready' | 'restart';
      cluster: Name;
    }
  | { do: 'scale'; job: number; replicas: number }
  | { do: 'wait'; seconds: number };

const cluster = fc.constantFrom(...NAMES);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('lose' as const, 'unreach' as const, 'return' as const, 'return' as const),
      cluster,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('drain' as const, 'uncordon' as const, 'taint' as const, 'restart' as const),
      cluster,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom('agent' as const, 'agent' as const, 'ready' as const), cluster }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('scale' as const),
      job: fc.nat(3),
      replicas: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 10, 60, 400, 1_000) }),
  },
);

/** 0 and 1 are services, 2 a job that ends, 3 one that may never run in two places. */
const jobOf = (index: number, replicas: number, generation: number): StoredObject =>
  workload(`job-${index}`, {
    ...{ replicas, generation, requests: { cpu: '1' } },
    ...(index >= 2 && { restartPolicy: 'Never' as const, spec: { completions: 5 } }),
    ...(index === 3 && { placement: { failover: { mode: 'Never' as const } } }),
  });

class World {
  readonly history = new History();
  /** What runs on each cluster, by job. */
  readonly running = new Map<Name, Map<string, number>>(NAMES.map((name) => [name, new Map()]));
  /** Entries of its work subject that the agent of a cluster has carried out. */
  private readonly heard = new Map<Name, number>();
  private generation = 1;

  constructor() {
    this.history.startEpoch();
    for (const name of NAMES) this.history.cluster(name, [node(`${name}-1`, { cpu: 8_000 })]);
    this.history.create(...[0, 1, 2, 3].map((index) => jobOf(index, 3, 1)));
    this.history.schedule();
    for (const name of NAMES) this.agent(name);
  }

  run(step: Step): void {
    const { history } = this;
    switch (step.do) {
      case 'lose':
        history.health(step.cluster, 'LOST');
        break;
      case 'unreach':
        history.health(step.cluster, 'UNREACHABLE');
        break;
      case 'return':
        // As decideHealth has it: READY only when everything that was withdrawn is gone.
        this.agent(step.cluster);
        history.schedule();
        this.agent(step.cluster);
        history.health(step.cluster, 'READY');
        break;
      case 'drain':
        this.spec(step.cluster, { unschedulable: true, drain: { graceSeconds: 120 } });
        break;
      case 'taint':
        this.spec(step.cluster, { taints: [{ key: 'x', effect: 'NoExecute' }] });
        break;
      case 'uncordon':
        this.spec(step.cluster, {});
        break;
      case 'agent':
        if (this.isSeen(step.cluster)) this.agent(step.cluster);
        break;
      case 'ready':
        if (this.isSeen(step.cluster)) this.ready(step.cluster);
        break;
      case 'scale':
        history.update(jobOf(step.job, step.replicas, ++this.generation));
        break;
      case 'wait':
        history.nowMs += step.seconds * 1000;
        break;
      case 'restart':
        history.state = history.replay();
        history.attempts.clear();
        history.startEpoch();
        break;
    }
    history.schedule();
  }

  isSeen(name: Name): boolean {
    return this.history.state.clusters.get(name)?.health.state === 'READY';
  }

  /** Does what the log says since it last could hear it. */
  agent(name: Name): void {
    const runs = this.running.get(name) ?? new Map<string, number>();
    const from = this.heard.get(name) ?? 0;
    const { log } = this.history;
    this.heard.set(name, log.length);
    for (const { entry, place } of log.slice(from)) {
      if (place.subject !== `sky.work.${name}`) continue;
      if (entry.type === 'WorkAssigned') runs.set(entry.data.object.metadata.name, entry.data.replicas);
      if (entry.type === 'WorkWithdrawn') {
        runs.delete(entry.data.ref.name);
        this.history.removed(name, entry.data.ref);
      }
    }
  }

  ready(name: Name): void {
    for (const [job, replicas] of this.running.get(name) ?? []) {
      this.history.report(name, jobOf(Number(job.slice(-1)), 1, this.generation), 'RUNNING', replicas);
    }
  }

  private spec(name: Name, more: object): void {
    this.history.update(object('Cluster', name, { manager: 'k8', ...more }, { uid: `uid-${name}` }));
  }
}

const wanted = (state: SchedulingState, index: number): number =>
  state.workloads.get(`uid-job-${index}`)?.replicas ?? 0;

/** Copies of a job on clusters that can be seen, or on all. */
function copies(world: World, index: number, names: readonly Name[]): number {
  return names.reduce((sum, name) => sum + (world.running.get(name)?.get(`job-${index}`) ?? 0), 0);
}

function checkAlways(world: World): void {
  const { state } = world.history;
  for (const { name, room } of state.clusters.values())
    holds(Math.min(...room.free) >= 0, () => `${name} has ${room.free.join(', ')} free`);
  for (const record of state.workloads.values()) {
    const placed = record.shares.reduce((sum, share) => sum + share.replicas, 0);
    const unplaced = record.decision?.unplaced ?? 0;
    holds(placed + unplaced === record.replicas, () => `${placed} + ${unplaced} of ${record.replicas} replicas`);
    // Jobs that run to completion leave nothing behind that stays for a replacement.
    if (record.mode !== 'service')
      holds(
        record.shares.every((share) => share.leaving === 0),
        () => `${record.ref.name} leaves slowly`,
      );
  }
  holds(state.moving.size <= Math.max(DRAIN_AT_ONCE, FAILBACK_AT_ONCE), () => `${state.moving.size} move at once`);
}

describe('random losses, returns, drains and taints', () => {
  const anySteps = fc.array(anyStep, { minLength: 5, maxLength: 25 });

  it('never run a job that ends in two places that can be seen, nor one that says Never in two places at all', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = new World();
        const scaled = steps.some((step) => step.do === 'scale');
        for (const step of steps) {
          world.run(step);
          checkAlways(world);
          if (scaled) continue;
          const seen = NAMES.filter((name) => world.isSeen(name));
          for (const [index, names] of [
            [2, seen],
            [3, NAMES],
          ] as const) {
            const [has, may] = [copies(world, index, names), wanted(world.history.state, index)];
            holds(has <= may, () => `${has} copies of ${may} of job-${index}`);
          }
        }
      }),
      runs(60),
    );
  });

  it('leave exactly what was asked for once everything is seen and time has passed, and nothing moves any more', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = new World();
        for (const step of steps) world.run(step);
        for (const name of NAMES) {
          world.run({ do: 'return', cluster: name });
          world.run({ do: 'uncordon', cluster: name });
        }
        // The longest that anything waits for is an hour of calm.
        for (let i = 0; i < 12; i++) {
          for (const name of NAMES) {
            world.run({ do: 'agent', cluster: name });
            world.run({ do: 'ready', cluster: name });
          }
          world.run({ do: 'wait', seconds: 1_300 });
        }
        const { state } = world.history;
        for (const index of [0, 1, 2, 3]) {
          // A job whose completions are given out runs with fewer pods at a time rather than be divided anew.
          const count = copies(world, index, NAMES);
          if (index < 2) expect([index, count]).toEqual([index, wanted(state, index)]);
          else expect(count).toBeGreaterThan(0);
          expect(count).toBeLessThanOrEqual(wanted(state, index));
          const record = state.workloads.get(`uid-job-${index}`);
          for (const name of NAMES) {
            const share = record && shareOn(record, name);
            expect(world.running.get(name)?.get(`job-${index}`) ?? 0).toBe(share ? wantedReplicas(share) : 0);
          }
        }
        expect([state.moving.size, state.unissued.size, state.undecided.size]).toEqual([0, 0, 0]);
        const before = world.history.log.length;
        world.run({ do: 'wait', seconds: 100_000 });
        expect(world.history.log.length).toBe(before);
      }),
      runs(60),
    );
  });

  it('never have fewer replicas ready because of a drain, where the others have room', () => {
    fc.assert(
      fc.property(fc.array(cluster, { minLength: 10, maxLength: 40 }), cluster, (order, drained) => {
        const world = new World();
        for (const name of NAMES) world.ready(name);
        world.history.schedule();
        world.run({ do: 'drain', cluster: drained });
        for (const [turn, name] of order.entries()) {
          world.run({ do: turn % 2 === 0 ? 'agent' : 'ready', cluster: name });
          for (const index of [0, 1]) {
            const record = world.history.state.workloads.get(`uid-job-${index}`);
            const ready = record?.shares.reduce((sum, share) => sum + Math.min(share.ready, wantedReplicas(share)), 0);
            holds((ready ?? 0) >= 3, () => `${ready ?? 0} ready of job-${index}`);
          }
        }
      }),
      runs(60),
    );
  });

  it('are decided the same way again from the log alone', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const world = new World();
        for (const step of steps) world.run(step);
        const { state } = world.history;
        expectJsonKeeps(world.history);
        const again = world.history.replay();
        for (const [uid, record] of state.workloads) expect(again.workloads.get(uid)?.shares).toEqual(record.shares);
        expect([...again.displaced.keys()].sort()).toEqual([...state.displaced.keys()].sort());
      }),
      runs(20),
    );
  });
});
