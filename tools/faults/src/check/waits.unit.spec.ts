import { describe, expect, it } from '@jest/globals';
import { type Away, judgeWaits } from './waits.js';

const wait = (from: number, to: number) => ({ fromMs: from * 1_000, toMs: to * 1_000, words: `${to - from} s` });
const away = (kind: Away['kind'], who: string, from: number, to: number): Away => ({
  kind,
  who,
  fromMs: from * 1_000,
  toMs: to * 1_000,
});

describe('how long a client may wait for a write', () => {
  it.each<[string, Away[], number, boolean]>([
    ['all are there', [], 4.9, false],
    ['all are there', [], 5.1, true],
    ['one gateway is away', [away('gateway', 'a', 1, 3)], 5.1, true],
    ['a node of NATS is away', [away('nats', 'n0', 1, 3)], 13.9, false],
    ['a node of NATS is away', [away('nats', 'n0', 1, 3)], 14.1, true],
    ['one of each is away', [away('nats', 'n0', 1, 9), away('gateway', 'a', 2, 4)], 13.9, false],
    ['one goes when the other is back', [away('nats', 'n0', 1, 3), away('nats', 'n1', 3, 5)], 13.9, false],
    ['a node was away before', [away('nats', 'n0', -9, -1)], 5.1, true],
    ['the same is away twice', [away('nats', 'n0', 1, 6), away('nats', 'n0', 2, 4)], 14.1, true],
  ])('while %s', (_what, aways, seconds, isLate) => {
    const { late, unjudged, longestMs } = judgeWaits([wait(0, seconds)], aways);
    expect([late.length, unjudged, longestMs]).toEqual([isLate ? 1 : 0, 0, seconds * 1_000]);
  });

  it('is not said while two of a kind are away', () => {
    const nodes = [away('nats', 'n0', 1, 6), away('nats', 'n1', 5, 8)];
    const gateways = [away('gateway', 'a', 1, 6), away('gateway', 'b', 5, 8)];
    for (const aways of [nodes, gateways]) {
      expect(judgeWaits([wait(0, 60)], aways)).toEqual({ longestMs: 0, late: [], unjudged: 1 });
    }
  });

  it('names who was away', () => {
    const { late } = judgeWaits([wait(0, 20)], [away('nats', 'n0', 1, 6), away('gateway', 'a', 5, 8)]);
    expect(late).toEqual(['20 s (at most 14 s while n0 and a were away)']);
  });
});
