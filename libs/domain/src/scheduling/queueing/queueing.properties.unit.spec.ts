/** What must hold of rounds over queues whatever happens. `npm run test:properties` tries each 100,000 times. */
import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { decideRound } from '../decide-round.js';
import { evolveScheduling } from '../evolve.js';
import { Reason } from '../reasons.js';
import { type WorkloadRecord, initialScheduling } from '../state.js';
import { History, node, object, priorityClass, queue, workload } from '../testing/history.js';
import { expectJsonKeeps } from '../testing/json-keeps.js';
import { holds } from '../testing/holds.js';
import { runs } from '../testing/long-runs.js';

const QUEUES = ['x', 'y', 'z'] as const;

interface Ask {
  queue: (typeof QUEUES)[number];
  cpus: number;
  replicas: number;
  priority: number;
  gang: boolean;
}

const anyAsk: fc.Arbitrary<Ask> = fc.record({
  queue: fc.constantFrom(...QUEUES),
  cpus: fc.integer({ min: 1, max: 4 }),
  replicas: fc.integer({ min: 1, max: 3 }),
  priority: fc.constantFrom(0, 0, 10, 20),
  gang: fc.boolean(),
});

type Step =
  | { do: 'submit'; ask: Ask }
  | { do: 'finish'; job: number }
  | { do: 'agents' | 'schedule' | 'restart' | 'grow' }
  | { do: 'quota'; queue: (typeof QUEUES)[number]; nominal: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('submit' as const), ask: anyAsk }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), job: fc.nat(20) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('agents' as const, 'schedule' as const, 'schedule' as const, 'restart' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('quota' as const),
      queue: fc.constantFrom(...QUEUES),
      nominal: fc.integer({ min: 0, max: 8 }),
    }),
  },
);

const ask = (queue: Ask['queue'], cpus: number, replicas: number, more: Partial<Ask> = {}): Step => ({
  do: 'submit',
  ask: { queue, cpus, replicas, priority: 0, gang: false, ...more },
});

const NODES = [node('a-1', { cpu: 4000 }), node('a-2', { cpu: 4000 })];

class Model {
  readonly history = new History();
  readonly jobs: StoredObject[] = [];

  constructor() {
    this.history.startEpoch();
    this.history.create(priorityClass('p10', 10), priorityClass('p20', 20), queue('root'));
    for (const name of QUEUES) this.history.create(this.queueOf(name, 3));
    this.history.cluster('a', NODES);
    this.history.cluster('b', [node('b-1', { cpu: 3000 })]);
  }

  run(step: Step): void {
    const { history } = this;
    if (step.do === 'submit') this.submit(step.ask);
    else if (step.do === 'finish') {
      const gone = this.jobs[step.job];
      if (gone !== undefined && history.state.workloads.get(gone.metadata.uid)?.deleting === false)
        history.delete(gone);
    } else if (step.do === 'agents') this.agents();
    else if (step.do === 'schedule') history.schedule(5);
    else if (step.do === 'restart') {
      history.state = history.replay();
      history.attempts.clear();
    } else if (step.do === 'quota') history.update(this.queueOf(step.queue, step.nominal));
  }

  agents(): void {
    for (const record of this.history.state.workloads.values()) {
      for (const share of record.shares)
        if (share.work === 'withdrawing') this.history.removed(share.cluster, record.ref);
    }
  }

  settle(): void {
    for (let i = 0; i < 4; i++) {
      this.history.schedule();
      this.agents();
    }
    this.history.schedule();
  }

  private queueOf(name: string, nominal: number): StoredObject {
    return queue(name, { parent: 'root', quotas: [{ resource: 'cpu', nominal, lendingLimit: Math.min(nominal, 2) }] });
  }

  private submit({ queue: of, cpus, replicas, priority, gang }: Ask): void {
    const made = workload(`job-${this.jobs.length}`, {
      replicas,
      requests: { cpu: String(cpus) },
      ...(priority > 0 && { priority: `p${priority}` }),
      spec: { queue: of, ...(gang && { gang: {} }) },
    });
    this.jobs.push(made);
    this.history.create(made);
  }
}

