import { describe, expect, it } from '@jest/globals';
import type { NodeObservation, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { decideRound } from './decide-round.js';
import { decideReleases } from './releases.js';
import { reconcileWork } from './reconcile-work.js';
import { evolveScheduling } from './evolve.js';
import { type SchedulingState, initialScheduling } from './state.js';
import { History, node, object, refOf, workload } from './testing/history.js';
import { expectJsonKeeps } from './testing/json-keeps.js';
import { holds } from './testing/holds.js';
import { runs } from './testing/long-runs.js';

/**
 * Users, clusters and agents do anything in any order. Requests never grow and nodes never shrink here: what was placed stays
 * placed then, and may be more than there is room for; life-cycle.unit.spec.ts has that.
 */
type Step =
  | { do: 'create'; job: number; replicas: number; cpu: number; batch: boolean; only: string | undefined }
  | { do: 'scale'; job: number; replicas: number }
  | { do: 'label' | 'delete'; job: number; force: boolean }
  | { do: 'addCluster' | 'deleteCluster' | 'grow' | 'ready' | 'lost'; cluster: string; force: boolean; nodes: number }
  | { do: 'finish'; job: number; cluster: string }
  | { do: 'restart' | 'agents' | 'schedule' };

const clusterName = fc.constantFrom('a', 'b', 'c');
const job = fc.nat(5);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      job,
      replicas: fc.integer({ min: 1, max: 5 }),
      cpu: fc.constantFrom(0, 300, 700, 1500),
      batch: fc.boolean(),
      only: fc.option(clusterName, { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('scale' as const), job, replicas: fc.nat(6) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('label' as const, 'delete' as const), job, force: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'addCluster' as const,
        'addCluster' as const,
        'deleteCluster' as const,
        'grow' as const,
        'ready' as const,
        'lost' as const,
      ),
      cluster: clusterName,
      force: fc.boolean(),
      nodes: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), job, cluster: clusterName }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('restart' as const, 'agents' as const, 'schedule' as const, 'schedule' as const),
    }),
  },
);

class Model {
  readonly history = new History();
  readonly jobs = new Map<number, StoredObject>();
  readonly clusters = new Map<string, { object: StoredObject; nodes: NodeObservation[] }>();
  /** Nodes that a cluster of this name had at most. */
  private readonly sizes = new Map<string, number>();
  private made = 0;

  constructor() {
    this.history.startEpoch();
  }

  run(step: Step): void {
    switch (step.do) {
      case 'create': {
        this.create(step);
        return;
      }
      case 'scale': {
        this.change(step.job, (spec) => ({ ...spec, replicas: step.replicas }), true);
        return;
      }
      case 'label': {
        this.change(step.job, (spec) => spec, false);
        return;
      }
      case 'delete': {
        const gone = this.jobs.get(step.job);
        if (gone !== undefined) this.history.delete(gone, step.force);
        this.jobs.delete(step.job);
        return;
      }
      case 'addCluster': {
        this.addCluster(step.cluster, step.nodes);
        return;
      }
      case 'deleteCluster': {
        const cluster = this.clusters.get(step.cluster);
        if (cluster !== undefined) this.history.delete(cluster.object, step.force);
        this.clusters.delete(step.cluster);
        return;
      }
      case 'grow': {
        const cluster = this.clusters.get(step.cluster);
        if (cluster === undefined) return;
        cluster.nodes = [...cluster.nodes, node(`n-${++this.made}`, { cpu: 2000 })];
        this.sizes.set(step.cluster, cluster.nodes.length);
        this.history.observe(step.cluster, cluster.nodes);
        return;
      }
      case 'ready':
      case 'lost': {
        const cluster = this.history.state.clusters.get(step.cluster);
        if (cluster !== undefined)
          this.history.health(step.cluster, step.do === 'ready' ? 'READY' : 'LOST', cluster.uid);
        return;
      }
      case 'finish': {
        const done = this.jobs.get(step.job);
        if (done !== undefined) this.history.report(step.cluster, done, 'COMPLETED');
        return;
      }
      case 'restart':
        this.history.state = this.history.replay();
        this.history.attempts.clear();
        {
          this.history.startEpoch();
          return;
        }
      case 'agents': {
        this.agents();
        return;
      }
      case 'schedule': {
        this.history.schedule(3);
        return;
      }
    }
  }

