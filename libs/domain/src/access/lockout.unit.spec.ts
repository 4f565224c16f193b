import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterFailure, FORGET_AFTER_MS, FREE_FAILURES, type LockoutRecord, lockedForMs } from './lockout.js';

const failing = (times: number, at = 0): LockoutRecord | undefined => {
  let record: LockoutRecord | undefined;
  for (let count = 0; count < times; count++) record = afterFailure(record, at);
  return record;
};

describe('lock-out', () => {
  it('does nothing for a few slips, then closes for longer each time, never for more than a quarter of an hour', () => {
    expect(lockedForMs(undefined, 0)).toBe(0);
    expect(lockedForMs(failing(FREE_FAILURES - 1), 0)).toBe(0);
    expect(lockedForMs(failing(FREE_FAILURES), 0)).toBe(30_000);
    expect(lockedForMs(failing(FREE_FAILURES + 1), 0)).toBe(60_000);
    expect(lockedForMs(failing(50), 0)).toBe(15 * 60_000);
    expect(lockedForMs(failing(FREE_FAILURES), 30_000)).toBe(0);
  });

  it('bounds what can be tried in a day, however it is spread', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600_000 }), { minLength: 200, maxLength: 400 }), (pauses) => {
        let now = 0;
        let record: LockoutRecord | undefined;
        let tried = 0;
        for (const pause of pauses) {
          now += pause;
          if (lockedForMs(record, now) > 0) continue;
          record = afterFailure(record, now);
          tried += 1;
        }
        // Within the hour that is remembered: the free ones, and what the doubling leaves.
        expect(tried).toBeLessThanOrEqual((FREE_FAILURES + 10) * (1 + now / (15 * 60_000)));
      }),
    );
  });

  it('forgets after an hour of peace', () => {
    expect(lockedForMs(failing(20), FORGET_AFTER_MS)).toBe(0);
    expect(afterFailure(failing(20), FORGET_AFTER_MS)).toEqual({ failures: 1, lastAt: FORGET_AFTER_MS });
  });
});