/** Runs the steps; after each, no node has promised more than it has, and gangs are whole. */
function runSoundly(model: Model, steps: readonly Step[]): void {
  for (const step of steps) {
    model.run(step);
    for (const { name, room } of model.history.state.clusters.values())
      holds(Math.min(...room.free) >= 0, () => `${name} has ${room.free.join(', ')} free`);
    for (const { terms, shares, replicas, deleting } of model.history.state.workloads.values()) {
      const placed = shares.reduce((sum, share) => sum + share.replicas, 0);
      const isWhole = terms.gang === undefined || deleting || placed === 0 || placed === replicas;
      holds(isWhole, () => `${placed} of a gang of ${replicas} are placed`);
    }
  }
}

/** Decides each round of the log again, from the log alone. */
function expectSameAgain({ log }: History): void {
  const again = initialScheduling();
  let due: string[] = [];
  let basis = -1;
  for (const { entry, place } of log) {
    if (entry.type === 'PlacementDecided') {
      if (entry.data.basis !== basis) {
        basis = entry.data.basis;
        const limits = { epoch: entry.data.epoch, decisions: 5, verdicts: 32, nowMs: 0 };
        due = [...decideRound(again, limits), ...decideRound(again, { ...limits, decisions: 1000 })].map((draft) =>
          JSON.stringify(draft.data),
        );
      }
      expect(due).toContain(JSON.stringify(entry.data));
    }
    evolveScheduling(again, entry, place);
  }
}

describe('rounds over queues, whatever happens,', () => {
  const anySteps = fc.array(anyStep, { minLength: 3, maxLength: 25 });

  it('promise no more than there is, place gangs whole, and come to rest', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const model = new Model();
        runSoundly(model, steps);
        model.settle();
        const { state, epoch } = model.history;
        expect(decideRound(state, { epoch, decisions: 100, verdicts: 32, nowMs: 0 })).toEqual([]);
        const held = new Map<string, number>();
        for (const { terms, shape, shares } of state.workloads.values()) {
          const cpu = shape.requests.cpu ?? 0;
          const all = shares.reduce((sum, share) => sum + share.held, 0);
          held.set(terms.queue, (held.get(terms.queue) ?? 0) + cpu * all);
        }
        for (const [name, amount] of held) expect(state.queueing?.usage.get(name)?.[0] ?? 0).toBe(amount);
      }),
      runs(150),
    );
  });

  it('decide the same again from the log alone, and from a fresh start', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { history } = steps.reduce((model, step) => (model.run(step), model), new Model());
        expectSameAgain(history);
        expectJsonKeeps(history);
      }),
      runs(80),
    );
  });
});

describe('rounds over queues', () => {
  it('place one claimant only where his cluster leaves the room of the other', () => {
    const model = new Model();
    runSoundly(model, [
      ask('z', 2, 2),
      ask('x', 1, 3),
      { do: 'schedule' },
      ask('z', 1, 3, { priority: 20 }),
      ask('y', 3, 1, { priority: 10 }),
      ...(['schedule', 'agents', 'agents', 'schedule'] as const).map((what) => ({ do: what })),
    ]);
    expect(model.jobs.slice(2).map((job) => model.history.decisionOn(job)?.unplaced)).toEqual([0, 0]);
  });

  it('decide the same from a fresh start where another waits for room that is kept', () => {
    const model = new Model();
    const steps: Step[] = [
      ask('x', 2, 2),
      ask('x', 2, 1),
      { do: 'schedule' },
      ask('x', 1, 2, { priority: 10, gang: true }),
      ask('x', 2, 1, { priority: 10 }),
      { do: 'schedule' },
      ask('x', 1, 1),
      ask('x', 1, 1),
      { do: 'schedule' },
    ];
    for (const step of steps) model.run(step);
    expectSameAgain(model.history);
  });
});

