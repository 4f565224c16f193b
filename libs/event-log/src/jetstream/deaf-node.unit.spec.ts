/** When a node that answers nothing is left. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deafness } from './deaf-node.js';

describe('a node that answers nothing', () => {
  it('is left after longer than an election takes, and then not again for twice as long', () => {
    const deafness = new Deafness();
    expect(deafness.unanswered(0, 5_000)).toBe(false);
    expect(deafness.unanswered(5_000, 9_900)).toBe(false);
    expect(deafness.unanswered(9_000, 10_000)).toBe(true);
    expect(deafness.unanswered(10_000, 29_900)).toBe(false);
    expect(deafness.unanswered(29_900, 30_000)).toBe(true);
  });

  it('is not left while answers come between', () => {
    const deafness = new Deafness();
    for (let now = 0; now < 120_000; now += 4_000) {
      expect(deafness.unanswered(now, now + 5_000)).toBe(false);
      deafness.answered();
    }
  });

  it('is left again and again for as long as nothing answers, at most a minute and a question apart', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100, max: 5_000 }), { minLength: 200, maxLength: 400 }), (lengths) => {
        const deafness = new Deafness();
        let now = 0;
        let left = 0;
        for (const length of lengths) {
          const asked = now;
          now += length;
          if (!deafness.unanswered(asked, now)) continue;
          expect(now - left).toBeGreaterThanOrEqual(10_000);
          left = now;
        }
        expect(now - left).toBeLessThan(65_000);
      }),
    );
  });
});
