import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PATIENCE_MS, pauseMs } from './trying-again.js';

const MINUTE_MS = 60_000;

describe('a request is made again', () => {
  it('after as long as the server asks for', () => {
    expect(pauseMs({ status: 503, retryAfter: '2' }, 0, MINUTE_MS)).toBe(2_000);
    expect(pauseMs({ status: 429, retryAfter: '1' }, 8_500, MINUTE_MS)).toBe(1_000);
  });

  it.each([
    [200, '1'],
    [409, '1'],
    [500, '1'],
    [503, undefined],
    [503, 'Sun, 29 Nov 2026 16:00:00 GMT'],
  ])('not after %i with Retry-After %s', (status, retryAfter) => {
    expect(pauseMs({ status, retryAfter }, 0, MINUTE_MS)).toBeUndefined();
  });

  it('not when it could not be answered in time: after a lockout of minutes the user is told at once', () => {
    expect(pauseMs({ status: 429, retryAfter: '300' }, 0, MINUTE_MS)).toBeUndefined();
    expect(pauseMs({ status: 503, retryAfter: '2' }, 0, 1_000)).toBeUndefined();
  });

  it('never for longer than anybody is patient', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), fc.integer({ min: 1, max: 60_000 }), (asked, patienceMs) => {
        let spentMs = 0;
        for (const seconds of asked) {
          const pause = pauseMs({ status: 503, retryAfter: String(seconds) }, spentMs, patienceMs);
          if (pause === undefined) break;
          spentMs += pause;
        }
        expect(spentMs).toBeLessThanOrEqual(Math.min(patienceMs, PATIENCE_MS));
      }),
    );
  });
});
