import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../random.js';
import { type Sample, type Trend, trendOf } from './trend.js';

const MINUTE_MS = 60_000;
const MEMORY = { share: 0.1, least: 16 };
/** An hour, a sample every ten seconds. */
const hour = (valueAt: (minute: number, random: Random) => number, seed: number): Sample[] => {
  const random = new Random(seed);
  return Array.from({ length: 361 }, (_, at) => ({ atMs: at * 10_000, value: valueAt(at / 6, random) }));
};
const trend = (valueAt: (minute: number, random: Random) => number, seed = 1): Trend =>
  trendOf(hour(valueAt, seed), MEMORY);
/** Up by a third, and down when garbage is collected. */
const sawtooth = (minute: number, random: Random): number => 150 + 50 * ((minute / 3.7) % 1) + 10 * random.next();

describe('whether what was measured grows', () => {
  it('does not for memory that goes up and down, whatever the noise', () => {
    fc.assert(fc.property(fc.nat(), (seed) => !trend(sawtooth, seed).grows));
  });

  it('does for a leak of 90 MiB an hour under it, and says how fast', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { grows, perHour } = trend((minute, random) => sawtooth(minute, random) + (90 * minute) / 60, seed);
        expect(grows).toBe(true);
        expect(perHour).toBeGreaterThan(60);
        expect(perHour).toBeLessThan(120);
      }),
    );
  });

  it.each<[string, (minute: number, random: Random) => number, boolean]>([
    ['a program that warms up for a quarter of an hour', (minute) => 100 + 80 * Math.min(1, minute / 15), false],
    ['a step, once', (minute) => (minute < 40 ? 100 : 112), false],
    ['one figure that is off', (minute) => (minute === 59 ? 500 : 100), false],
    ['what falls', (minute) => 300 - minute, false],
    ['a leak without noise', (minute) => 100 + minute, true],
    ['a leak that begins late', (minute) => 100 + Math.max(0, minute - 25) * 2, true],
  ])('%s', (_what, valueAt, expected) => {
    expect(trend(valueAt).grows).toBe(expected);
  });

  it('is about time, not about the number of samples', () => {
    const samples = hour((minute) => 100 + minute, 1);
    const { perHour } = trendOf(
      samples.filter((_, at) => at % 7 === 0),
      MEMORY,
    );
    expect(perHour).toBeCloseTo(trendOf(samples, MEMORY).perHour, 0);
  });

  it('says nothing of too few samples', () => {
    expect(() =>
      trendOf(
        [
          { atMs: 0, value: 1 },
          { atMs: MINUTE_MS, value: 2 },
        ],
        MEMORY,
      ),
    ).toThrow(RangeError);
  });
});
