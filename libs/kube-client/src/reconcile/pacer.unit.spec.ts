import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { KubeApiError } from '../client/kube-errors.js';
import { Pacer } from './pacer.js';

const tooMany = (retryAfterSeconds?: number): KubeApiError =>
  new KubeApiError(429, {
    code: 429,
    reason: 'TooManyRequests',
    details: { ...(retryAfterSeconds && { retryAfterSeconds }) },
  });

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a pacer', () => {
  it('runs as much at a time as it may, and the rest in turn', async () => {
    const pacer = new Pacer({ most: 2 });
    let running = 0;
    let peak = 0;
    const work = async (): Promise<void> => {
      peak = Math.max(peak, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
    };
    const all = Promise.all(Array.from({ length: 7 }, () => pacer.run(work)));
    await jest.advanceTimersByTimeAsync(100);
    await all;
    expect(peak).toBe(2);
  });

  it('gives nothing more before the time that the API named, then half as much, and more again as it keeps up', async () => {
    const pacer = new Pacer({ most: 8, random: () => 0 });
    const refused = [1, 2, 3].map(() => pacer.run(() => Promise.reject(tooMany(5))).catch((error: unknown) => error));
    expect(await Promise.all(refused)).toEqual([
      expect.any(KubeApiError),
      expect.any(KubeApiError),
      expect.any(KubeApiError),
    ]);
    expect(pacer.limit).toBe(4);
    let done = 0;
    const after = Array.from({ length: 100 }, () => pacer.run(() => Promise.resolve((done += 1))));
    await jest.advanceTimersByTimeAsync(4_900);
    expect(done).toBe(0);
    await jest.advanceTimersByTimeAsync(200);
    await Promise.all(after);
    expect(done).toBe(100);
    expect(pacer.limit).toBe(8);
  });

  it('lets go of what waits when it is to stop', async () => {
    const pacer = new Pacer({ most: 1 });
    await pacer.run(() => Promise.reject(tooMany(60))).catch(() => undefined);
    const stop = new AbortController();
    const waiting = pacer.run(() => Promise.resolve(1), stop.signal);
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });

  it('never stops altogether, and is not slowed by other errors', async () => {
    const pacer = new Pacer({ most: 4, random: () => 0 });
    for (let times = 0; times < 5; times += 1) {
      const refused = pacer.run(() => Promise.reject(tooMany())).catch(() => undefined);
      await jest.advanceTimersByTimeAsync(1_100);
      await refused;
    }
    expect(pacer.limit).toBe(1);
    await expect(pacer.run(() => Promise.reject(new Error('other')))).rejects.toThrow('other');
    expect(await pacer.run(() => Promise.resolve(1))).toBe(1);
  });
});
