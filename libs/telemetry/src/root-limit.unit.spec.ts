import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RootLimit } from './root-limit.js';

describe('the limit of traces that begin', () => {
  it('lets no more through in any stretch of time than it says, and all where they come more slowly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 }),
        (perSecond, gaps) => {
          const limit = new RootLimit(perSecond);
          let nowMs = 0;
          const taken: number[] = [];
          for (const gap of gaps) {
            nowMs += gap;
            if (limit.take(nowMs)) taken.push(nowMs);
          }
          for (const [index, from] of taken.entries()) {
            const within = taken.slice(index).filter((at) => at - from < 1_000).length;
            // What was saved up before, and what came in this second.
            expect(within).toBeLessThanOrEqual(2 * perSecond);
          }
          if (gaps.every((gap) => gap > 1_000 / perSecond)) expect(taken.length).toBe(gaps.length);
        },
      ),
    );
  });

  it('at nought begins none', () => {
    expect(new RootLimit(0).take(5_000)).toBe(false);
  });
});
