/** Replicas that were asked to move to where they are better off. SKYFLOW_LONG=1 tries the properties at least 100,000 times. */
import { describe, expect, it } from '@jest/globals';
import { ANNOTATION_REBALANCE, type ReplicaDivision, type StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { History, node, object, workload } from '../../testing/history.js';
import { runs } from '../../testing/long-runs.js';
import { previewMoves } from '../preview-moves.js';
import { REBALANCE_WITHIN_MS, rebalanceText } from './rebalance.js';

const CPU = { requests: { cpu: '1' } };

function clusters(sizes: Record<string, number>): History {
  const history = new History();
  history.startEpoch();
  for (const [name, cpus] of Object.entries(sizes)) addCluster(history, name, cpus);
  return history;
}

const addCluster = (history: History, name: string, cpus: number): void => {
  history.cluster(name, [node(`${name}-1`, { cpu: cpus * 1_000, pods: 10_000 })], { name });
};

const asked = (each: StoredObject, maxReplicas = 100, at = 'now'): StoredObject => ({
  ...each,
  metadata: { ...each.metadata, annotations: { [ANNOTATION_REBALANCE]: rebalanceText(at, maxReplicas) } },
});

/** Everything is decided, and clusters do what they are told, until nothing happens any more. */
function settle(history: History): void {
  for (let round = 0; round < 60; round++) {
    const before = history.log.length;
    history.nowMs += 500;
    history.schedule();
    for (const record of [...history.state.workloads.values()]) {
      for (const share of [...record.shares]) {
        if (share.work === 'withdrawing') history.removed(share.cluster, record.ref);
        else if (share.work === 'assigned' && share.ready !== share.carried.replicas) {
          const seen = object(record.ref.kind, record.ref.name, {}, { ...record.ref, generation: record.generation });
          history.report(share.cluster, seen, 'RUNNING', share.carried.replicas);
        }
      }
    }
    if (history.log.length === before) return;
  }
  throw new Error('it does not come to rest');
}

const moves = (history: History): number =>
  history
    .entriesOf('EvictionDecided')
    .filter(({ cause }) => cause === 'Rebalanced')
    .reduce((sum, { shares }) => sum + shares.reduce((all, { replicas }) => all + replicas, 0), 0);

/** Eight workloads of one replica on the only cluster that there was; then a second one comes. */
function crowded(): { history: History; jobs: StoredObject[] } {
  const history = clusters({ a: 10 });
  const jobs = Array.from({ length: 8 }, (_, index) => workload(`job-${index}`, { replicas: 1, ...CPU }));
  history.create(...jobs);
  settle(history);
  addCluster(history, 'b', 10);
  settle(history);
  return { history, jobs };
}

const on = (history: History, jobs: readonly StoredObject[], cluster: string): number =>
  jobs.filter((job) => history.placed(job)[cluster] === 1).length;

describe('a rebalance', () => {
  it('moves to a new cluster what is better off there, and nothing that was not asked', () => {
    const { history, jobs } = crowded();
    expect(on(history, jobs, 'a')).toBe(8);
    for (const job of jobs.slice(0, 6)) history.update(asked(job));
    settle(history);
    expect([on(history, jobs, 'a'), on(history, jobs, 'b')]).toEqual([5, 3]);
    expect(on(history, jobs.slice(6), 'a')).toBe(2);
    expect(history.entriesOf('EvictionDecided')[0]).toMatchObject({ cause: 'Rebalanced', shares: [{ to: 'b' }] });
  });

  it('takes replicas away only when their replacements are ready', () => {
    const history = clusters({ a: 10 });
    const web = workload('web', { replicas: 4, ...CPU });
    history.create(web);
    settle(history);
    addCluster(history, 'b', 10);
    history.update(asked(web));
    history.schedule();
    expect(history.placed(web)).toEqual({ a: 2, b: 2 });
    expect(history.state.workloads.get('uid-web')?.shares.map(({ leaving }) => leaving)).toEqual([2, 0]);
    settle(history);
    expect(history.state.workloads.get('uid-web')?.shares.map(({ leaving }) => leaving)).toEqual([0, 0]);
  });

  it('moves no more than it may, not again for the same text, and not what is asked too long ago', () => {
    const history = clusters({ a: 10 });
    const web = workload('web', { replicas: 6, ...CPU });
    history.create(web);
    settle(history);
    addCluster(history, 'b', 10);
    history.update(asked(web, 1));
    settle(history);
    expect(history.placed(web)).toEqual({ a: 5, b: 1 });
    history.update(asked(web, 1));
    settle(history);
    expect(history.placed(web)).toEqual({ a: 5, b: 1 });
    history.update(asked(web, 1, 'again'));
    history.nowMs += REBALANCE_WITHIN_MS;
    settle(history);
    expect(history.placed(web)).toEqual({ a: 5, b: 1 });
  });

  it('brings replicas back to the weights and constraints that they say', () => {
    const history = clusters({ a: 40 });
    const division: ReplicaDivision = {
      type: 'StaticWeights',
      weights: [
        { clusters: ['a'], weight: 1 },
        { clusters: ['b'], weight: 3 },
      ],
    };
    const weighed = workload('weighed', { replicas: 8, ...CPU, placement: { division } });
    const even = workload('even', {
      replicas: 4,
      ...CPU,
      placement: { spreadConstraints: [{ topologyKey: 'cluster', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }] },
    });
    history.create(weighed, even);
    settle(history);
    addCluster(history, 'b', 40);
    settle(history);
    expect([history.placed(weighed), history.placed(even)]).toEqual([{ a: 8 }, { a: 4 }]);
    for (const each of [weighed, even]) history.update(asked(each));
    settle(history);
    expect([history.placed(weighed), history.placed(even)]).toEqual([
      { a: 2, b: 6 },
      { a: 2, b: 2 },
    ]);
  });

  it('takes replicas from a cluster that their rules do not allow any more', () => {
    const history = clusters({ a: 10, b: 10 });
    const web = workload('web', {
      replicas: 2,
      ...CPU,
      placement: { clusterSelector: { matchLabels: { name: 'a' } } },
    });
    history.create(web);
    settle(history);
    history.cluster('a', [node('a-1', { cpu: 10_000, pods: 100 })], { name: 'c' });
    history.cluster('b', [node('b-1', { cpu: 10_000, pods: 100 })], { name: 'a' });
    settle(history);
    expect(history.placed(web)).toEqual({ a: 2 });
    history.update(asked(web));
    settle(history);
    expect(history.placed(web)).toEqual({ b: 2 });
  });

  it('leaves alone what runs to completion, and what is on a cordoned cluster', () => {
    const history = clusters({ a: 10 });
    const batch = workload('batch', { replicas: 4, restartPolicy: 'Never', ...CPU });
    const web = workload('web', { replicas: 4, ...CPU });
    history.create(batch, web);
    settle(history);
    addCluster(history, 'b', 10);
    history.update(object('Cluster', 'a', { manager: 'k8', unschedulable: true }));
    for (const each of [batch, web]) history.update(asked(each));
    settle(history);
    expect(moves(history)).toBe(0);
  });

  it('is what its preview said', () => {
    const { history, jobs } = crowded();
    const { nowMs } = history;
    const preview = previewMoves(history.state, { objects: [], deleted: [], rebalance: {} }, { nowMs, most: 100 });
    expect(preview).toMatchObject({ workloads: 3, replicas: 3, waiting: 0 });
    expect(history.state.rebalancing.size).toBe(0);
    for (const { name } of preview.moves)
      history.update(
        asked(
          jobs.find(({ metadata }) => metadata.name === name)!,
          1,
        ),
      );
    settle(history);
    expect(on(history, jobs, 'b')).toBe(3);
  });

  it('leaves nobody waiting for room that another took for what he still had', () => {
    const history = clusters({ a: 15 });
    const jobs = [4, 4, 3, 4, 5, 5, 4, 5].map((replicas, index) => workload(`job-${index}`, { replicas, ...CPU }));
    history.create(...jobs);
    settle(history);
    addCluster(history, 'b', 20);
    settle(history);
    for (const job of jobs) history.update(asked(job, 1));
    settle(history);
    expect(jobs.map((job) => history.decisionOn(job)?.unplaced)).toEqual(jobs.map(() => 0));
  });

  it('ends, loses no replica, exceeds no room; with single replicas no cluster is fuller than the fullest was', () => {
    const sizes = fc.array(fc.integer({ min: 4, max: 20 }), { minLength: 2, maxLength: 4 });
    const counts = (max: number) => fc.array(fc.integer({ min: 1, max }), { minLength: 1, maxLength: 8 });
    const wanted = fc.oneof(counts(1), counts(5));
    fc.assert(
      fc.property(sizes, wanted, fc.integer({ min: 0, max: 9 }), (cpus, replicas, max) => {
        const [first = 4, ...others] = cpus;
        const history = clusters({ c0: first });
        const jobs = replicas.map((count, index) => workload(`job-${index}`, { replicas: count, ...CPU }));
        history.create(...jobs);
        settle(history);
        others.forEach((size, index) => addCluster(history, `c${index + 1}`, size));
        settle(history);
        const fullestBefore = fullest(history);
        const before = jobs.map((job) => sum(history.placed(job)));
        for (const job of jobs) history.update(asked(job, max));
        settle(history);
        expect(jobs.map((job) => sum(history.placed(job)))).toEqual(before);
        for (const { room } of history.state.clusters.values())
          expect(Math.min(...room.totalFree)).toBeGreaterThanOrEqual(0);
        if (Math.max(...replicas) === 1) expect(fullest(history)).toBeLessThanOrEqual(fullestBefore + 1e-9);
        expect(moves(history)).toBeLessThanOrEqual(max * jobs.length);
        const again = history.replay();
        expect([...again.rebalancing].sort()).toEqual([...history.state.rebalancing].sort());
      }),
      runs(100),
    );
  });
});

const sum = (placed: Record<string, number>): number => Object.values(placed).reduce((all, each) => all + each, 0);

/** Load of the fullest cluster. */
function fullest({ state }: History): number {
  const cpu = state.columns.byName.get('cpu') ?? 0;
  const loads = [...state.clusters.values()].map(
    ({ room }) => 1 - (room.totalFree[cpu] ?? 0) / (room.layout.totalAllocatable[cpu] ?? 1),
  );
  return Math.max(...loads);
}