describe('fairness', () => {
  it('leaves no two queues that want more further apart than one job of the lower one', () => {
    const anyQueue = fc.record({
      weight: fc.integer({ min: 1, max: 4 }),
      cpus: fc.integer({ min: 1, max: 3 }),
      gib: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(anyQueue, { minLength: 2, maxLength: 5 }), (queues) => {
        const history = new History();
        history.startEpoch();
        // As many jobs as the cluster takes of the smallest, and one that waits.
        const [cpu, memory, JOBS] = [20, 40, 21];
        history.cluster('a', [node('a-1', { cpu: 1000 * cpu, memory: memory * 1024 ** 3, pods: 10_000 })]);
        queues.forEach(({ weight, cpus, gib }, index) => {
          history.create(queue(`q-${index}`, { weight }));
          const requests = { cpu: String(cpus), memory: `${gib}Gi` };
          for (let i = 0; i < JOBS; i++)
            history.create(workload(`j-${index}-${i}`, { requests, spec: { queue: `q-${index}` } }));
        });
        history.schedule();
        const shares = queues.map(({ weight, cpus, gib }, index) => {
          const one = Math.max(cpus / cpu, gib / memory) / weight;
          const used = history.state.queueing?.usage.get(`q-${index}`) ?? [];
          const jobs = Math.round((used[0] ?? 0) / (1000 * cpus));
          return { share: jobs * one, one, wants: jobs < JOBS };
        });
        // When nothing more fits, the next in line may be too large: one job of whoever is ahead, and one of whoever is behind.
        for (const low of shares) {
          for (const high of shares) {
            if (low.wants) expect(high.share - low.share).toBeLessThanOrEqual(high.one + 2 * low.one + 1e-9);
          }
        }
      }),
      runs(100),
    );
  });
});

