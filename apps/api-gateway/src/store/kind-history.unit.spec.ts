/** What a watch can still be told, and what is forgotten. */
import { describe, expect, it } from '@jest/globals';
import type { ObjectChange } from '@skyflow/domain';
import fc from 'fast-check';
import { KindHistory } from './kind-history.js';

const changeAt = (position: number): ObjectChange => ({ position }) as ObjectChange;
const MINUTE_MS = 60_000;

/** Changes at positions 1, 2, …, so many in each minute; looked at after each. */
function historyOf(perMinute: readonly number[], kept: { limit: number; ms: number; least: number }): KindHistory {
  const history = new KindHistory(kept, 0);
  let position = 0;
  perMinute.forEach((count, minute) => {
    for (let each = 0; each < count; each++) history.add(changeAt(++position));
    history.forget((minute + 1) * MINUTE_MS);
  });
  return history;
}

const held = (history: KindHistory): number => history.since(history.oldest).length;

describe('the changes of a kind that are kept', () => {
  it('are those of the last minutes at a steady rate, however long that goes on', () => {
    const kept = { limit: 50_000, ms: 5 * MINUTE_MS, least: 10 };
    const sizes = [10, 60, 600].map((minutes) => held(historyOf(new Array<number>(minutes).fill(100), kept)));
    expect(sizes).toEqual([500, 500, 500]);
  });

  it('are the last few, however old', () => {
    const kept = { limit: 50_000, ms: 5 * MINUTE_MS, least: 10 };
    expect(held(historyOf([100, ...new Array<number>(60).fill(0)], kept))).toBe(10);
  });

  it('are no more than the limit and a quarter of it', () => {
    expect(held(historyOf([1_000], { limit: 40, ms: 5 * MINUTE_MS, least: 10 }))).toBeLessThanOrEqual(50);
  });

  it('are all after the oldest position that can be asked for, without a gap; before it is 410', () => {
    const rates = fc.array(fc.nat(30), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 40 }), fc.nat(20), (perMinute, limit, least) => {
        const history = historyOf(perMinute, { limit, ms: 3 * MINUTE_MS, least: Math.min(least, limit) });
        const all = perMinute.reduce((sum, each) => sum + each, 0);
        const positions = history.since(history.oldest).map(({ position }) => position);
        expect(positions).toEqual(Array.from({ length: all - history.oldest }, (_, at) => history.oldest + 1 + at));
        expect(history.end).toBe(all);
        expect(history.at(history.placeAfter(history.oldest))?.position).toBe(positions[0]);
        if (history.oldest > 0) expect(() => history.since(history.oldest - 1)).toThrow(/too old|expired|410/i);
      }),
    );
  });
});
