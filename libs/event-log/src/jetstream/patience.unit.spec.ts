import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Patience } from './patience.js';

const MOST_MS = 5_000;
const after = (...tookMs: number[]): Patience => {
  const patience = new Patience();
  for (const ms of tookMs) patience.answered(ms);
  return patience;
};

describe('how long an answer is waited for', () => {
  it('is never more than the caller would wait, and never less than a second', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 60_000, noNaN: true })), (tookMs) => {
        const ms = after(...tookMs).within(MOST_MS);
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms).toBeLessThanOrEqual(MOST_MS);
      }),
    );
  });

  it('is longer than answers take, when they take the same time again and again', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4_000, noNaN: true }), fc.nat(50), (tookMs, times) => {
        expect(after(...Array.from({ length: times + 1 }, () => tookMs)).within(MOST_MS)).toBeGreaterThanOrEqual(
          tookMs,
        );
      }),
    );
  });

  it('is a second where answers are quick, whatever was lost between them', () => {
    expect(after(3, 5, 4, 3).within(MOST_MS)).toBe(1_000);
  });

  it('follows a disk that has become slow, and is quick again when the disk is', () => {
    const patience = after(...Array.from({ length: 50 }, () => 5), ...Array.from({ length: 6 }, () => 1_800));
    expect(patience.within(MOST_MS)).toBeGreaterThan(1_800);
    for (let answer = 0; answer < 60; answer++) patience.answered(5);
    expect(patience.within(MOST_MS)).toBe(1_000);
  });
});
