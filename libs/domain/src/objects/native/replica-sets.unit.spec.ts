import { describe, expect, it } from '@jest/globals';
import type { Entry, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { statusBasis } from '../api-object.js';
import { decodeObjects, encodeObjects } from '../snapshot-objects.js';
import { evolveObjects } from '../evolve-objects.js';
import { type ObjectsState, initialObjects } from '../objects-state.js';
import { deploymentOfReplicaSet, replicaSetsOf } from './replica-sets.js';

const REVISION = 'deployment.kubernetes.io/revision';
const NOW = Date.parse('2026-01-02T00:00:00Z');
const liveness = {
  nowMs: NOW,
  lastHeartbeatMs: () => NOW,
  listeningSinceMs: 0,
  staleAfterMs: Infinity,
};

interface Write {
  image: string;
  replicas?: number;
  annotations?: Record<string, string>;
  spec?: object;
}

const web = ({ image, replicas = 3, annotations, spec }: Write, generation: number): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation,
    ...(annotations === undefined ? {} : { annotations }),
  },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
    ...spec,
  },
});

function fold(state: ObjectsState, type: Entry['type'], data: object, seq: number, subject = 'sky.cmd.0'): void {
  const entry = { type, at: NOW + seq * 1000, actor: 'ann', corr: 'c', data } as unknown as Entry;
  evolveObjects(state, entry, { position: seq * 10_000, subject });
}

function written(writes: readonly Write[]): ObjectsState {
  const state = initialObjects();
  writes.forEach((write, index) => {
    const type = index === 0 ? 'ObjectCreated' : 'ObjectUpdated';
    fold(state, type, { object: web(write, index + 1), expect: index * 10_000 }, index + 1);
  });
  return state;
}

interface Shown {
  metadata: { name: string; uid: string; annotations: Record<string, string>; labels: Record<string, string> };
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
  status: { replicas: number; readyReplicas?: number };
}

function setsOf(state: ObjectsState): Shown[] {
  const record = state.table.get('Deployment', 'default', 'web');
  return record === undefined ? [] : (replicaSetsOf(record, statusBasis(state, liveness)) as unknown as Shown[]);
}

const short = (sets: readonly Shown[]): unknown[] =>
  sets.map(({ metadata, spec }) => [metadata.annotations[REVISION], spec.template.spec.containers[0]?.image]);

describe('ReplicaSets of a Deployment', () => {
  it('are one for each template, the current one first', () => {
    expect(short(setsOf(written([{ image: 'a' }])))).toEqual([['1', 'a']]);
    expect(short(setsOf(written([{ image: 'a' }, { image: 'a', replicas: 5 }, { image: 'b' }])))).toEqual([
      ['2', 'b'],
      ['1', 'a'],
    ]);
  });

  it('give a template that comes back the newest number, and the same name', () => {
    const [, old] = setsOf(written([{ image: 'a' }, { image: 'b' }]));
    const back = setsOf(written([{ image: 'a' }, { image: 'b' }, { image: 'a' }]));
    expect(short(back)).toEqual([
      ['3', 'a'],
      ['2', 'b'],
    ]);
    expect(back[0]?.metadata.name).toBe(old?.metadata.name);
    expect(deploymentOfReplicaSet(back[0]?.metadata.name ?? '')).toBe('web');
  });

  it('are as many old ones as revisionHistoryLimit says, ten without', () => {
    const images = Array.from({ length: 20 }, (_, index) => ({ image: String(index) }));
    expect(setsOf(written(images))).toHaveLength(11);
    const limited = images.map((write) => ({ ...write, spec: { revisionHistoryLimit: 2 } }));
    expect(short(setsOf(written(limited)))).toEqual([
      ['20', '19'],
      ['19', '18'],
      ['18', '17'],
    ]);
    const none = images.map((write) => ({ ...write, spec: { revisionHistoryLimit: 0 } }));
    expect(short(setsOf(written(none)))).toEqual([['20', '19']]);
  });

  it('have the annotations of their time, but the placement of now', () => {
    const cause = 'kubernetes.io/change-cause';
    const [now, old] = setsOf(
      written([
        { image: 'a', annotations: { [cause]: 'first' }, spec: { placement: { clusters: ['x'] } } },
        { image: 'b', annotations: { [cause]: 'second' }, spec: { placement: { clusters: ['y'] } } },
      ]),
    );
    expect([now?.metadata.annotations[cause], old?.metadata.annotations[cause]]).toEqual(['second', 'first']);
    expect(old?.metadata.annotations['skyflow.io/placement']).toBe('{"clusters":["y"]}');
  });

  it('have the replicas of the clusters that have taken up their template', () => {
    const state = written([{ image: 'a', replicas: 4 }]);
    const ref = { kind: 'Deployment', namespace: 'default', name: 'web', uid: 'u1' };
    const share = (cluster: string): object => ({ cluster, replicas: 2 });
    const place = (generation: number, seq: number): void =>
      fold(
        state,
        'PlacementDecided',
        { ref, generation, epoch: 1, decision: seq, placements: ['x', 'y'].map(share), unplaced: 0, verdicts: [] },
        seq,
        'sky.evt.scheduler',
      );
    const report = (cluster: string, generation: number, seq: number, more: object = {}): void => {
      const counts = { replicas: 2, ready: 2, running: 2, pending: 0, succeeded: 0, failed: 0 };
      fold(
        state,
        'WorkObserved',
        { ref, cluster, generation, epoch: 1, phase: 'RUNNING', ...counts, ...more },
        seq,
        `sky.obs.${cluster}`,
      );
    };
    const counts = (): unknown[] => setsOf(state).map(({ status }) => [status.replicas, status.readyReplicas ?? 0]);
    place(1, 2);
    report('x', 1, 3);
    report('y', 1, 4);
    expect(counts()).toEqual([[4, 4]]);
    fold(state, 'ObjectUpdated', { object: web({ image: 'b', replicas: 4 }, 2), expect: 10_000 }, 5);
    place(2, 6);
    expect(counts()).toEqual([
      [0, 0],
      [4, 4],
    ]);
    report('x', 2, 7, { reason: 'RollingUpdate', message: '1 of 2 replicas are up to date' });
    expect(counts()).toEqual([
      [2, 0],
      [2, 4],
    ]);
    report('x', 2, 8, { outdated: 1, reason: 'ImagePullBackOff', message: 'no such image' });
    expect(counts()).toEqual([
      [2, 0],
      [2, 4],
    ]);
    report('x', 2, 9);
    report('y', 2, 10);
    expect(counts()).toEqual([
      [4, 4],
      [0, 0],
    ]);
  });

  it('come back from a snapshot as they were', async () => {
    const writes = fc.array(
      fc.record(
        { image: fc.constantFrom('a', 'b', 'c', 'd'), replicas: fc.nat({ max: 3 }) },
        { requiredKeys: ['image'] },
      ),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(writes, async (each) => {
        const state = written(each);
        const pieces = JSON.parse(JSON.stringify([...encodeObjects(state)])) as unknown[];
        const again = await decodeObjects(
          (async function* () {
            await Promise.resolve();
            yield* pieces;
          })(),
        );
        expect(setsOf(again)).toEqual(setsOf(state));
        const sets = setsOf(state);
        expect(new Set(sets.map(({ metadata }) => metadata.name)).size).toBe(sets.length);
        expect(sets[0]?.spec.template.spec.containers[0]?.image).toBe(each.at(-1)?.image);
      }),
      { numRuns: 50 },
    );
  });
});
