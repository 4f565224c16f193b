import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ENTRIES_PER_COMMIT,
  endOfCommit,
  parseResourceVersion,
  positionOf,
  sequenceOf,
  toResourceVersion,
} from './position.js';

describe('positions', () => {
  const anySeq = fc.integer({ min: 0, max: 9e11 });
  const anyIndex = fc.integer({ min: 0, max: ENTRIES_PER_COMMIT - 1 });

  it('order entries by sequence, then by index', () => {
    fc.assert(
      fc.property(anySeq, anyIndex, anySeq, anyIndex, (s1, i1, s2, i2) => {
        const expected = s1 === s2 ? Math.sign(i1 - i2) : Math.sign(s1 - s2);
        expect(Math.sign(positionOf(s1, i1) - positionOf(s2, i2))).toBe(expected);
      }),
    );
  });

  it('survive the way through a resourceVersion and give back their sequence', () => {
    fc.assert(
      fc.property(anySeq, anyIndex, (seq, index) => {
        const position = positionOf(seq, index);
        expect(parseResourceVersion(toResourceVersion(position))).toBe(position);
        expect(sequenceOf(position)).toBe(seq);
        expect(position).toBeLessThanOrEqual(endOfCommit(seq));
      }),
    );
  });

  it.each(['', 'abc', '-1', '1.5', '99999999999999999', ' 1'])('are not read from %p', (text) => {
    expect(parseResourceVersion(text)).toBeUndefined();
  });
});
