import { describe, expect, it } from '@jest/globals';
import { commandSubject, type RawEntry } from '@skyflow/contracts';
import fc from 'fast-check';
import {
  AppendRefusedError,
  LogUnavailableError,
  type EventLog,
  type RecordedCommit,
  type SubjectHead,
} from './event-log.js';
import type { Fold } from './fold.js';
import { MemoryEventLog } from './memory/memory-event-log.js';
import { Projection, type FoldedState } from './projection.js';
import { SubjectWriter, type SubjectWriterOptions } from './subject-writer.js';
import { FaultyEventLog, appendEntries, rawEntry, type AppendFault } from './testing/index.js';

const cmd = commandSubject();
const named = (name: string): RawEntry => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: name });
const nameOf = ({ data }: { data: unknown }): string => (data as { namespace: string }).namespace;

const nameSet: Fold<Set<string>> = {
  version: '1',
  initial: () => new Set(),
  evolve: (state, entry) => state.add(nameOf(entry)),
};

const all = async (log: EventLog): Promise<RecordedCommit[]> => {
  const commits: RecordedCommit[] = [];
  for await (const recorded of log.read()) commits.push(recorded);
  return commits;
};

/** A client that creates names, each at most once over all clients. */
async function nameClient(log: EventLog, options: Partial<SubjectWriterOptions> = {}) {
  const projection = new Projection({ log, fold: nameSet });
  await projection.start();
  const overlay = new Set<string>();
  const writer = new SubjectWriter({
    log,
    subject: cmd,
    writer: 'test/1',
    state: projection,
    overlay: {
      clear: () => overlay.clear(),
      add: (entries) => entries.forEach((entry) => overlay.add(nameOf(entry))),
    },
    ...options,
  });
  const create = (name: string) =>
    writer.submit<string, 'exists'>(() =>
      projection.state.has(name) || overlay.has(name) ? { refuse: 'exists' } : { entries: [named(name)], result: name },
    );
  const close = async (): Promise<void> => {
    await writer.close();
    await projection.close();
  };
  return { projection, writer, create, close };
}

