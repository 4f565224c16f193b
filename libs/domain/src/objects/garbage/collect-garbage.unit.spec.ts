import { describe, expect, it } from '@jest/globals';
import { type OwnerReference, positionOf } from '@skyflow/contracts';
import fc from 'fast-check';
import type { ObjectCommand } from '../commands.js';
import { decideObjects } from '../decide-objects.js';
import { foldAll, storedObject } from '../histories.testing.js';
import { readMeta } from '../object-record.js';
import { type ObjectChange, type ObjectsState, initialObjects } from '../objects-state.js';
import { isRejection } from '../rejection.js';
import { collectGarbage, concernedByChange, possibleGarbage } from './collect-garbage.js';
import type { ObjectKey } from './owned-objects.js';
import type { Propagation } from './propagation.js';

const kindOf = (_apiVersion: string, kind: string): string | undefined => (kind === 'Pod' ? undefined : kind);
const NS = 'default';

let seq = 0;
function run(state: ObjectsState, command: ObjectCommand): string {
  const decision = decideObjects(state, command);
  if (isRejection(decision)) return decision.rejected;
  seq += 1;
  for (const [index, draft] of decision.entries.entries()) {
    const entry = { ...draft, v: 1, at: seq, actor: 'user', corr: 'c' };
    foldAll([{ entry, place: { position: positionOf(seq, index), subject: 'sky.cmd.0' } }], state);
  }
  return decision.entries.map(({ type }) => type).join(' ');
}

/** As the gateway does: what changed concerns whom, until nobody needs anything. Fails if that never comes. */
function settle(state: ObjectsState, first: readonly ObjectKey[]): void {
  const waiting = [...first];
  for (let step = 0; waiting.length > 0; step++) {
    if (step > 10_000) throw new Error('the collector does not come to an end');
    const key = waiting.shift() as ObjectKey;
    for (const command of collectGarbage(state, key, kindOf)) {
      run(state, command);
      for (const change of drained(state)) waiting.push(...concernedByChange(state, change, kindOf));
    }
  }
}

function drained(state: ObjectsState): ObjectChange[] {
  const changes = state.changes ?? [];
  state.changes = [];
  return changes;
}

const owner = (name: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: `uid-${name}`,
  ...more,
});

function world(): ObjectsState {
  const state = initialObjects();
  run(state, { verb: 'create', object: storedObject('Namespace', '', NS, `ns-${NS}`) });
  state.changes = [];
  return state;
}

function create(state: ObjectsState, name: string, owners: readonly OwnerReference[] = []): void {
  const object = storedObject('ConfigMap', NS, name, `uid-${name}`);
  run(state, {
    verb: 'create',
    object:
      owners.length === 0 ? object : { ...object, metadata: { ...object.metadata, ownerReferences: [...owners] } },
  });
}

function remove(state: ObjectsState, name: string, propagation?: Propagation): void {
  drained(state);
  run(state, { verb: 'delete', kind: 'ConfigMap', namespace: NS, name, ...(propagation && { propagation }) });
  settle(
    state,
    drained(state).flatMap((change) => concernedByChange(state, change, kindOf)),
  );
}

const names = (state: ObjectsState): string[] => [...state.table.ordered('ConfigMap')].map(({ name }) => name);
const ownersIn = (state: ObjectsState, name: string): string[] => {
  const record = state.table.get('ConfigMap', NS, name);
  return record === undefined ? [] : (readMeta(record).ownerReferences ?? []).map((each) => each.name);
};