  /** Every agent of a cluster that is there removes what it was told to. */
  agents(): void {
    for (const record of this.history.state.workloads.values()) {
      for (const share of record.shares) {
        if (share.work === 'withdrawing' && this.history.state.clusters.has(share.cluster)) {
          this.history.removed(share.cluster, record.ref);
        }
      }
    }
  }

  private create({ job, replicas, cpu, batch, only }: Extract<Step, { do: 'create' }>): void {
    if (this.jobs.has(job)) return;
    const created = workload(`job-${job}`, {
      replicas,
      requests: cpu === 0 ? {} : { cpu: `${cpu}m` },
      ...(batch && { restartPolicy: 'Never' as const }),
      ...(only !== undefined && { placement: { clusters: [only] } }),
    });
    created.metadata.uid = `uid-${++this.made}`;
    this.jobs.set(job, created);
    this.history.create(created);
  }

  private change(job: number, edit: (spec: object) => object, isSpec: boolean): void {
    const before = this.jobs.get(job);
    if (before === undefined) return;
    const { metadata } = before;
    const generation = (metadata.generation ?? 1) + (isSpec ? 1 : 0);
    const changed = {
      ...before,
      metadata: { ...metadata, generation, labels: { n: String(++this.made) } },
      spec: edit(before.spec as object),
    };
    this.jobs.set(job, changed);
    this.history.update(changed);
  }

  /** One that comes back is no smaller than it was: what it had been told may still run there. */
  private addCluster(name: string, nodes: number): void {
    if (this.history.state.clusters.has(name)) return;
    const created = object('Cluster', name, {}, { uid: `uid-${name}-${++this.made}` });
    const size = Math.max(nodes, this.sizes.get(name) ?? 0);
    this.sizes.set(name, size);
    const observed = Array.from({ length: size }, () => node(`n-${++this.made}`, { cpu: 2000 }));
    this.clusters.set(name, { object: created, nodes: observed });
    this.history.create(created);
    this.history.observe(name, observed);
    this.history.health(name, 'READY', created.metadata.uid);
  }
}

/** What must hold after every entry. */
function checkAlways(state: SchedulingState): void {
  for (const cluster of state.clusters.values()) {
    const { free, totalFree, layout } = cluster.room;
    const least = free.reduce((min, each) => Math.min(min, each), 0);
    holds(least >= 0, () => `${cluster.name} is promised ${-least} more than it has`);
    totalFree.forEach((total, column) => {
      let sum = 0;
      for (let at = column; at < free.length; at += layout.stride) sum += free[at] ?? 0;
      holds(sum === total, () => `${cluster.name} has ${sum} free on nodes and ${total} in total`);
    });
  }
}

/** What must hold when the scheduler has come to rest. */
function checkAtRest({ history }: Model): void {
  const { state } = history;
  for (const record of state.workloads.values()) {
    if (record.deleting) continue;
    const placed = record.shares.reduce((sum, share) => sum + share.replicas, 0);
    expect(placed + (record.decision?.unplaced ?? 0)).toBe(record.replicas);
    if (record.completions !== undefined && placed > 0) {
      expect(record.shares.reduce((sum, share) => sum + (share.completions ?? 0), 0)).toBe(record.completions);
    }
    for (const share of record.shares) {
      const cluster = state.clusters.get(share.cluster);
      if (cluster?.deleting !== false) expect(share.finished || share.replicas === 0).toBe(true);
      else if (share.replicas > 0) {
        expect(share).toMatchObject({
          work: 'assigned',
          carried: { decision: share.decision, replicas: share.replicas },
        });
      }
    }
  }
  const limits = { epoch: history.epoch, decisions: 100, verdicts: 32 };
  expect(decideRound(state, limits)).toEqual([]);
  expect(decideReleases(state, history.epoch, 100)).toEqual([]);
  expect([...reconcileWork(state, { epoch: history.epoch, workloads: 100 })]).toEqual([]);
}

