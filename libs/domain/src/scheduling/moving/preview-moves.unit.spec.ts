import { describe, expect, it } from '@jest/globals';
import { History, node, object, refOf, workload } from '../testing/history.js';
import { previewMoves } from './preview-moves.js';

const cpu = { requests: { cpu: '1' } };

function clusters(cores: Record<string, number>): History {
  const history = new History();
  history.startEpoch();
  for (const [name, cpus] of Object.entries(cores)) history.cluster(name, [node(`${name}-1`, { cpu: 1000 * cpus })]);
  return history;
}

const drained = (name: string) =>
  object('Cluster', name, { manager: 'k8', unschedulable: true, drain: {} }, { uid: `uid-${name}` });

const preview = (history: History, ...objects: ReturnType<typeof object>[]) =>
  previewMoves(history.state, { objects, deleted: [] }, { nowMs: history.nowMs, most: 100 });

describe('a preview', () => {
  it('says what a drain would move at once, what when it ends, and what would find no place', () => {
    const history = clusters({ a: 8, b: 6 });
    const only = { placement: { clusters: ['a'] } };
    history.create(workload('pinned', { replicas: 1, ...cpu, ...only }));
    history.create(workload('web', { replicas: 4, ...cpu }));
    history.create(workload('batch', { replicas: 2, ...cpu, restartPolicy: 'Never' }));
    history.schedule();
    const { moves, ...totals } = preview(history, drained('a'));
    expect(moves.map(({ name, waiting, when }) => [name, waiting, when])).toEqual([
      ['batch', 0, 'grace'],
      ['pinned', 1, 'grace'],
      ['web', 0, 'now'],
    ]);
    expect(moves.flatMap(({ from }) => from.map(({ cluster }) => cluster))).toEqual(['a', 'a', 'a']);
    expect(totals).toMatchObject({ workloads: 3, waiting: 1, placed: 7 });
    expect(totals.objection).toContain('1 of 4 replicas would find no other place');
  });

  it('is what happens then', () => {
    const history = clusters({ a: 20, b: 20, c: 20 });
    history.create(...Array.from({ length: 10 }, (_, index) => workload(`web-${index}`, { replicas: 3, ...cpu })));
    history.schedule();
    const { moves } = preview(history, drained('b'));
    history.update(drained('b'));
    history.schedule();
    for (const { name, to } of moves) {
      const record = history.state.workloads.get(`uid-${name}`);
      for (const { cluster, replicas } of to) {
        const before = 1;
        expect(record?.shares.find((share) => share.cluster === cluster)?.replicas).toBe(before + replicas);
      }
    }
    expect(moves).toHaveLength(10);
  });

  it('changes nothing', () => {
    const history = clusters({ a: 8, b: 8 });
    const web = workload('web', { replicas: 4, ...cpu });
    history.create(web);
    history.schedule();
    const before = JSON.stringify([...history.state.workloads.values()].map(({ shares }) => shares));
    preview(history, drained('a'));
    previewMoves(history.state, { objects: [], deleted: [refOf(drained('a'))] }, { nowMs: 0, most: 1 });
    expect(JSON.stringify([...history.state.workloads.values()].map(({ shares }) => shares))).toBe(before);
    expect(history.state.clusters.get('a')).toMatchObject({ drain: undefined, deleting: false });
    expect(history.state.undecided.size + history.state.moving.size).toBe(0);
  });

  it('objects to moving more than half of everything, unless that is little', () => {
    const history = clusters({ a: 40, b: 40 });
    history.cluster('c', [node('c-1', { cpu: 1000 })]);
    history.create(workload('many', { replicas: 40, ...cpu, placement: { clusters: ['a'] } }));
    history.schedule();
    const free = workload('many', { replicas: 40, ...cpu, generation: 2, placement: { clusters: ['b'] } });
    expect(preview(history, free)).toMatchObject({
      replicas: 40,
      objection: '40 of all 40 replicas would move, more than 50 %',
    });
    const few = workload('few', { replicas: 2, ...cpu, placement: { clusters: ['a'] } });
    history.delete(workload('many'));
    history.schedule();
    history.removed('a', workload('many'));
    history.create(few);
    history.schedule();
    const { objection, replicas } = preview(
      history,
      workload('few', { replicas: 2, generation: 2, ...cpu, placement: { clusters: ['b'] } }),
    );
    expect({ objection, replicas }).toEqual({ objection: undefined, replicas: 2 });
  });
});
