import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LatestHead } from './latest-head.js';

const WITHIN_MS = 50;
const stopping = new AbortController();
let reachable: boolean;
let questions: PromiseWithResolvers<number>[];
/** What is folded, and who waits for how much. */
let fold: { seq: number; covered: number; waitFor: (seq: number, more?: { timeoutMs?: number }) => Promise<void> };
let waiting: [seq: number, wake: () => void][];
const head = (): Promise<number> => {
  const question = Promise.withResolvers<number>();
  questions.push(question);
  return question.promise;
};
const latestHead = (): LatestHead => {
  const times = { withinMs: WITHIN_MS, foldWithinMs: WITHIN_MS };
  return new LatestHead({ head, fold: () => fold, isReachable: () => reachable, stopping: stopping.signal, ...times });
};
const answer = (at: number, seq: number): void => questions[at]?.resolve(seq);
function foldUpTo(seq: number, covered = seq): void {
  Object.assign(fold, { seq, covered });
  for (const [wanted, wake] of waiting) if (wanted <= covered) wake();
}

beforeEach(() => {
  [reachable, questions, waiting] = [true, [], []];
  fold = {
    ...{ seq: 0, covered: 0 },
    waitFor: (seq, { timeoutMs = 0 } = {}) =>
      Promise.race([
        new Promise<void>((wake) => waiting.push([seq, wake])),
        pause(timeoutMs).then(() => Promise.reject(new Error('not in time'))),
      ]),
  };
});
afterEach(() => {
  for (const question of questions) question.resolve(0);
});

describe('a read that names no version', () => {
  it('rests on a question that was put after it was asked: those that come while one is under way share the next', async () => {
    const latest = latestHead();
    const order: string[] = [];
    const asked = (name: string): Promise<unknown> => latest.folded().then(() => order.push(name));
    const reads = [asked('first'), asked('second'), asked('third')];
    expect(questions).toHaveLength(1);
    foldUpTo(7);
    answer(0, 7);
    await reads[0];
    await pause();
    expect([questions.length, order]).toEqual([2, ['first']]);
    answer(1, 9);
    await pause();
    expect(order).toEqual(['first']);
    foldUpTo(9);
    await Promise.all(reads);
    expect([questions.length, latest.staleness]).toEqual([2, undefined]);
  });

  it('waits for no commit where the last positions hold none, as after a restore', async () => {
    const latest = latestHead();
    foldUpTo(8, 10_008);
    const read = latest.folded();
    answer(0, 10_008);
    await read;
    expect(latest.staleness).toBeUndefined();
  });

  it('is answered, with a warning, where the fold is far behind, until it is not', async () => {
    const latest = latestHead();
    foldUpTo(4);
    const read = latest.folded();
    answer(0, 5);
    await read;
    expect(latest.staleness).toMatch(/up to 4, and it goes to 5/);
    foldUpTo(5);
    expect(latest.staleness).toBeUndefined();
  });

  it('does not wait while the log is silent, says so, and waits again when it has said something', async () => {
    const latest = latestHead();
    await latest.folded();
    expect(latest.staleness).toMatch(/the log does not answer/);
    await latest.folded();
    expect(questions).toHaveLength(1);
    answer(0, 0);
    await pause();
    expect(latest.staleness).toBeUndefined();
    const next = latest.folded();
    expect(questions).toHaveLength(2);
    answer(1, 0);
    await next;
  });

  it('has the log asked until there is an answer where a question was refused', async () => {
    const latest = latestHead();
    const refused = latest.folded();
    questions[0]?.reject(new Error('no leader'));
    await refused;
    while (questions.length < 2) await pause(10);
    expect(latest.staleness).toBeDefined();
    answer(1, 0);
    await pause();
    expect(latest.staleness).toBeUndefined();
  });

  it('asks nobody where nobody can be reached', async () => {
    reachable = false;
    await latestHead().folded();
    expect(questions).toHaveLength(0);
  });
});
