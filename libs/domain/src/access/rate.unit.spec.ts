import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RateRecord, spend } from './rate.js';

describe('the rate limit', () => {
  it('lets through no more than the burst and what the time gives, and all of that', () => {
    const limit = { perSecond: 10, burst: 5 };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), (pauses) => {
        let record: RateRecord | undefined;
        let now = 0;
        let passed = 0;
        for (const pause of pauses) {
          now += pause;
          const next = spend(record, limit, now);
          record = next;
          if (next.waitMs === 0) passed += 1;
          // Whoever waits as told gets through.
          else expect(spend(next, limit, now + next.waitMs).waitMs).toBe(0);
        }
        expect(passed).toBeLessThanOrEqual(limit.burst + (now / 1000) * limit.perSecond + 1e-6);
        expect(passed).toBeGreaterThanOrEqual(Math.min(pauses.length, limit.burst));
      }),
    );
  });
});
