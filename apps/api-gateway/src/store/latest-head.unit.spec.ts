import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ObjectsState, initialObjects } from '@skyflow/domain';
import { LatestHead } from './latest-head.js';
import { ReadModel } from './read-model.js';

const WITHIN_MS = 50;
const stopping = new AbortController();
let reachable = true;
let questions: PromiseWithResolvers<number>[] = [];
const head = (): Promise<number> => {
  const question = Promise.withResolvers<number>();
  questions.push(question);
  return question.promise;
};
const latestHead = (): LatestHead =>
  new LatestHead({ head, isReachable: () => reachable, stopping: stopping.signal, withinMs: WITHIN_MS });
const answer = (at: number, seq: number): void => questions[at]?.resolve(seq);

afterEach(() => {
  for (const question of questions) question.resolve(0);
  questions = [];
  reachable = true;
});

describe('the latest head', () => {
  it('is asked for after each read was: those that come while a question is under way share the next one', async () => {
    const latest = latestHead();
    const first = latest.latest();
    const others = [latest.latest(), latest.latest()];
    expect(questions).toHaveLength(1);
    answer(0, 7);
    expect(await first).toBe(7);
    await pause();
    expect(questions).toHaveLength(2);
    answer(1, 9);
    expect(await Promise.all(others)).toEqual([9, 9]);
    const alone = latest.latest();
    answer(2, 9);
    expect(await alone).toBe(9);
  });

  it('is not waited for while the log is silent, and again when it has said something', async () => {
    const latest = latestHead();
    expect(await latest.latest()).toBeUndefined();
    expect(latest.isSilent).toBe(true);
    expect(await latest.latest()).toBeUndefined();
    expect(questions).toHaveLength(1);
    answer(0, 3);
    await pause();
    expect(latest.isSilent).toBe(false);
    const next = latest.latest();
    answer(1, 4);
    expect(await next).toBe(4);
  });

  it('is asked for until there is an answer where a question was refused', async () => {
    const latest = latestHead();
    const refused = latest.latest();
    questions[0]?.reject(new Error('no leader'));
    expect(await refused).toBeUndefined();
    while (questions.length < 2) await pause(10);
    expect(latest.isSilent).toBe(true);
    answer(1, 5);
    await pause();
    expect(latest.isSilent).toBe(false);
  });

  it('is not asked for where nobody can be reached', async () => {
    reachable = false;
    expect(await latestHead().latest()).toBeUndefined();
    expect(questions).toHaveLength(0);
  });
});

describe('a read that names no version', () => {
  const liveness = (): never => {
    throw new Error('nobody asks');
  };
  const at = (seq: number): ObjectsState => ({ ...initialObjects(), position: seq * 10_000 });

  it('waits until all is folded that was stored', async () => {
    const model = new ReadModel({ liveness, latest: { latest: () => Promise.resolve(5), isSilent: false } });
    model.advance(at(4), 4);
    const read = model.upToDate().then(() => 'read');
    expect(await Promise.race([read, pause(20, 'waits')])).toBe('waits');
    model.advance(at(5), 5);
    expect(await read).toBe('read');
    expect(model.staleness).toBeUndefined();
  });

  it('is answered, with a warning, where the fold is far behind, until it is not', async () => {
    const latest = { latest: () => Promise.resolve(5), isSilent: false };
    const model = new ReadModel({ liveness, latest, waitMs: 20 });
    model.advance(at(4), 4);
    await model.upToDate();
    expect(model.staleness).toMatch(/up to 4, and it goes to 5/);
    model.advance(at(5), 5);
    expect(model.staleness).toBeUndefined();
  });

  it('is answered, with a warning, where the log says nothing; what was written here is waited for nevertheless', async () => {
    const latest = { latest: () => Promise.resolve(undefined), isSilent: true };
    const model = new ReadModel({ liveness, latest, waitMs: 20 });
    await model.upToDate();
    expect(model.staleness).toMatch(/the log does not answer/);
    model.wrote(6);
    await expect(model.upToDate()).rejects.toMatchObject({ code: 504 });
  });
});
