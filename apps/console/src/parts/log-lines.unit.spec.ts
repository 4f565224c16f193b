import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_LINES, isUntil, withChunk } from './log-lines.js';

describe('a log that goes on', () => {
  it('has the same lines however it is cut, and keeps the last of them', () => {
    const text = fc.stringMatching(/^[ab\n]{0,40}$/);
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 1, max: 5 }), (chunks, most) => {
        const read = chunks.reduce((log, chunk) => withChunk(log, chunk, most), NO_LINES);
        const whole = chunks.join('').split('\n');
        expect(read.rest).toBe(whole.pop());
        expect(read.lines).toEqual(whole.slice(-most));
        expect(read.dropped).toBe(Math.max(0, whole.length - most));
      }),
    );
  });

  it('has only lines that are kept', () => {
    const isKept = (line: string): boolean => line !== 'b';
    expect(withChunk(NO_LINES, 'a\nb\nc\nb', 10, isKept)).toEqual({ rest: 'b', lines: ['a', 'c'], dropped: 0 });
  });

  it.each([
    ['[east/p/main] 2026-11-24T10:00:00.123456789Z text', true],
    ['2026-11-24T10:00:00Z', true],
    ['[east/p/main] 2026-11-24T10:00:01.5Z text', false],
    ['[east/p/main] no time at all', true],
  ])('knows of "%s" whether it is of until then', (line, expected) => {
    expect(isUntil(line, Date.parse('2026-11-24T10:00:01Z'))).toBe(expected);
  });
});
