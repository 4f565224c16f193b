import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { DelayQueue } from './delay-queue.js';

describe('the delay queue', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }));
  afterEach(() => void jest.useRealTimers());

  it('runs everything once, in order of time, never early, and nothing that was cancelled', () => {
    const entry = fc.record({ atMs: fc.integer({ min: 0, max: 1000 }), cancelled: fc.boolean() });
    const property = fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      jest.setSystemTime(0);
      const queue = new DelayQueue();
      const ran: number[] = [];
      for (const { atMs, cancelled } of entries) {
        const delayed = queue.at(atMs, () => {
          expect(Date.now()).toBeGreaterThanOrEqual(atMs);
          ran.push(atMs);
        });
        if (cancelled) delayed.cancel();
      }
      jest.advanceTimersByTime(2000);
      const expected = entries.filter(({ cancelled }) => !cancelled).map(({ atMs }) => atMs);
      expect(ran).toEqual(expected.sort((a, b) => a - b));
      expect(queue.size).toBe(0);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('needs one timer for any number of entries', () => {
    const queue = new DelayQueue();
    for (let atMs = 1000; atMs > 0; atMs--) queue.at(atMs, () => undefined);
    expect(jest.getTimerCount()).toBe(1);
    queue.clear();
    expect(jest.getTimerCount()).toBe(0);
  });
});
