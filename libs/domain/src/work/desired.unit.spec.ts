import { describe, expect, it } from '@jest/globals';
import type { Entry, EntryData, EntryType, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import {
  type DesiredState,
  desiredWork,
  evolveDesired,
  initialDesired,
  removableNamespaces,
  workloadOf,
} from './desired.js';

const entry = <T extends EntryType>(type: T, data: EntryData<T>): Entry =>
  ({ type, v: 1, at: 0, actor: 'system:scheduler', corr: 'c', data }) as Entry;

const job = (uid: string, namespace = 'default'): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name: `job-${uid}`, namespace, uid, creationTimestamp: '2026-01-01T00:00:00Z' },
});
const ref = (uid: string, namespace = 'default') => ({ kind: 'Job', namespace, name: `job-${uid}`, uid });

const assign = (uid: string, epoch: number, decision: number, replicas = 1, namespace = 'default'): Entry =>
  entry('WorkAssigned', { epoch, decision, generation: 1, replicas, object: job(uid, namespace) });
const withdraw = (uid: string, epoch: number, decision: number): Entry =>
  entry('WorkWithdrawn', { epoch, decision, ref: ref(uid) });
const removed = (uid: string): Entry => entry('WorkRemoved', { ref: ref(uid) });

const fold = (entries: readonly Entry[], state: DesiredState = initialDesired()): DesiredState =>
  entries.reduce((folded, next, index) => evolveDesired(folded, next, index + 1), state);

describe('the desired set of a cluster', () => {
  it('holds the last assignment of each workload', () => {
    const state = fold([assign('a', 1, 10, 2), assign('b', 1, 10), assign('a', 1, 20, 5)]);
    expect(desiredWork(state, 'a')).toMatchObject({ ref: ref('a'), decision: 20, replicas: 5, position: 3 });
    expect(desiredWork(state, 'b')).toMatchObject({ replicas: 1, dependencies: [] });
    expect(desiredWork(state, 'c')).toBeUndefined();
  });

  it('ignores work of an older epoch, for any workload', () => {
    const state = fold([assign('a', 2, 10, 2), assign('a', 1, 99, 9), assign('b', 1, 99), withdraw('a', 1, 99)]);
    expect(desiredWork(state, 'a')?.replicas).toBe(2);
    expect(desiredWork(state, 'b')).toBeUndefined();
    expect(state.withdrawn.get('a')).toBeUndefined();
  });

  it('ignores an earlier decision of the same epoch, and takes the same decision again', () => {
    const state = fold([assign('a', 1, 20, 2), assign('a', 1, 10, 1), assign('a', 1, 20, 3)]);
    expect(desiredWork(state, 'a')?.replicas).toBe(3);
  });

  it('remembers a withdrawal until the work is removed', () => {
    const before = fold([assign('a', 1, 10), withdraw('a', 1, 20)]);
    expect(desiredWork(before, 'a')).toBeUndefined();
    expect(before.withdrawn.get('a')).toMatchObject({ ref: ref('a'), decision: 20 });
    expect(fold([removed('a')], before).withdrawn.get('a')).toBeUndefined();
  });

  it('forgets a withdrawal when the work is assigned again, and a late removal does not take it away', () => {
    const state = fold([assign('a', 1, 10), withdraw('a', 1, 20), assign('a', 1, 30), removed('a')]);
    expect(desiredWork(state, 'a')?.decision).toBe(30);
    expect(state.withdrawn.get('a')).toBeUndefined();
  });

  it('lets a namespace go only when nothing is left in it, and keeps it when work comes back', () => {
    const gone = entry('NamespaceWithdrawn', { epoch: 1, namespace: 'default' });
    expect(removableNamespaces(fold([assign('a', 1, 10), gone]))).toEqual([]);
    expect(removableNamespaces(fold([assign('a', 1, 10), withdraw('a', 1, 20), gone]))).toEqual([]);
    expect(removableNamespaces(fold([assign('a', 1, 10), withdraw('a', 1, 20), gone, removed('a')]))).toEqual([
      'default',
    ]);
    expect(removableNamespaces(fold([gone, assign('a', 1, 10), withdraw('a', 1, 20), removed('a')]))).toEqual([]);
  });

  it('says which workload an entry is about', () => {
    expect(workloadOf(assign('a', 1, 1))).toEqual(ref('a'));
    expect(workloadOf(withdraw('b', 1, 1))).toEqual(ref('b'));
    expect(workloadOf(entry('NamespaceWithdrawn', { epoch: 1, namespace: 'x' }))).toBeUndefined();
  });

  it('never desires and withdraws the same workload, and no stale epoch ever matters', () => {
    const uid = fc.constantFrom('a', 'b', 'c');
    const anyEntry = fc.oneof(
      fc
        .tuple(uid, fc.integer({ min: 1, max: 3 }), fc.nat(20))
        .map(([id, epoch, decision]) => assign(id, epoch, decision)),
      fc
        .tuple(uid, fc.integer({ min: 1, max: 3 }), fc.nat(20))
        .map(([id, epoch, decision]) => withdraw(id, epoch, decision)),
      uid.map(removed),
    );
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 30 }), (entries) => {
        const state = fold(entries);
        for (const id of state.work.keys()) expect(state.withdrawn.has(id)).toBe(false);
        let greatest = 0;
        const live = entries.filter((each) => {
          if (each.type !== 'WorkAssigned' && each.type !== 'WorkWithdrawn') return true;
          greatest = Math.max(greatest, each.data.epoch);
          return each.data.epoch === greatest;
        });
        const withoutPositions = (from: DesiredState) =>
          [...from.work.values()].map((work) => ({ ...work, position: 0 }));
        expect(withoutPositions(fold(live))).toEqual(withoutPositions(state));
      }),
    );
  });
});
