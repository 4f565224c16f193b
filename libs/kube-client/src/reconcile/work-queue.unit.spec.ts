import { describe, expect, it } from '@jest/globals';
import { runReconciler } from './reconciler.js';
import { WorkQueue } from './work-queue.js';

describe('the work queue', () => {
  it('holds a key once, however often it was added', async () => {
    const queue = new WorkQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(queue.size).toBe(2);
    expect([await queue.take(), await queue.take()]).toEqual(['a', 'b']);
  });

  it('hands a key that was added while in work out again only after it is done', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    expect(queue.size).toBe(0);
    queue.done('a');
    expect(await queue.take()).toBe('a');
  });

  it('doubles the pause with each failure, up to the cap, and starts anew after success', () => {
    const queue = new WorkQueue({ baseMs: 100, capMs: 500, random: () => 1 });
    const pauses = [1, 2, 3, 4, 5].map(() => queue.addRateLimited('a'));
    expect(pauses).toEqual([100, 200, 400, 500, 500]);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(100);
    expect(queue.addRateLimited('b', 3_000)).toBe(3_000);
    queue.close();
  });

  it('gives nothing more once closed', async () => {
    const queue = new WorkQueue();
    const taking = queue.take();
    queue.close();
    queue.add('a');
    expect(await taking).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
  });
});

describe('the reconciler', () => {
  it('never works on one key twice at a time, and on different keys in parallel', async () => {
    const queue = new WorkQueue({ baseMs: 1, capMs: 2 });
    const stop = new AbortController();
    const inWork = new Map<string, number>();
    let most = 0;
    let rounds = 0;
    const run = runReconciler({
      queue,
      workers: 3,
      signal: stop.signal,
      onError: () => undefined,
      reconciler: {
        async reconcile(key) {
          inWork.set(key, (inWork.get(key) ?? 0) + 1);
          expect(inWork.get(key)).toBe(1);
          most = Math.max(
            most,
            [...inWork.values()].reduce((a, b) => a + b),
          );
          await new Promise(setImmediate);
          inWork.set(key, 0);
          rounds += 1;
          if (rounds >= 60) stop.abort();
          for (const other of ['a', 'b', 'c']) queue.add(other);
          return { type: 'done' };
        },
      },
    });
    queue.add('a');
    await run;
    expect(most).toBe(3);
  });

  it('tries a key that failed again and tells of the error', async () => {
    const queue = new WorkQueue({ baseMs: 1, capMs: 2 });
    const stop = new AbortController();
    const errors: unknown[] = [];
    let attempts = 0;
    queue.add('a');
    await runReconciler({
      queue,
      workers: 1,
      signal: stop.signal,
      onError: (_key, error) => errors.push(error),
      reconciler: {
        reconcile() {
          attempts += 1;
          if (attempts < 3) return Promise.reject(new Error(`attempt ${attempts}`));
          stop.abort();
          return Promise.resolve({ type: 'done' });
        },
      },
    });
    expect(errors.map(String)).toEqual(['Error: attempt 1', 'Error: attempt 2']);
  });
});
