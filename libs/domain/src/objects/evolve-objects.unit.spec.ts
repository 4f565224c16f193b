import { describe, expect, it } from '@jest/globals';
import type { ResourceList } from '@skyflow/contracts';
import fc from 'fast-check';
import { apiObject, statusBasis } from './api-object.js';
import { foldAll, histories, storedObject } from './histories.testing.js';
import { shareRequests } from './object-writes.js';
import { type ObjectsState, initialObjects } from './objects-state.js';
import { decodeObjects, encodeObjects } from './snapshot-objects.js';
import type { Liveness } from './sightings.js';

const liveness: Liveness = { nowMs: 9e12, lastHeartbeatMs: () => 9e12, listeningSinceMs: 0, staleAfterMs: 5_000 };

/** Everything that can be seen of a state. */
function visible(state: ObjectsState): unknown {
  const basis = statusBasis(state, liveness);
  const objects = [...state.table.all()].map((record) => apiObject(record, basis)).map((each) => JSON.stringify(each));
  return {
    objects: objects.sort(),
    position: state.position,
    sights: [...state.sights].sort(),
    epochs: [...state.epochs],
    keys: [...state.idempotency],
    placed: nonZero(state.placed),
    size: state.table.size,
  };
}

const nonZero = (sums: ReadonlyMap<string, ResourceList>): [string, [string, number][]][] =>
  [...sums]
    .map(([name, list]): [string, [string, number][]] => [
      name,
      Object.entries(list)
        .filter(([, n]) => n !== 0)
        .sort(),
    ])
    .filter(([, list]) => list.length > 0)
    .sort();

async function* slowly(pieces: Iterable<unknown>): AsyncIterable<unknown> {
  for (const piece of pieces) yield await Promise.resolve(JSON.parse(JSON.stringify(piece)));
}

describe('the fold of the log into API objects', () => {
  it('takes any history without throwing, and every object in it can be shown', () => {
    fc.assert(
      fc.property(histories, (history) => expect(() => visible(foldAll(history))).not.toThrow()),
      {
        numRuns: 500,
      },
    );
  });

  it('gives the same from a snapshot and the tail as from the whole log', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(60), async (history, cut) => {
        const snapshot = encodeObjects(foldAll(history.slice(0, cut)));
        const resumed = foldAll(history.slice(cut), await decodeObjects(slowly(snapshot)));
        expect(visible(resumed)).toEqual(visible(foldAll(history)));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the sums of what is placed equal to a fresh count', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = foldAll(history);
        const fresh = new Map<string, ResourceList>();
        for (const record of state.table.all()) {
          for (const share of record.workload?.shares ?? []) {
            const sums = fresh.get(share.cluster) ?? {};
            for (const [name, amount] of Object.entries(record.workload?.facts.requests ?? {})) {
              sums[name] = (sums[name] ?? 0) + amount * shareRequests(record, share);
            }
            fresh.set(share.cluster, sums);
          }
        }
        expect(nonZero(state.placed)).toEqual(nonZero(fresh));
      }),
    );
  });

  it('tells a watcher exactly what happened: replaying its changes gives the table', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = initialObjects();
        state.changes = [];
        foldAll(history, state);
        const seen = new Map<string, number>();
        let last = 0;
        for (const { type, record, position } of state.changes) {
          const key = `${record.kind}/${record.namespace}/${record.name}`;
          expect(seen.has(key)).toBe(type !== 'ADDED');
          expect(position).toBeGreaterThanOrEqual(last);
          last = position;
          if (type === 'DELETED') seen.delete(key);
          else seen.set(key, record.position);
        }
        const table = [...state.table.all()].map((each) => [
          `${each.kind}/${each.namespace}/${each.name}`,
          each.position,
        ]);
        expect([...seen].sort()).toEqual(table.sort());
      }),
    );
  });

  it('never shows a generation as running that no cluster has reported', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = foldAll(history);
        for (const record of state.table.all()) {
          if (record.workload === undefined || record.workload.facts.replicas === 0) continue;
          const { status } = apiObject(record, statusBasis(state, liveness)) as { status?: { phase?: string } };
          if (status?.phase !== 'RUNNING' && status?.phase !== 'COMPLETED') continue;
          const placed = record.workload.shares.filter((share) => share.placed);
          expect(placed.every((share) => (share.observed?.generation ?? 0) >= record.generation)).toBe(true);
          expect(placed.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lists by namespace and name whatever the order of creation', () => {
    const state = initialObjects();
    for (const name of ['b', 'c', 'a']) {
      const object = storedObject('ConfigMap', 'default', name, name);
      const entry = { type: 'ObjectCreated' as const, v: 1, at: 1, actor: 'u', corr: 'c', data: { object } };
      foldAll([{ entry, place: { position: 1, subject: 'sky.cmd.0' } }], state);
    }
    expect([...state.table.ordered('ConfigMap')].map((record) => record.name)).toEqual(['a', 'b', 'c']);
  });
});
