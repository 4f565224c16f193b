import { describe, expect, it } from '@jest/globals';
import type { PlacementExplanation, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { forkScheduling } from '../fork.js';
import { decideRound } from '../decide-round.js';
import { History, node, twoClusters, workload } from '../testing/history.js';
import { explainNow } from './explain-now.js';
import { runs } from '../testing/long-runs.js';

const GI = 1024 ** 3;

const explained = (history: History, of: StoredObject, nowMs = 0): PlacementExplanation => {
  const found = explainNow(history.state, of.metadata.uid, nowMs);
  if (found === undefined) throw new Error('there is no such workload');
  return found;
};
const changesOf = (history: History, of: StoredObject): Record<string, string[] | undefined> =>
  Object.fromEntries(explained(history, of).clusters.map(({ cluster, change }) => [cluster, change]));

describe('explaining a placed workload', () => {
  it('has the scores by plugin of each cluster, what fits more and what it has there', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, requests: { cpu: '500m' } });
    history.create(job);
    history.schedule();
    expect(explained(history, job)).toEqual({
      position: history.state.position,
      clusters: ['a', 'b'].map((cluster) => ({
        cluster,
        replicas: 1,
        fits: 2,
        score: 46.5,
        scores: { Balance: 46.5, Spread: -50 },
      })),
    });
  });

  it('knows no workload that is not there', () => {
    expect(explainNow(twoClusters().state, 'uid-nobody', 0)).toBeUndefined();
  });
});

