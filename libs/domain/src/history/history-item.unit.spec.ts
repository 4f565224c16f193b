import { describe, expect, it } from '@jest/globals';
import type { Entry, StoredObject } from '@skyflow/contracts';
import fc from 'fast-check';
import { type HistorySubject, historyLine, initialHistory } from './history-item.js';

const object = (kind: string, body: object = {}): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: { name: 'x', namespace: 'default', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' },
  ...body,
});
const entry = (type: string, data: object): Entry =>
  ({ type, v: 1, at: 0, actor: 'jo', corr: 'c', data }) as unknown as Entry;
const JOB: HistorySubject = { kind: 'Job', namespace: 'default', name: 'x' };

function lines(subject: HistorySubject, entries: readonly Entry[], cluster?: string): (string | undefined)[] {
  const state = initialHistory();
  return entries.map((each) => {
    const line = historyLine(state, subject, each, cluster);
    return line && `${line.what}${line.detail === '' ? '' : ` ${line.detail}`}`;
  });
}

describe('history', () => {
  it('tells a life: made, placed, seen, changed, deleted, gone', () => {
    const ref = { kind: 'Job', namespace: 'default', name: 'x', uid: 'u1' };
    const decided = (placements: object[], unplaced = 0) => ({
      ref,
      placements,
      unplaced,
      message: 'no cluster has room',
    });
    expect(
      lines(
        JOB,
        [
          entry('ObjectCreated', { object: object('Job', { spec: { replicas: 1 } }) }),
          entry('PlacementDecided', decided([], 1)),
          entry('PlacementDecided', decided([{ cluster: 'a', replicas: 1 }])),
          entry('PlacementDecided', decided([{ cluster: 'a', replicas: 1 }])),
          entry('WorkObserved', { ref, phase: 'RUNNING', replicas: 1, ready: 1, running: 1, succeeded: 0, failed: 0 }),
          entry('ObjectUpdated', { object: object('Job', { spec: { replicas: 3 } }) }),
          entry('ObjectDeleted', { ref }),
          entry('WorkRemoved', { ref }),
          entry('ObjectReleased', { ref }),
        ],
        'a',
      ),
    ).toEqual([
      'Created',
      'Waits 1 wait: no cluster has room',
      'Placed a: 1',
      undefined,
      'Observed a RUNNING: 1/1 ready, 1 running',
      'Changed spec.replicas: 1 → 3',
      'Deleted',
      'Removed from a',
      'Gone nothing of it is left on any cluster',
    ]);
  });

  it('tells what had to leave a cluster, and how far a change has come', () => {
    const ref = { kind: 'Job', namespace: 'default', name: 'x', uid: 'u1' };
    const other = { ...ref, name: 'y', uid: 'u2' };
    const evicted = (shares: object[]) => entry('EvictionDecided', { cluster: 'a', message: 'a is LOST', shares });
    const rollout = { state: 'Progressing', message: '1 of 2 clusters run generation 2' };
    expect(
      lines(JOB, [
        evicted([{ ref: other, replicas: 1 }]),
        evicted([
          { ref: other, replicas: 1 },
          { ref, replicas: 2 },
        ]),
        evicted([{ ref, replicas: 2, to: 'b' }]),
        entry('RolloutAdvanced', { ref, ...rollout }),
        entry('RolloutAdvanced', { ref: other, ...rollout }),
      ]),
    ).toEqual([
      undefined,
      'Evicted 2 from a: a is LOST',
      'Evicted 2 from a to b: a is LOST',
      'Rollout Progressing: 1 of 2 clusters run generation 2',
      undefined,
    ]);
  });

  it('is of the one object only', () => {
    const other = { ...object('Job'), metadata: { ...object('Job').metadata, namespace: 'other' } };
    expect(
      lines(JOB, [entry('ObjectCreated', { object: other }), entry('ObjectCreated', { object: object('Deployment') })]),
    ).toEqual([undefined, undefined]);
  });

  it.each(['Secret', 'User', 'Token'])('of a %s names changed fields and no value', (kind) => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), fc.string({ minLength: 5 }), (old, next) => {
        fc.pre(old !== next);
        const subject = { kind, namespace: 'default', name: 'x' };
        const [, changed] = lines(subject, [
          entry('ObjectCreated', { object: object(kind, { data: { a: old }, secret: { password: old } }) }),
          entry('ObjectUpdated', { object: object(kind, { data: { a: next }, secret: { password: next } }) }),
        ]);
        expect(changed).toBe('Changed data.a; secret.password');
      }),
    );
  });

  it('never throws on a decoded entry', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const body = (value: unknown): object => ({ spec: value });
        const told = lines(JOB, [
          entry('ObjectCreated', { object: object('Job', body(before)) }),
          entry('ObjectUpdated', { object: object('Job', body(after)) }),
        ]);
        expect(told[0]).toBe('Created');
        expect(told[1]).toMatch(/^Changed/);
      }),
    );
  });
});
