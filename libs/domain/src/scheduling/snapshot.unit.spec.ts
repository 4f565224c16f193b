import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideRound } from './decide-round.js';
import { evolveScheduling } from './evolve.js';
import { decodeScheduling, encodeScheduling } from './snapshot.js';
import type { SchedulingState } from './state.js';
import { objectsToRead } from './stored-objects.js';
import { type History, node, object, twoClusters, workload } from './testing/history.js';
import { runs } from './testing/long-runs.js';

/** Through JSON, as a store would. */
async function throughSnapshot(state: SchedulingState): Promise<SchedulingState> {
  const pieces = [...encodeScheduling(state)].map((piece) => JSON.parse(JSON.stringify(piece)) as unknown);
  return decodeScheduling(
    (async function* () {
      await Promise.resolve();
      yield* pieces;
    })(),
  );
}

/** A history with everything in it that a state can hold. */
function eventful(): History {
  const history = twoClusters();
  const batch = workload('batch', {
    replicas: 3,
    requests: { cpu: '300m' },
    restartPolicy: 'Never',
    spec: { completions: 5 },
  });
  const moved = workload('moved', {
    replicas: 2,
    requests: { cpu: '200m' },
    podSpec: { imagePullSecrets: [{ name: 'pull' }] },
  });
  const team = object('Namespace', 'team');
  const inTeam = workload('in-team', { namespace: 'team' });
  history.create(object('Secret', 'pull', {}, { namespace: 'default' }), team, batch, moved, inTeam);
  history.schedule();
  history.report('a', batch, 'COMPLETED');
  history.create(
    workload('huge', { requests: { 'nvidia.com/gpu': '1' } }),
    workload('odd', { requests: { cpu: 'lots' } }),
  );
  history.schedule();
  history.delete(team);
  history.delete(inTeam);
  history.schedule();
  history.cluster('c', [node('c-1', { cpu: 4000 })]);
  history.delete(object('Cluster', 'b'));
  history.schedule();
  history.startEpoch();
  history.create(workload('late', { replicas: 4, requests: { cpu: '150m' } }));
  history.update(workload('moved', { replicas: 5, requests: { cpu: '200m' }, generation: 2 }));
  history.removed('b', moved);
  history.schedule();
  history.create(workload('last'));
  return history;
}

const contentOf = (state: SchedulingState): unknown => [...encodeScheduling(state)];

describe('a snapshot of the scheduling state', () => {
  it('lets go of what it is read from, whole or not', async () => {
    const pieces = [...encodeScheduling(eventful().state)];
    const ends: string[] = [];
    const from = async function* (count: number): AsyncGenerator {
      try {
        yield* pieces.slice(0, count);
        await Promise.resolve();
        yield 'what a store has behind it';
      } finally {
        ends.push(`after ${count}`);
      }
    };
    await decodeScheduling(from(pieces.length));
    await expect(decodeScheduling(from(1))).rejects.toThrow();
    expect(ends).toEqual([`after ${pieces.length}`, 'after 1']);
  });

  it('taken anywhere, with the rest of the log folded on top, is the state of the whole log', async () => {
    const history = eventful();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: history.log.length - 1 }), async (cut) => {
        const position = history.log[cut]!.place.position;
        const state = await throughSnapshot(history.replay(position));
        for (const { entry, place } of history.log.slice(cut + 1)) evolveScheduling(state, entry, place);
        const whole = history.replay();
        expect(JSON.stringify(contentOf(state))).toBe(JSON.stringify(contentOf(whole)));
        for (const [name, { room }] of whole.clusters) {
          const same = state.clusters.get(name)!;
          expect(same.room.totalFree.slice(0, 3)).toEqual(room.totalFree.slice(0, 3));
          expect([...same.shares].sort()).toEqual([...whole.clusters.get(name)!.shares].sort());
        }
        const limits = { epoch: history.epoch, decisions: 100, verdicts: 32 };
        expect(JSON.stringify(decideRound(state, limits))).toBe(JSON.stringify(decideRound(whole, limits)));
        expect([...state.waiting.keys()].sort()).toEqual([...whole.waiting.keys()].sort());
        expect([...state.unissued].sort()).toEqual([...whole.unissued].sort());
        expect([...state.releasable].sort()).toEqual([...whole.releasable].sort());
      }),
      runs(60),
    );
  });

  it('is cut before its first piece is taken: folding on does not change it', () => {
    const history = twoClusters();
    history.create(workload('job', { replicas: 2 }));
    const whole = JSON.stringify(contentOf(history.replay()));
    const pieces = encodeScheduling(history.state);
    const first: unknown = pieces.next().value;
    history.schedule();
    expect(JSON.stringify([first, ...pieces])).toBe(whole);
  });

  it('leaves out objects of settled workloads, and what needs one again asks for it', async () => {
    const history = twoClusters();
    const job = workload('job', { podSpec: { volumes: [{ configMap: { name: 'settings' } }] } });
    history.create(job);
    history.schedule();
    const state = await throughSnapshot(history.state);
    expect(state.workloads.get('uid-job')?.object).toBeUndefined();
    expect(objectsToRead(history.state, 10)).toEqual([]);
    const before = history.log.length;
    history.create(object('ConfigMap', 'settings', {}, { namespace: 'default' }));
    expect(objectsToRead(history.state, 10)).toEqual([history.state.workloads.get('uid-job')?.objectAt]);
    history.schedule();
    expect(history.log.length - before).toBe(2);
  });
});
