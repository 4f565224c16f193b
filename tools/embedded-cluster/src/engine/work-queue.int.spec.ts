import { describe, expect, it } from '@jest/globals';
import { until } from '../testing/cluster-fixture.js';
import { DelayQueue } from './delay-queue.js';
import { WorkQueue } from './work-queue.js';

describe('the work queue', () => {
  it('handles each key once however often it is added, one after the other', async () => {
    const handled: string[] = [];
    let running = 0;
    const queue = new WorkQueue(
      new DelayQueue(),
      async (key) => {
        expect(++running).toBe(1);
        await Promise.resolve();
        running--;
        handled.push(key);
        return {};
      },
      () => undefined,
    );
    for (let at = 0; at < 300; at++) queue.add(`key-${at % 100}`);
    await until('rest', () => queue.idle);
    expect(handled).toEqual(Array.from({ length: 100 }, (_, at) => `key-${at}`));
  });

  it('tries a key that fails again, later each time, and says so', async () => {
    const triedAt: number[] = [];
    const errors: unknown[] = [];
    const queue = new WorkQueue(
      new DelayQueue(),
      () => {
        triedAt.push(Date.now());
        if (triedAt.length < 4) throw new Error('not yet');
        return Promise.resolve({});
      },
      (_key, error) => errors.push(error),
    );
    queue.add('key');
    await until('four tries', () => triedAt.length === 4);
    expect(errors).toHaveLength(3);
    expect((triedAt[3] ?? 0) - (triedAt[2] ?? 0)).toBeGreaterThanOrEqual(20);
  });

  it('comes back when the reconciler asks for it, and not after it was stopped', async () => {
    const delays = new DelayQueue();
    let count = 0;
    const queue = new WorkQueue(
      delays,
      () => {
        count++;
        return Promise.resolve({ againAtMs: Date.now() + 5 });
      },
      () => undefined,
    );
    queue.add('key');
    await until('three times', () => count >= 3);
    queue.stop();
    const stopped = count;
    await new Promise((resolve) => delays.at(Date.now() + 30, () => resolve(undefined)));
    expect(count).toBeLessThanOrEqual(stopped + 1);
  });
});
