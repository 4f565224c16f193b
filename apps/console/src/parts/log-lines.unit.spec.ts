import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_LINES, withChunk } from './log-lines.js';

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
});
