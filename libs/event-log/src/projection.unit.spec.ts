import { describe, expect, it } from '@jest/globals';
import { COMMIT_VERSION, commandSubject, positionOf, workSubject, type Entry, type Position } from '@skyflow/contracts';
import { sealCommit } from './commit-codec.js';
import {
  LogUnavailableError,
  type EventLog,
  type Followed,
  type FollowOptions,
  type RecordedCommit,
} from './event-log.js';
import type { Fold } from './fold.js';
import { MemoryEventLog } from './memory/memory-event-log.js';
import { Projection } from './projection.js';
import { appendEntries, rawEntry } from './testing/index.js';

const cmd = commandSubject();
const work = workSubject('c1');
const entry = (name: string) => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: name });

/** Keeps the order of everything. */
const history: Fold<{ name: string; position: Position }[]> = {
  version: '1',
  initial: () => [],
  evolve(state, { type, data }, { position }) {
    if (type === 'NamespaceWithdrawn') state.push({ name: data.namespace, position });
    if (type === 'NamespaceWithdrawn' && data.namespace === 'poison') throw new Error('the fold cannot take this');
    return state;
  },
};

describe('Projection', () => {
  it('has folded what was in the log when start resolves, and goes on', async () => {
    const log = new MemoryEventLog();
    await appendEntries(log, cmd, entry('a'), entry('b'));
    const projection = new Projection({ log, fold: history });
    await projection.start();
    expect(projection.caughtUp).toBe(true);
    const { seq } = await appendEntries(log, work, entry('c'));
    await projection.waitFor(seq);
    expect(projection.state).toEqual([
      { name: 'a', position: positionOf(1, 0) },
      { name: 'b', position: positionOf(1, 1) },
      { name: 'c', position: positionOf(2, 0) },
    ]);
    expect(projection.seq).toBe(2);
    expect(projection.subjectHead(work)).toEqual(await log.subjectHead(work));
    expect(projection.subjectHead('sky.evt.mesh')).toEqual({ seq: 0, hash: '' });
    await projection.close();
    await projection.done;
  });

  it('folds only its subjects, and knows when others are the last ones', async () => {
    const log = new MemoryEventLog();
    await appendEntries(log, work, entry('a'));
    await appendEntries(log, cmd, entry('b'));
    const projection = new Projection({ log, fold: history, subjects: ['sky.work.*'] });
    await projection.start();
    await projection.waitFor(2);
    expect(projection.seq).toBe(1);
    expect(projection.state.map(({ name }) => name)).toEqual(['a']);
    await projection.close();
  });

  it('does not fold what the fold ignores, but tells it, and knows its place in the log', async () => {
    const log = new MemoryEventLog();
    await appendEntries(log, work, entry('a'));
    await appendEntries(log, cmd, entry('b'));
    const fold = { ...history, ignores: (subject: string) => subject === work };
    const projection = new Projection({ log, fold });
    const told: RecordedCommit[] = [];
    projection.onBatch((commits) => told.push(...commits));
    await projection.start();
    const { seq } = await appendEntries(log, work, entry('c'));
    await projection.waitFor(seq);
    expect(projection.state.map(({ name }) => name)).toEqual(['b']);
    expect(projection.seq).toBe(3);
    expect(projection.subjectHead(work)).toEqual(await log.subjectHead(work));
    expect(told.map(({ commit }) => commit.entries[0]?.data)).toMatchObject([
      { namespace: 'a' },
      { namespace: 'b' },
      { namespace: 'c' },
    ]);
    await projection.close();
  });

  it('tells listeners each commit once, in order, also those that were offered', async () => {
    const log = new MemoryEventLog();
    const projection = new Projection({ log, fold: history });
    const told: number[] = [];
    const stop = projection.onBatch((commits) => told.push(...commits.map(({ seq }) => seq)));
    await projection.start();
    for (let i = 1; i <= 6; i++) {
      const { seq } = await appendEntries(log, cmd, entry(`n${i}`));
      if (i % 2 === 0) for await (const recorded of log.read({ from: seq })) projection.offer(recorded);
      await projection.waitFor(seq);
    }
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
    stop();
    await projection.waitFor((await appendEntries(log, cmd, entry('n7'))).seq);
    expect(told).toHaveLength(6);
    await projection.close();
  });

  it('takes an offer at once if it is next, and not if it is not', async () => {
    const log = new MemoryEventLog();
    const projection = new Projection({ log, fold: history });
    await projection.start();
    await appendEntries(log, cmd, entry('a'));
    await appendEntries(log, cmd, entry('b'));
    const commits: RecordedCommit[] = [];
    for await (const recorded of log.read()) commits.push(recorded);
    const [first, second] = commits as [RecordedCommit, RecordedCommit];
    const fresh = new Projection({ log: new MemoryEventLog(), fold: history });
    await fresh.start();
    expect(fresh.offer(second)).toBe(false);
    expect(fresh.offer(first)).toBe(true);
    expect(fresh.offer(first)).toBe(false);
    expect(fresh.offer(second)).toBe(true);
    expect(fresh.state.map(({ name }) => name)).toEqual(['a', 'b']);
    await fresh.close();
    await projection.close();
  });

  it('folds what a follow brings that said too early that it had caught up, in its place before what was offered', async () => {
    const log = new MemoryEventLog();
    const rest = Promise.withResolvers<undefined>();
    /** As one whose node of NATS is behind: it has brought up to 1, and says that it has all up to 3. */
    const early: EventLog = Object.assign(Object.create(log) as MemoryEventLog, {
      async *follow(options: FollowOptions): AsyncIterable<Followed> {
        yield { type: 'commits', commits: await Array.fromAsync(log.read({ to: 1 })) };
        yield { type: 'caught-up', seq: 3 };
        await rest.promise;
        for await (const recorded of log.read({ from: 2, to: 5 })) {
          if (options.skip?.(recorded.seq) !== true) yield { type: 'commits', commits: [recorded] };
        }
      },
    });
    for (const name of ['a', 'b', 'c']) await appendEntries(log, work, entry(name));
    const projection = new Projection({ log: early, fold: history });
    const told: number[] = [];
    projection.onBatch((commits) => told.push(...commits.map(({ seq }) => seq)));
    await projection.start();
    await appendEntries(log, cmd, entry('d'));
    await appendEntries(log, cmd, entry('e'));
    const own = await Array.fromAsync(log.read({ from: 4 }));
    expect(own.map((recorded) => projection.offer(recorded))).toEqual([false, false]);
    rest.resolve(undefined);
    await projection.done;
    expect(projection.state.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(told).toEqual([1, 2, 3, 4, 5]);
  });

  it('takes what the log stores as the caller said it would be, and reads it where it is something else', async () => {
    const log = new MemoryEventLog();
    const folded: unknown[] = [];
    const keep: Fold<unknown[]> = { ...history, initial: () => folded, evolve: (all, { data }) => [...all, data] };
    const projection = new Projection({ log, fold: keep });
    await projection.start();
    const draft = { id: 'c1', writer: 'test/1', entries: [entry('a')] };
    const { hash } = sealCommit(draft, '');
    const said: RecordedCommit['commit'] = { v: COMMIT_VERSION, prev: '', ...draft, entries: draft.entries as Entry[] };
    projection.expect(hash, said);
    projection.expect('of something else', said);
    await log.append(cmd, draft, { seq: 0, hash: '' });
    await appendEntries(log, cmd, entry('b'));
    await projection.waitFor(2);
    expect(projection.state).toEqual([entry('a').data, entry('b').data]);
    expect(projection.state[0] === said.entries[0]?.data).toBe(true);
    const takeBack = projection.expect(sealCommit({ ...draft, id: 'c3' }, projection.subjectHead(cmd).hash).hash, said);
    takeBack();
    await log.append(cmd, { ...draft, id: 'c3' }, projection.subjectHead(cmd));
    await projection.waitFor(3);
    expect(projection.state[2] === said.entries[0]?.data).toBe(false);
    await projection.close();
  });

  it('ends waiting with what happened: too late, aborted, closed', async () => {
    const log = new MemoryEventLog();
    const projection = new Projection({ log, fold: history });
    await projection.start();
    await expect(projection.waitFor(9, { timeoutMs: 20 })).rejects.toThrow(
      /commit 9 was not read within 20 ms, only up to 0/,
    );
    const aborted = new AbortController();
    const waiting = projection.waitFor(9, { signal: aborted.signal });
    aborted.abort(new Error('the caller left'));
    await expect(waiting).rejects.toThrow('the caller left');
    const last = projection.waitFor(9);
    const closing = projection.close();
    await expect(last).rejects.toThrow(LogUnavailableError);
    await closing;
    await expect(projection.waitFor(9)).rejects.toThrow(LogUnavailableError);
  });

  it('fails for good when the fold throws: start, done and waiting reject with its error', async () => {
    const log = new MemoryEventLog();
    const projection = new Projection({ log, fold: history });
    await projection.start();
    const waiting = projection.waitFor(5);
    await appendEntries(log, cmd, entry('poison'));
    await expect(waiting).rejects.toThrow('the fold cannot take this');
    await expect(projection.done).rejects.toThrow('the fold cannot take this');
    const second = new Projection({ log, fold: history });
    await expect(second.start()).rejects.toThrow('the fold cannot take this');
    await second.close();
  });

  it('start rejects when it is ended before it has caught up', async () => {
    const stopped = AbortSignal.abort();
    const projection = new Projection({ log: new MemoryEventLog(), fold: history, signal: stopped });
    await expect(projection.start()).rejects.toThrow(LogUnavailableError);
  });
});