const run = (steps: readonly Step[], after: (model: Model) => void = () => undefined): Model => {
  const model = new Model();
  for (const step of steps) {
    model.run(step);
    after(model);
  }
  return model;
};

describe('random histories', () => {
  const anySteps = fc.array(anyStep, { minLength: 5, maxLength: 40 });

  it('never promise more than there is, and come to rest with everything decided and issued once', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const model = run(steps, ({ history }) => checkAlways(history.state));
        model.history.schedule();
        // A job that ends starts elsewhere only once it is gone from where it was.
        model.agents();
        model.history.schedule();
        checkAlways(model.history.state);
        checkAtRest(model);
      }),
      runs(300),
    );
  });

  it('leave nothing behind of what is deleted once the agents have done their part', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const model = run(steps);
        for (const [, gone] of model.jobs) model.history.delete(gone);
        for (let i = 0; i < 3; i++) {
          model.history.schedule();
          model.agents();
        }
        model.history.schedule();
        expect(model.history.state.workloads.size).toBe(0);
        expect(model.history.state.shapes.size).toBe(0);
        expect(model.history.state.waiting.size).toBe(0);
        for (const cluster of model.history.state.clusters.values()) {
          expect(cluster.shares.size).toBe(0);
          expect(cluster.room.free).toEqual(cluster.room.layout.allocatable);
        }
      }),
      runs(100),
    );
  });

  it('are decided the same way again from the log alone, byte for byte', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { history } = run([...steps, { do: 'schedule' }]);
        expectJsonKeeps(history);
        const again = initialScheduling();
        let due: string[] = [];
        for (const { entry, place } of history.log) {
          if (entry.type === 'PlacementDecided' && place.index === 0) {
            due = decideRound(again, { epoch: entry.data.epoch, decisions: 3, verdicts: 32 }).map(({ data }) =>
              JSON.stringify(data),
            );
          }
          if (entry.type === 'PlacementDecided') expect(due[place.index]).toBe(JSON.stringify(entry.data));
          evolveScheduling(again, entry, place);
        }
      }),
      runs(100),
    );
  });

  it('are decided the same way whatever the order in which clusters became known', () => {
    const anyClusters = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
    fc.assert(
      fc.property(anyClusters, fc.integer({ min: 1, max: 30 }), (names, replicas) => {
        const history = new History();
        history.startEpoch();
        for (const name of names) history.cluster(name, [node(`${name}-1`, { cpu: 2000 + name.charCodeAt(0) })]);
        const spreadOut = workload('job', { replicas, requests: { cpu: '250m' } });
        history.create(spreadOut);
        history.schedule();
        const sorted = new History();
        sorted.startEpoch();
        for (const name of names.toSorted())
          sorted.cluster(name, [node(`${name}-1`, { cpu: 2000 + name.charCodeAt(0) })]);
        sorted.create(spreadOut);
        sorted.schedule();
        expect(history.decisionOn(spreadOut)).toEqual(sorted.decisionOn(spreadOut));
      }),
    );
  });

  it('place at least as much when there is more capacity', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 2000 }), replicas: fc.integer({ min: 1, max: 4 }) }), {
          maxLength: 12,
        }),
        (jobs) => {
          const { history } = run([{ do: 'addCluster', cluster: 'a', force: false, nodes: 2 }]);
          const created = jobs.map(({ cpu, replicas }, index) =>
            workload(`job-${index}`, { replicas, requests: { cpu: `${cpu}m` } }),
          );
          history.create(...created);
          history.schedule();
          const before = created.map((each) => history.decisionOn(each)?.unplaced ?? 0);
          history.cluster('z', [node('z-1', { cpu: 3000 })]);
          history.schedule();
          created.forEach((each, index) => {
            expect(history.decisionOn(each)?.unplaced).toBeLessThanOrEqual(before[index]!);
            expect(refOf(each).uid).toBe(history.decisionOn(each)?.ref.uid);
          });
        },
      ),
    );
  });
});