describe('nobody starves:', () => {
  it('a job that fits an empty node is placed, whatever stream of smaller ones comes while others end', () => {
    const anyStream = fc.array(
      fc.record({
        cpus: fc.integer({ min: 1, max: 3 }),
        queue: fc.constantFrom('big', 'other', 'third'),
        lasts: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 20, maxLength: 28 },
    );
    fc.assert(
      fc.property(anyStream, fc.integer({ min: 2, max: 4 }), fc.boolean(), (stream, when, isAfterHopeless) => {
        const history = new History();
        history.startEpoch();
        history.create(queue('big'), queue('other'), queue('third'));
        history.cluster('a', [node('a-1', { cpu: 4000 }), node('a-2', { cpu: 4000 })]);
        // It fits no node even when empty, and is before all others of its queue.
        if (isAfterHopeless) history.create(workload('hopeless', { requests: { cpu: '5' }, spec: { queue: 'big' } }));
        const ends = new Map<number, StoredObject[]>();
        const big = workload('big', { requests: { cpu: '4' }, spec: { queue: 'big' } });
        const running = (): boolean =>
          history.state.workloads.get('uid-big')?.shares.some((s) => s.replicas > 0) === true;
        let waited = 0;
        for (const [at, { cpus, queue: of, lasts }] of stream.entries()) {
          if (at === when) history.create(big);
          const job = workload(`small-${at}`, { requests: { cpu: String(cpus) }, spec: { queue: of } });
          history.create(job);
          history.schedule();
          // One that runs ends after as long as it lasts; one that waits goes on waiting.
          ends.set(at + lasts, [...(ends.get(at + lasts) ?? []), job]);
          const gone: WorkloadRecord[] = [];
          for (const done of ends.get(at) ?? []) {
            const record = history.state.workloads.get(done.metadata.uid);
            if (record?.shares.some((share) => share.replicas > 0) !== true) {
              ends.set(at + 1, [...(ends.get(at + 1) ?? []), done]);
              continue;
            }
            history.delete(done);
            gone.push(record);
          }
          history.schedule();
          for (const { ref, shares } of gone) for (const share of shares) history.removed(share.cluster, ref);
          history.schedule();
          // It runs: what comes later has no part in how long it waited.
          if (running()) break;
          if (at >= when) waited++;
        }
        // Nothing lasts longer than 4 steps, and once room is kept for it only what runs on that node has to end.
        expect(waited).toBeLessThanOrEqual(12);
      }),
      runs(100),
    );
  });
});

describe('preemption', () => {
  interface Small {
    cpus: number;
    priority: number;
    node: number;
  }
  const anySmall: fc.Arbitrary<Small> = fc.record({
    cpus: fc.integer({ min: 1, max: 4 }),
    priority: fc.constantFrom(0, 10, 20, 30),
    node: fc.nat(1),
  });

  /** Fewest victims by trying all sets: the job needs one node with so many cores free. */
  function fewest(
    running: readonly Small[],
    free: readonly number[],
    cpus: number,
    priority: number,
  ): number | undefined {
    let best: number | undefined;
    for (let set = 0; set < 2 ** running.length; set++) {
      const chosen = running.filter((_, index) => (set >> index) % 2 === 1);
      if (chosen.some((each) => each.priority >= priority)) continue;
      const fits = free.some(
        (amount, at) =>
          amount + chosen.filter((each) => each.node === at).reduce((sum, each) => sum + each.cpus, 0) >= cpus,
      );
      if (fits) best = Math.min(best ?? chosen.length, chosen.length);
    }
    return best;
  }

  it('displaces as few as trying all sets finds, none of them an equal', () => {
    fc.assert(
      fc.property(fc.array(anySmall, { maxLength: 8 }), fc.integer({ min: 1, max: 8 }), (smalls, cpus) => {
        const history = new History();
        history.startEpoch();
        history.create(...[0, 10, 20, 30].map((value) => priorityClass(`p${value}`, value)));
        history.cluster('a', [node('n-0', { cpu: 8000 }, { labels: { n: '0' } })]);
        history.cluster('b', [node('n-1', { cpu: 8000 }, { labels: { n: '1' } })]);
        const free = [8, 8];
        const running: Small[] = [];
        for (const [index, small] of smalls.entries()) {
          if ((free[small.node] ?? 0) < small.cpus) continue;
          free[small.node] = (free[small.node] ?? 0) - small.cpus;
          running.push(small);
          const placement = { clusters: [small.node === 0 ? 'a' : 'b'] };
          const requests = { cpu: String(small.cpus) };
          history.create(workload(`small-${index}`, { requests, priority: `p${small.priority}`, placement }));
          history.schedule();
        }
        const before = history.log.length;
        history.create(workload('high', { requests: { cpu: String(cpus) }, priority: 'p20' }));
        history.schedule();
        const displaced = history.log
          .slice(before)
          .filter(({ entry }) => entry.type === 'PlacementDecided' && entry.data.reason === Reason.PREEMPTED);
        expect(displaced.length).toBe(fewest(running, free, cpus, 20) ?? 0);
      }),
      runs(300),
    );
  });
});

describe('a job that waits', () => {
  it('is looked at again when a queue begins to borrow what it may take back', () => {
    const model = new Model();
    const plain = { priority: 0, gang: false };
    const steps: Step[] = [
      { do: 'submit', ask: { queue: 'y', cpus: 1, replicas: 1, ...plain } },
      { do: 'submit', ask: { queue: 'y', cpus: 1, replicas: 2, ...plain } },
      { do: 'submit', ask: { queue: 'z', cpus: 2, replicas: 1, ...plain } },
      { do: 'schedule' },
      { do: 'submit', ask: { queue: 'y', cpus: 1, replicas: 1, priority: 20, gang: false } },
      { do: 'submit', ask: { queue: 'x', cpus: 3, replicas: 1, priority: 20, gang: false } },
    ];
    for (const step of steps) model.run(step);
    model.settle();
    expect(model.history.decisionOn(model.jobs[4]!)).toMatchObject({ unplaced: 0 });
  });

  it('is looked at again when the room that was kept for another is kept for a smaller one now', () => {
    const model = new Model();
    const plain = { priority: 0, gang: false };
    const steps: Step[] = [
      { do: 'submit', ask: { queue: 'y', cpus: 4, replicas: 2, ...plain } },
      { do: 'submit', ask: { queue: 'x', cpus: 2, replicas: 2, priority: 0, gang: true } },
      { do: 'submit', ask: { queue: 'z', cpus: 1, replicas: 2, priority: 0, gang: true } },
      { do: 'quota', queue: 'y', nominal: 8 },
      { do: 'submit', ask: { queue: 'x', cpus: 1, replicas: 1, ...plain } },
      { do: 'schedule' },
      { do: 'submit', ask: { queue: 'x', cpus: 1, replicas: 2, priority: 20, gang: true } },
    ];
    for (const step of steps) model.run(step);
    model.settle();
    expect(model.history.decisionOn(model.jobs[2]!)).toMatchObject({ unplaced: 0 });
  });

  it('is looked at again for quota when room is not kept any more where it may displace', () => {
    const model = new Model();
    const steps: Step[] = [
      ask('y', 3, 1),
      ask('x', 1, 3),
      { do: 'schedule' },
      ask('x', 2, 1, { priority: 10 }),
      ask('x', 2, 1, { priority: 20 }),
      ask('z', 3, 1),
    ];
    for (const step of steps) model.run(step);
    model.settle();
    expect(model.jobs.slice(2, 4).map((job) => model.history.decisionOn(job)?.unplaced)).toEqual([0, 0]);
  });

  it('is looked at again when part of it was placed', () => {
    const model = new Model();
    const plain = { replicas: 1, priority: 0, gang: false };
    const steps: Step[] = [
      { do: 'submit', ask: { queue: 'y', cpus: 3, ...plain } },
      { do: 'quota', queue: 'z', nominal: 5 },
      { do: 'submit', ask: { queue: 'z', cpus: 4, ...plain } },
      { do: 'schedule' },
      { do: 'submit', ask: { queue: 'x', cpus: 4, ...plain } },
      { do: 'submit', ask: { queue: 'x', cpus: 1, ...plain } },
      { do: 'submit', ask: { queue: 'y', cpus: 2, replicas: 2, priority: 20, gang: false } },
      { do: 'finish', job: 3 },
    ];
    for (const step of steps) model.run(step);
    model.settle();
    expect(model.history.decisionOn(model.jobs[4]!)).toMatchObject({ unplaced: 0 });
  });

  it('is looked at again only when something that could help has changed', () => {
    const history = new History();
    history.startEpoch();
    history.create(queue('q', { quotas: [{ resource: 'cpu', nominal: 2 }] }), queue('other'));
    const cluster = history.cluster('a', [node('a-1', { cpu: 4000 })]);
    history.cluster('b', [node('b-1', { cpu: 1000 })]);
    const runsNow = workload('runs', { requests: { cpu: '2' }, spec: { queue: 'q' } });
    const waits = workload('waits', { requests: { cpu: '1' }, spec: { queue: 'q' } });
    const large = workload('large', {
      requests: { cpu: '3' },
      placement: { clusters: ['a'] },
      spec: { queue: 'other' },
    });
    history.create(runsNow, waits, large);
    history.schedule();
    const line = (name: string) => history.state.workloads.get(`uid-${name}`)?.line;
    const triedAt = (name: string): number => history.attempts.lines.get(line(name)!)?.at ?? -1;
    const first = { waits: triedAt('waits'), large: triedAt('large') };
    const looks = (): string[] => {
      history.schedule();
      return (['waits', 'large'] as const).filter((name) => {
        const now = triedAt(name);
        const again = now !== first[name];
        first[name] = now;
        return again;
      });
    };
    history.create(object('ConfigMap', 'unrelated', {}, { namespace: 'default' }));
    expect(looks()).toEqual([]);
    history.create(workload('new', { requests: { cpu: '100m' }, spec: { queue: 'third' } }));
    expect(looks()).toEqual([]);
    history.observe('b', [node('b-1', { cpu: 2000 })]);
    expect(looks()).toEqual([]);
    history.observe('a', [node('a-1', { cpu: 4500 })]);
    expect(looks()).toEqual(['large']);
    history.delete(runsNow);
    history.schedule();
    history.removed('a', runsNow);
    history.schedule();
    expect(history.placed(waits)).not.toEqual({});
    expect(history.placed(large)).toEqual({ a: 1 });
    expect(cluster.kind).toBe('Cluster');
  });
});
