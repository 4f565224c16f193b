import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@skyflow/contracts';
import fc from 'fast-check';
import { StageTimes } from './stage-times.js';

interface Told {
  entry: Entry;
  atMs: number;
}

const told = (atMs: number, type: string, data: object): Told => ({
  entry: { type, v: 1, at: atMs, actor: 'jo', corr: 'c', data } as unknown as Entry,
  atMs,
});
const refOf = (name: string) => ({ kind: 'Job', namespace: 'default', name, uid: name });
const objectOf = (name: string) => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name, namespace: 'default', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
});
const submit = (atMs: number, name: string): Told => told(atMs, 'ObjectCreated', { object: objectOf(name) });
const remove = (atMs: number, name: string): Told => told(atMs, 'ObjectDeleted', { ref: refOf(name) });
const assign = (atMs: number, name: string): Told => told(atMs, 'WorkAssigned', { object: objectOf(name) });
const observe = (atMs: number, name: string): Told => told(atMs, 'WorkObserved', { ref: refOf(name) });
const decide = (atMs: number, name: string, placed: number, unplaced: number): Told =>
  told(atMs, 'PlacementDecided', {
    ref: refOf(name),
    placements: placed === 0 ? [] : [{ cluster: 'east', replicas: placed }],
    unplaced,
  });

/** Positions are places in the list, from 1. */
function folded(history: readonly Told[], from = 0, to = history.length): StageTimes {
  const times = new StageTimes(from);
  for (let index = from; index < to; index++) {
    const { entry, atMs } = history[index] as Told;
    times.evolve(entry, { position: index + 1 }, atMs);
  }
  return times;
}

const name = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  { weight: 3, arbitrary: name.map((n) => (atMs: number) => submit(atMs, n)) },
  {
    weight: 4,
    arbitrary: fc.tuple(name, fc.nat(2), fc.nat(2)).map(
      ([n, p, u]) =>
        (atMs: number) =>
          decide(atMs, n, p, u),
    ),
  },
  { weight: 4, arbitrary: name.map((n) => (atMs: number) => assign(atMs, n)) },
  { weight: 4, arbitrary: name.map((n) => (atMs: number) => observe(atMs, n)) },
  name.map((n) => (atMs: number) => remove(atMs, n)),
);
const histories = fc.array(fc.tuple(step, fc.nat(50)), { maxLength: 60 }).map((steps) => {
  let atMs = 0;
  return steps.map(([make, later]) => make((atMs += later)));
});

describe('scheduling latency', () => {
  it('is told stage by stage, the wait for room apart', () => {
    const history = [
      ...[submit(1_000, 'quick'), decide(1_010, 'quick', 2, 0), assign(1_015, 'quick'), observe(1_100, 'quick')],
      ...[submit(2_000, 'late'), decide(2_020, 'late', 0, 2), decide(9_000, 'late', 2, 0), assign(9_004, 'late')],
      // What comes after its first word is none.
      ...[observe(9_050, 'late'), decide(20_000, 'late', 2, 0), assign(20_050, 'late'), observe(20_100, 'late')],
    ];
    expect(folded(history).between(0, history.length)).toEqual({
      decided: [10, 20],
      assigned: [5, 4],
      applied: [85, 46],
    });
  });

  it('of any range is the same from a fold that is kept as from one of that range alone', () => {
    fc.assert(
      fc.property(histories, fc.nat(60), fc.nat(60), (history, one, other) => {
        const [from, to] = [one, other].map((at) => at % (history.length + 1)).sort((a, b) => a - b) as [
          number,
          number,
        ];
        expect(folded(history).between(from, to)).toEqual(folded(history, from, to).between(from, to));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for every range that may still be asked for, whatever was forgotten', () => {
    fc.assert(
      fc.property(histories, fc.nat(3_000), fc.nat(40), (history, beforeMs, most) => {
        const [kept, whole] = [folded(history), folded(history)];
        kept.forget(beforeMs, most);
        for (let from = kept.since; from <= history.length; from++)
          expect(kept.between(from, history.length)).toEqual(whole.between(from, history.length));
      }),
    );
  });
});
