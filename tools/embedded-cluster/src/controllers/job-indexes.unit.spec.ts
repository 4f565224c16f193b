import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatIndexes, parseIndexes } from './job-indexes.js';

describe('completed indexes', () => {
  it('are written in ranges', () => {
    expect(formatIndexes(new Set([5, 0, 2, 1, 8, 9]))).toBe('0-2,5,8,9');
    expect(formatIndexes(new Set())).toBe('');
  });

  it('read back as what was written', () => {
    const indexes = fc.array(fc.integer({ min: 0, max: 60 }));
    const property = fc.property(indexes, (list) => {
      expect(parseIndexes(formatIndexes(new Set(list)))).toEqual(new Set([...list].sort((a, b) => a - b)));
    });
    fc.assert(property);
  });
});