describe('cascading deletes', () => {
  it('takes what is owned, and what that owns, after their owner is gone', () => {
    const state = world();
    create(state, 'a');
    create(state, 'b', [owner('a')]);
    create(state, 'c', [owner('b', { blockOwnerDeletion: true })]);
    create(state, 'other');
    remove(state, 'a');
    expect(names(state)).toEqual(['other']);
  });

  it('keeps what another still owns, without its dead owner', () => {
    const state = world();
    create(state, 'a');
    create(state, 'z');
    create(state, 'b', [owner('a'), owner('z')]);
    remove(state, 'a');
    expect([names(state), ownersIn(state, 'b')]).toEqual([['b', 'z'], ['z']]);
  });

  it('foreground: the owner is there until all that block it are gone', () => {
    const state = world();
    create(state, 'a');
    create(state, 'b', [owner('a', { blockOwnerDeletion: true })]);
    const object = storedObject('ConfigMap', NS, 'slow', 'uid-slow');
    const metadata = {
      ...object.metadata,
      finalizers: ['example.org/wait'],
      ownerReferences: [owner('a', { blockOwnerDeletion: true })],
    };
    run(state, { verb: 'create', object: { ...object, metadata } });
    remove(state, 'a', 'Foreground');
    expect(names(state)).toEqual(['a', 'slow']);
    expect(state.table.get('ConfigMap', NS, 'a')?.deletedAt).toBeGreaterThan(0);
    const { finalizers: _gone, ...free } = metadata;
    run(state, { verb: 'update', object: { ...object, metadata: free } });
    settle(
      state,
      drained(state).flatMap((change) => concernedByChange(state, change, kindOf)),
    );
    expect(names(state)).toEqual([]);
  });

  it('orphan: what it owned stays, and belongs to nobody', () => {
    const state = world();
    create(state, 'a');
    create(state, 'b', [owner('a')]);
    remove(state, 'a', 'Orphan');
    expect([names(state), ownersIn(state, 'b')]).toEqual([['b'], []]);
  });

  it('two that own each other go together, foreground too', () => {
    for (const propagation of ['Background', 'Foreground'] as const) {
      const state = world();
      create(state, 'a', [owner('b', { blockOwnerDeletion: true })]);
      create(state, 'b', [owner('a', { blockOwnerDeletion: true })]);
      remove(state, 'a', propagation);
      expect(names(state)).toEqual([]);
    }
  });

  it('leaves alone what is owned by something that the log does not have', () => {
    const state = world();
    create(state, 'b', [owner('p', { kind: 'Pod' })]);
    settle(state, possibleGarbage(state));
    expect(names(state)).toEqual(['b']);
  });

  it('takes what was made for an owner that is another object by now', () => {
    const state = world();
    create(state, 'a');
    create(state, 'b', [owner('a', { uid: 'of-an-earlier-a' })]);
    settle(state, possibleGarbage(state));
    expect(names(state)).toEqual(['a']);
  });

  it('refuses to leave the pods of a workload behind', () => {
    const state = world();
    run(state, { verb: 'create', object: storedObject('Job', NS, 'j', 'uid-j') });
    const decision = decideObjects(state, {
      verb: 'delete',
      kind: 'Job',
      namespace: NS,
      name: 'j',
      propagation: 'Orphan',
    });
    expect(decision).toMatchObject({ rejected: 'IMMUTABLE', field: 'propagationPolicy' });
  });

  it('whatever owns what and however it is deleted: it ends, nobody is left to wait, and exactly the abandoned are gone', () => {
    const size = 7;
    const edges = fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.boolean()), { maxLength: 12 });
    const deletions = fc.array(
      fc.tuple(fc.nat(size - 1), fc.constantFrom<Propagation>('Background', 'Foreground', 'Orphan')),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(edges, deletions, (owning, deleted) => {
        const state = world();
        const ownersOf = new Map<number, Set<number>>();
        for (let index = 0; index < size; index++) {
          const mine = new Map(
            owning.filter(([of, by]) => of === index && by !== index).map(([, by, block]) => [by, block]),
          );
          ownersOf.set(index, new Set(mine.keys()));
          create(
            state,
            `o${index}`,
            [...mine].map(([by, block]) => owner(`o${by}`, block ? { blockOwnerDeletion: true } : {})),
          );
        }
        const alive = new Set(ownersOf.keys());
        for (const [index, propagation] of deleted) {
          if (!alive.has(index)) continue;
          remove(state, `o${index}`, propagation);
          alive.delete(index);
          if (propagation === 'Orphan') for (const owners of ownersOf.values()) owners.delete(index);
          for (let before = -1; before !== alive.size;) {
            before = alive.size;
            for (const [each, owners] of ownersOf) {
              if (owners.size > 0 && ![...owners].some((by) => alive.has(by))) alive.delete(each);
            }
          }
          // Owners that are gone are not owners any more.
          for (const owners of ownersOf.values()) for (const by of owners) if (!alive.has(by)) owners.delete(by);
        }
        expect(names(state)).toEqual([...alive].map((index) => `o${index}`).sort());
        for (const record of state.table.ordered('ConfigMap')) expect(record.deletedAt).toBe(0);
      }),
    );
  });
});
