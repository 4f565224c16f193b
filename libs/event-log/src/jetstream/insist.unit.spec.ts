import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { insist } from './insist.js';
import { Patience } from './patience.js';

const WITHIN_MS = 5_000;
/** What becomes of each question, in the order in which they are put: an answer after so many ms; undefined: none. */
type Fate = { answer: string; afterMs: number } | { error: string; afterMs: number } | undefined;

describe('a question that is put until it is answered', () => {
  let patience: Patience;
  let putAt: number[];

  beforeEach(() => {
    jest.useFakeTimers();
    patience = new Patience();
    for (let answer = 0; answer < 20; answer++) patience.answered(4);
    putAt = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const put = async (...fates: Fate[]): Promise<{ answer: string; tookMs: number }> => {
    const begunAt = performance.now();
    const ask = (withinMs: number): Promise<string> => {
      putAt.push(performance.now() - begunAt);
      const fate = fates[putAt.length - 1];
      return new Promise((resolve, reject) => {
        if (fate === undefined) setTimeout(() => reject(new Error('timeout')), withinMs);
        else if ('error' in fate) setTimeout(() => reject(new Error(fate.error)), fate.afterMs);
        else setTimeout(() => resolve(fate.answer), fate.afterMs);
      });
    };
    const asked = insist({ ask, isUnderWay: (answer) => answer === 'under way', withinMs: WITHIN_MS }, patience).then(
      (answer) => ({ answer, tookMs: performance.now() - begunAt }),
      (error: unknown) => ({ answer: (error as Error).message, tookMs: performance.now() - begunAt }),
    );
    await jest.advanceTimersByTimeAsync(2 * WITHIN_MS);
    return asked;
  };

  it('is put once where the answer comes in time', async () => {
    expect(await put({ answer: 'a', afterMs: 700 })).toEqual({ answer: 'a', tookMs: 700 });
    expect(putAt).toEqual([0]);
  });

  it('is put every half a second where nobody hears it, so that a new leader is asked soon, and expects no less of the next', async () => {
    expect(await put(undefined, undefined, undefined, { answer: 'a', afterMs: 3 })).toEqual({
      answer: 'a',
      tookMs: 2_003,
    });
    expect(putAt).toEqual([0, 1_000, 1_500, 2_000]);
    expect(patience.within(WITHIN_MS)).toBe(1_000);
  });

  it('takes the slow answer to the first, and waits longer the next time', async () => {
    expect(await put({ answer: 'first', afterMs: 1_900 }, undefined, undefined)).toEqual({
      answer: 'first',
      tookMs: 1_900,
    });
    expect(patience.within(WITHIN_MS)).toBeGreaterThan(1_900);
  });

  it('does not take word that an earlier one is being worked on, unless there is no other', async () => {
    expect(await put({ answer: 'stored', afterMs: 1_200 }, { answer: 'under way', afterMs: 2 })).toEqual({
      answer: 'stored',
      tookMs: 1_200,
    });
    putAt = [];
    expect(await put({ answer: 'under way', afterMs: 2 })).toEqual({ answer: 'under way', tookMs: 2 });
  });

  it('ends with what cannot be asked, and when the time is over', async () => {
    expect(await put(undefined, { error: 'no responders', afterMs: 1 })).toEqual({
      answer: 'no responders',
      tookMs: 1_001,
    });
    putAt = [];
    expect(await put()).toEqual({ answer: 'timeout', tookMs: WITHIN_MS });
  });
});