describe('SubjectWriter', () => {
  it.each([false, true])(
    'gives its state entries of their own, or the same if it may share them: %s',
    async (shares) => {
      const committed: RecordedCommit[] = [];
      const onCommitted = (recorded: RecordedCommit): unknown => committed.push(recorded);
      const log = new MemoryEventLog();
      const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1', sharesEntries: shares, onCommitted });
      const entry = named('a');
      await writer.append([entry]);
      // The writer's clock and the log's may be a millisecond apart.
      const timeless = (commits: RecordedCommit[]) => commits.map((each) => ({ ...each, storedAt: 0 }));
      expect(timeless(committed)).toEqual(timeless(await all(log)));
      expect(committed[0]?.commit.entries[0] === entry).toBe(shares);
      await writer.close();
    },
  );

  it('has its shared entries folded as they are, also when they are read before their append is answered', async () => {
    const log = new FaultyEventLog(new MemoryEventLog());
    const folded: unknown[] = [];
    const fold: Fold<unknown[]> = { version: '1', initial: () => folded, evolve: (all, { data }) => [...all, data] };
    const projection = new Projection({ log, fold });
    await projection.start();
    const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1', state: projection, sharesEntries: true });
    log.answersAfter((seq) => projection.waitFor(seq));
    const entry = named('a');
    await writer.append([entry]);
    expect(projection.state).toEqual([entry.data]);
    expect(projection.state[0] === entry.data).toBe(true);
    // Nobody knows what became of this one: what the log says of it counts.
    log.failNext('lose-answer');
    const lost = named('b');
    await writer.append([lost]);
    expect(projection.state).toEqual([entry.data, lost.data]);
    await Promise.all([writer.close(), projection.close()]);
  });

  it('commits one submission alone, and what waits meanwhile together', async () => {
    const log = new FaultyEventLog(new MemoryEventLog());
    const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1' });
    log.hold();
    const first = writer.append([named('a')]);
    await new Promise(setImmediate);
    const others = ['b', 'c', 'd'].map((name) => writer.append([named(name), named(`${name}2`)]));
    log.release();
    expect(await first).toMatchObject({ seq: 1, index: 0 });
    expect(await Promise.all(others)).toMatchObject([
      { seq: 2, index: 0 },
      { seq: 2, index: 2 },
      { seq: 2, index: 4 },
    ]);
    expect((await all(log)).map(({ commit }) => commit.entries.map(nameOf))).toEqual([
      ['a'],
      ['b', 'b2', 'c', 'c2', 'd', 'd2'],
    ]);
    await writer.close();
  });

  it('keeps commits within the limits, and lets one large submission through alone', async () => {
    const log = new MemoryEventLog();
    const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1', maxEntries: 3, maxBytes: 1_000 });
    const large = named('x'.repeat(3_000));
    await Promise.all(
      [[named('a'), named('b')], [named('c'), named('d')], [large], [named('e')]].map((e) => writer.append(e)),
    );
    const commits = (await all(log)).map(({ commit }) =>
      commit.entries.map((entry) => nameOf(entry).slice(0, 1)).join(''),
    );
    expect(commits).toEqual(['ab', 'cd', 'x', 'e']);
    await writer.close();
  });

  it('decides on what earlier decisions of the same commit did', async () => {
    const { create, close } = await nameClient(new MemoryEventLog());
    const [first, second, other] = await Promise.all([create('a'), create('a'), create('b')]);
    expect(first).toMatchObject({ ok: true, result: 'a', seq: 1, index: 0 });
    expect(second).toEqual({ ok: false, refusal: 'exists' });
    expect(other).toMatchObject({ ok: true, seq: 1, index: 1 });
    await close();
  });

  it('has folded its own commit when the submission resolves', async () => {
    const { create, projection, close } = await nameClient(new MemoryEventLog());
    const outcome = await create('a');
    expect(projection.state.has('a')).toBe(true);
    expect(outcome).toMatchObject({ seq: projection.seq });
    await close();
  });

  it('decides again when another writer was first', async () => {
    const log = new MemoryEventLog();
    const a = await nameClient(log);
    const b = await nameClient(log);
    const outcomes = await Promise.all([a.create('same'), b.create('same'), a.create('a'), b.create('b')]);
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true, true, true]);
    expect((await all(log)).flatMap(({ commit }) => commit.entries.map(nameOf)).sort()).toEqual(['a', 'b', 'same']);
    await a.close();
    await b.close();
  });

  it('stores once what is retried after a lost answer', async () => {
    const log = new FaultyEventLog(new MemoryEventLog());
    const { create, close } = await nameClient(log);
    log.failNext('lose-answer', 'fail', 'lose-answer');
    expect(await create('a')).toMatchObject({ ok: true, seq: 1 });
    expect(await create('b')).toMatchObject({ ok: true, seq: 2 });
    expect(new Set(log.appends.slice(0, 4).map(({ draft }) => draft.id)).size).toBe(1);
    expect(await all(log)).toHaveLength(2);
    await close();
  });

  it('fails a submission whose outcome stays unknown, and is right about the next ones', async () => {
    const log = new FaultyEventLog(new MemoryEventLog());
    const { create, close } = await nameClient(log, { retryForMs: 30 });
    log.failNext('lose-answer', ...Array.from({ length: 30 }, (): AppendFault => 'fail'));
    await expect(create('a')).rejects.toThrow(LogUnavailableError);
    log.clearFaults();
    // It was stored after all: the next decision sees it.
    expect(await create('a')).toEqual({ ok: false, refusal: 'exists' });
    expect(await create('b')).toMatchObject({ ok: true, seq: 2 });
    await close();
  });

  it('passes on a refusal by the log, and what a decision throws, to that submission alone', async () => {
    const log = new MemoryEventLog();
    const { create, writer, close } = await nameClient(log);
    const broken = writer.submit(() => {
      throw new TypeError('decide is broken');
    });
    const fine = create('a');
    await expect(broken).rejects.toThrow('decide is broken');
    expect(await fine).toMatchObject({ ok: true, seq: 1, index: 0 });
    await close();
    const refusing = new FaultyEventLog(log);
    refusing.append = () => Promise.reject(new AppendRefusedError('the store is full'));
    const second = new SubjectWriter({ log: refusing, subject: cmd, writer: 'test/2' });
    await expect(second.append([named('b')])).rejects.toThrow('the store is full');
    await second.close();
  });

  it('resolves a submission without entries at the head, storing nothing', async () => {
    const log = new MemoryEventLog();
    await appendEntries(log, cmd, named('a'));
    const { writer, close } = await nameClient(log);
    expect(await writer.submit(() => ({ entries: [], result: 'nothing to do' }))).toMatchObject({
      ok: true,
      result: 'nothing to do',
      seq: 1,
    });
    expect(await log.head()).toBe(1);
    await close();
  });

  it('finishes what was submitted when it is closed, and takes nothing more', async () => {
    const log = new MemoryEventLog();
    const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1' });
    const submitted = writer.append([named('a')]);
    await writer.close();
    expect(await submitted).toMatchObject({ seq: 1 });
    await expect(writer.append([named('b')])).rejects.toThrow('the writer is closed');
  });

  it('gives up what is under way when closing takes too long', async () => {
    const log = new FaultyEventLog(new MemoryEventLog());
    log.down = true;
    const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1', retryForMs: 60_000 });
    const submitted = writer.append([named('a')]);
    const refused = expect(submitted).rejects.toThrow(LogUnavailableError);
    await writer.close(20);
    await refused;
  });

  it.each([
    [false, 'what was folded when it was asked'],
    [true, 'all that was stored when it was asked'],
  ])('with many writers %s: it refuses, or finds nothing to do, by %s', async (manyWriters, _by) => {
    const log = new MemoryEventLog();
    const stored = async (name: string): Promise<SubjectHead> => {
      const { seq, hash } = await appendEntries(log, cmd, named(name));
      return { seq, hash };
    };
    let folded = await stored('a');
    const state: FoldedState = {
      subjectHead: () => folded,
      // Only who waits for it has it fold.
      waitFor: async () => void (folded = await log.subjectHead(cmd)),
      offer: () => false,
      expect: () => () => undefined,
    };
    const writer = new SubjectWriter({ log, subject: cmd, writer: 'test/1', state, manyWriters });
    const foldedSeq = () => writer.submit(() => ({ refuse: folded.seq }));
    expect(await foldedSeq()).toEqual({ ok: false, refusal: 1 });
    const { seq } = await stored('b');
    expect(await foldedSeq()).toEqual({ ok: false, refusal: manyWriters ? seq : 1 });
    const nothing = await writer.submit(() => ({ entries: [], result: folded.seq }));
    expect(nothing).toMatchObject({ ok: true, result: manyWriters ? seq : 1 });
    await writer.close();
  });

  it('model: under any faults and interleaving, names are unique, acknowledged ones are stored where told, none is lost', async () => {
    const step = fc.record({
      client: fc.nat(1),
      name: fc.nat(12).map((n) => `n${n}`),
      fault: fc.constantFrom<AppendFault | undefined>(undefined, undefined, 'fail', 'lose-answer'),
      wait: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const memory = new MemoryEventLog();
        const logs = [new FaultyEventLog(memory), new FaultyEventLog(memory)] as const;
        const options = { maxEntries: 4 };
        const clients = [await nameClient(logs[0], options), await nameClient(logs[1], options)] as const;
        const acknowledged: [string, string][] = [];
        const refused: string[] = [];
        const running: Promise<void>[] = [];
        for (const { client, name, fault, wait } of steps) {
          const index = client === 0 ? 0 : 1;
          if (fault !== undefined) logs[index].failNext(fault);
          const submitted = clients[index].create(name).then((outcome) => {
            if (outcome.ok) acknowledged.push([name, `${outcome.seq}/${outcome.index}`]);
            else refused.push(name);
          });
          running.push(submitted);
          if (wait) await new Promise(setImmediate);
        }
        await Promise.all(running);
        const stored = (await all(memory)).flatMap(({ seq, commit }) =>
          commit.entries.map((entry, index): [string, string] => [nameOf(entry), `${seq}/${index}`]),
        );
        expect(new Map(stored).size).toBe(stored.length);
        expect(new Map(acknowledged)).toEqual(new Map(stored));
        expect(acknowledged).toHaveLength(stored.length);
        for (const name of refused) expect(new Map(stored).has(name)).toBe(true);
        for (const { projection, close } of clients) {
          await projection.waitFor(await memory.head());
          expect([...projection.state].sort()).toEqual(stored.map(([name]) => name).sort());
          await close();
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
