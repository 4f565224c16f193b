import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { largestRemainder, lower } from './division.js';

const sum = (parts: readonly number[]): number => parts.reduce((a, b) => a + b, 0);
const anyParts = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 });

describe('largest remainder', () => {
  it('adds up to the total, and no part is a whole one away from its ideal', () => {
    fc.assert(
      fc.property(fc.nat(1000), anyParts, (total, weights) => {
        const parts = largestRemainder(total, weights);
        expect(sum(parts)).toBe(total);
        const all = sum(weights);
        if (all === 0) return;
        parts.forEach((part, index) => expect(Math.abs(part - (total * weights[index]!) / all)).toBeLessThan(1));
      }),
    );
  });

  it('gives equal remainders to the first', () => {
    expect(largestRemainder(3, [1, 1])).toEqual([2, 1]);
    expect(largestRemainder(3, [0, 0])).toEqual([2, 1]);
    expect(largestRemainder(5, [])).toEqual([]);
  });
});

describe('lowering parts', () => {
  it('takes exactly the excess, never more than there is, and levels from the top', () => {
    fc.assert(
      fc.property(anyParts, fc.nat(400), (parts, excess) => {
        const lowered = lower(parts, excess);
        expect(sum(lowered)).toBe(Math.max(0, sum(parts) - excess));
        const touched = lowered.filter((part, index) => part < parts[index]!);
        const level = Math.max(0, ...lowered);
        lowered.forEach((part, index) => expect(part).toBeLessThanOrEqual(parts[index]!));
        touched.forEach((part) => expect(part).toBeGreaterThanOrEqual(level - 1));
      }),
    );
  });

  it('lets the last of equal ones give first', () => {
    expect(lower([4, 2], 3)).toEqual([2, 1]);
    expect(lower([2, 2, 2], 1)).toEqual([2, 2, 1]);
  });
});