describe('the smallest change for a waiting workload', () => {
  it('is what the node that lacks least lacks', () => {
    const history = twoClusters();
    history.observe('b', [node('b-1', { cpu: 2000, memory: 4 * GI }), node('b-2', { cpu: 2500, memory: 2 * GI })]);
    const job = workload('job', { requests: { cpu: '3430m', memory: '1Gi' } });
    history.create(job);
    history.schedule();
    expect(changesOf(history, job)).toEqual({ a: ['needs 1.5 CPU less'], b: ['needs 0.93 CPU less'] });
  });

  it('names every rule in the way, not only the first', () => {
    const history = twoClusters();
    history.cluster(
      'c',
      [node('c-1', { cpu: 9000 }, { taints: [{ key: 'spot', value: 'true', effect: 'NoSchedule' }] })],
      { tier: 'low' },
    );
    history.health('c', 'SUSPECT');
    const job = workload('job', {
      requests: { cpu: '8' },
      placement: { clusters: ['a', 'c'], clusterSelector: { matchLabels: { tier: 'high' } } },
    });
    history.create(job);
    history.schedule();
    expect(changesOf(history, job)).toEqual({
      a: ['select clusters without tier=high, or label the cluster so', 'needs 6.07 CPU less'],
      b: [
        'allow b in its placement',
        'select clusters without tier=high, or label the cluster so',
        'needs 6.07 CPU less',
      ],
      c: [
        'select clusters without tier=high, or label the cluster so',
        'c READY again',
        'tolerate spot=true:NoSchedule on c-1',
      ],
    });
    const first = explained(history, job).clusters.find(({ cluster }) => cluster === 'c');
    expect(first).toMatchObject({ plugin: 'ClusterSelector', reason: 'LABELS_DO_NOT_MATCH' });
  });

  it('is enough, and of one resource not a bit more than enough', () => {
    const anyNodes = fc.array(
      fc.record({ cpu: fc.integer({ min: 100, max: 4000 }), memory: fc.integer({ min: 1, max: 8 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(
        anyNodes,
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 1, max: 20 }),
        (nodes, cpu, memory) => {
          const history = new History();
          history.startEpoch();
          history.cluster(
            'a',
            nodes.map((each, index) => node(`a-${index}`, { cpu: each.cpu, memory: each.memory * GI })),
          );
          const asking = (millicores: number, gibibytes: number): StoredObject =>
            workload('job', { requests: { cpu: `${millicores}m`, memory: `${gibibytes}Gi` } });
          history.create(asking(cpu, memory));
          history.schedule();
          const placed = (object: StoredObject): boolean => {
            const trial = new History();
            trial.startEpoch();
            trial.state = forkScheduling(history.state);
            const { state } = trial;
            const target = state.workloads.get('uid-job')!;
            const fresh = { ...object, metadata: { ...object.metadata, generation: 2 } };
            trial.update(fresh);
            expect(target.generation).toBe(2);
            return decideRound(state, { epoch: state.epoch, decisions: 10, verdicts: 32 })[0]?.data.unplaced === 0;
          };
          if (history.decisionOn(asking(cpu, memory))?.unplaced === 0) return;
          const change = changesOf(history, asking(cpu, memory)).a ?? [];
          const less = { cpu: 0, memory: 0 };
          for (const part of change) {
            const [, amount, unit] = /^needs ([\d.]+) ?(CPU|Gi memory) less$/.exec(part) ?? [];
            less[unit === 'CPU' ? 'cpu' : 'memory'] =
              unit === 'CPU' ? Math.round(Number(amount) * 1000) : Number(amount);
          }
          expect(less.cpu + less.memory).toBeGreaterThan(0);
          expect(placed(asking(cpu - less.cpu, memory - less.memory))).toBe(true);
          if (change.length > 1) return;
          expect(placed(asking(cpu - Math.max(0, less.cpu - 1), memory - Math.max(0, less.memory - 1)))).toBe(false);
        },
      ),
      runs(200),
    );
  });
});

describe('the place in the queue and the estimated wait', () => {
  /** Four jobs of which one runs at a time, each ended 60 s after it was placed. */
  function oneAtATime(): { history: History; jobs: StoredObject[] } {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 1000 })]);
    const jobs = Array.from({ length: 8 }, (_, index) => workload(`job-${index}`, { requests: { cpu: '700m' } }));
    history.create(...jobs);
    history.schedule();
    return { history, jobs };
  }
  const end = (history: History, job: StoredObject): void => {
    history.nowMs += 60_000;
    history.delete(job);
    history.schedule();
    history.removed('a', job);
    history.schedule();
  };

  it('counts those that are looked at first', () => {
    const { history, jobs } = oneAtATime();
    expect(explained(history, jobs[0]!).waiting).toBeUndefined();
    expect(explained(history, jobs[1]!, 5_000).waiting).toEqual({ place: 1, of: 7, aheadAlike: 0, waitedMs: 5_000 });
    expect(explained(history, jobs[7]!).waiting).toMatchObject({ place: 7, of: 7, aheadAlike: 6 });
  });

  it('is estimated from how fast places were found before, and says how good that was', () => {
    const { history, jobs } = oneAtATime();
    end(history, jobs[0]!);
    end(history, jobs[1]!);
    expect(explained(history, jobs[3]!).waiting?.estimate).toEqual({ ms: 60_000, from: { waits: 2, of: 'same' } });
    end(history, jobs[2]!);
    expect(explained(history, jobs[4]!).waiting?.estimate).toEqual({ ms: 60_000, from: { waits: 3, of: 'same' } });
    expect(explained(history, jobs[7]!).waiting?.estimate?.ms).toBe(240_000);
    expect(explained(history, jobs[7]!).waiting?.quality).toBeUndefined();
    const late = workload('late', { requests: { cpu: '700m' } });
    history.create(late);
    history.schedule();
    for (const job of jobs.slice(3)) end(history, job);
    history.schedule();
    const after = workload('after', { requests: { cpu: '700m' } });
    history.create(after);
    history.schedule();
    expect(history.placed(late)).toEqual({ a: 1 });
    expect(explained(history, after).waiting?.quality).toEqual({ estimates: 1, medianErrorMs: 0, within2x: 1 });
  });
});
