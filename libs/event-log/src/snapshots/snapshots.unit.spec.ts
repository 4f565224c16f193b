import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { commandSubject, observationSubject, workSubject } from '@skyflow/contracts';
import fc from 'fast-check';
import type { Fold } from '../fold.js';
import { MemoryEventLog } from '../memory/memory-event-log.js';
import { Projection } from '../projection.js';
import { appendEntries, rawEntry } from '../testing/index.js';
import { MemorySnapshotStore } from './memory-snapshot-store.js';
import { SnapshotSchedule } from './snapshot-schedule.js';
import type { SnapshotStore } from './snapshot-store.js';

const subjects = [commandSubject(), workSubject('c1'), workSubject('c2'), observationSubject('c1')];
const entry = (name: string) => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: name });

/** Counts names; changes its state in place. */
const counts: Fold<Map<string, number>> = {
  version: '1',
  initial: () => new Map(),
  evolve(state, { type, data }) {
    if (type === 'NamespaceWithdrawn') state.set(data.namespace, (state.get(data.namespace) ?? 0) + 1);
    return state;
  },
  *encode(state) {
    const cut = [...state];
    for (let i = 0; i < cut.length; i += 2) yield cut.slice(i, i + 2);
  },
  async decode(pieces) {
    const state = new Map<string, number>();
    for await (const piece of pieces) for (const [name, count] of piece as [string, number][]) state.set(name, count);
    return state;
  },
};

const tick = () => new Promise(setImmediate);

describe('Snapshots', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('model: folding from a snapshot at any cut gives what folding everything gives, with the same heads', async () => {
    const commit = fc.record({
      subject: fc.constantFrom(...subjects),
      names: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(commit, { minLength: 1, maxLength: 30 }), fc.nat(), async (commits, cutAt) => {
        const log = new MemoryEventLog();
        const store = new MemorySnapshotStore();
        const append = ({ subject, names }: (typeof commits)[number]) =>
          appendEntries(log, subject, ...names.map(entry));
        const cut = cutAt % (commits.length + 1);
        for (const one of commits.slice(0, cut)) await append(one);
        const first = new Projection({ log, fold: counts, snapshots: { store } });
        await first.start();
        await first.close();
        for (const one of commits.slice(cut)) await append(one);

        const warnings: string[] = [];
        const resumed = new Projection({
          log,
          fold: counts,
          snapshots: { store, warn: (line) => warnings.push(line) },
        });
        const folded: number[] = [];
        resumed.onBatch((batch) => folded.push(...batch.map(({ seq }) => seq)));
        await resumed.start();
        const whole = new Projection({ log, fold: counts });
        await whole.start();

        expect(warnings).toEqual([]);
        expect(folded).toEqual(Array.from({ length: commits.length - cut }, (_, i) => cut + i + 1));
        expect(resumed.state).toEqual(whole.state);
        expect(resumed.seq).toBe(whole.seq);
        for (const subject of subjects) expect(resumed.subjectHead(subject)).toEqual(whole.subjectHead(subject));
        await resumed.close();
        await whole.close();
      }),
      { numRuns: 60 },
    );
  });

  it('are consistent though folding goes on while they are written', async () => {
    const log = new MemoryEventLog();
    const memory = new MemorySnapshotStore();
    /** Takes a piece, then lets everybody else run before the next. */
    const slow: SnapshotStore = {
      list: () => memory.list(),
      async save(header, pieces) {
        const taken: unknown[] = [];
        for await (const piece of pieces) {
          taken.push(structuredClone(piece));
          for (let i = 0; i < 5; i++) await tick();
        }
        await memory.save(header, taken);
      },
    };
    const projection = new Projection({ log, fold: counts, snapshots: { store: slow, everyEntries: 10 } });
    await projection.start();
    for (let i = 0; i < 60; i++) await appendEntries(log, commandSubject(), entry(`n${i % 20}`));
    await projection.waitFor(60);
    while ((await Array.fromAsync(memory.list())).length === 0) await tick();
    const [snapshot] = await Array.fromAsync(memory.list());
    expect(snapshot!.header.seq).toBeLessThan(60);
    const sum = [...(await counts.decode!(snapshot!.pieces)).values()].reduce((a, b) => a + b, 0);
    expect(sum).toBe(snapshot!.header.seq);
    await projection.close();
  });

  it.each([
    [
      'of another fold',
      (log: MemoryEventLog) => Promise.resolve({ log, fold: { ...counts, version: '2' } }),
      /made by fold 1, this one is 2/,
    ],
    ['of a longer log', () => Promise.resolve({ log: new MemoryEventLog(), fold: counts }), /the log ends at 0/],
    [
      'of another log',
      async () => {
        const other = new MemoryEventLog();
        await appendEntries(other, commandSubject(), entry('x'));
        await appendEntries(other, commandSubject(), entry('y'));
        return { log: other, fold: counts };
      },
      /the log has another commit at 2/,
    ],
  ])('%s are not used, and it is said why', async (_, changed, message) => {
    const log = new MemoryEventLog();
    const store = new MemorySnapshotStore();
    await appendEntries(log, commandSubject(), entry('a'));
    await appendEntries(log, commandSubject(), entry('b'));
    const first = new Projection({ log, fold: counts, snapshots: { store } });
    await first.start();
    await first.close();
    const warnings: string[] = [];
    const options = await changed(log);
    const second = new Projection({ ...options, snapshots: { store, warn: (line) => warnings.push(line) } });
    await second.start();
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(second.seq).toBe(await options.log.head());
    await second.close();
  });

  it('that cannot be saved are a warning, and the projection goes on', async () => {
    const log = new MemoryEventLog();
    const warnings: string[] = [];
    const store: SnapshotStore = {
      list: () => new MemorySnapshotStore().list(),
      save: () => Promise.reject(new Error('disk full')),
    };
    const snapshots = { store, everyEntries: 1, warn: (line: string) => warnings.push(line) };
    const projection = new Projection({ log, fold: counts, snapshots });
    await projection.start();
    await appendEntries(log, commandSubject(), entry('a'));
    await projection.waitFor(1);
    await projection.close();
    expect(warnings).toEqual(['snapshot at 1 was not taken: disk full']);
  });

  it('come the later the longer the last one took, but before too much has to be folded again', async () => {
    let now = 0;
    const taken: number[] = [];
    const store: SnapshotStore = {
      list: () => new MemorySnapshotStore().list(),
      save: ({ seq }) => {
        taken.push(seq);
        now += 1_000;
        return Promise.resolve();
      },
    };
    const schedule = new SnapshotSchedule(counts, { store, everyEntries: 10, now: () => now });
    const folded = async (seq: number): Promise<void> => {
      schedule.folded(new Map(), seq, new Map(), 1, true);
      for (let i = 0; i < 5; i++) await tick();
    };
    for (let seq = 1; seq <= 30; seq += 1) await folded(seq);
    expect(taken).toEqual([10]);
    now += 19_000;
    await folded(31);
    expect(taken).toEqual([10, 31]);
    for (let seq = 32; seq <= 90; seq += 1) await folded(seq);
    expect(taken).toEqual([10, 31, 81]);
  });

  it('that are not due yet are taken when they are, though nothing more is folded', async () => {
    jest.useFakeTimers();
    const store = new MemorySnapshotStore();
    const taken: number[] = [];
    const slow: SnapshotStore = Object.assign(Object.create(store) as SnapshotStore, {
      save: async (...[header, pieces]: Parameters<SnapshotStore['save']>) => {
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        await store.save(header, pieces);
        taken.push(header.seq);
      },
    });
    const schedule = new SnapshotSchedule(counts, { store: slow, everyEntries: 10, everyMs: 600_000 });
    schedule.replayed();
    const folded = (seq: number, entries: number): void => {
      schedule.folded(new Map(), seq, new Map([[commandSubject(), { seq, hash: 'h' }]]), entries, true);
    };
    folded(1, 10);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(taken).toEqual([1]);
    // Due by their number, but the last one has taken three seconds: a twentieth of the time at most.
    folded(2, 10);
    await jest.advanceTimersByTimeAsync(50_000);
    expect(taken).toEqual([1]);
    await jest.advanceTimersByTimeAsync(11_000);
    expect(taken).toEqual([1, 2]);
    // Too few to be due by their number.
    folded(3, 1);
    await jest.advanceTimersByTimeAsync(590_000);
    expect(taken).toEqual([1, 2]);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(taken).toEqual([1, 2, 3]);
    await schedule.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are taken at the end of a replay of much, also when one is being taken then or has taken long', async () => {
    let now = 0;
    const taken: number[] = [];
    const written = Promise.withResolvers<undefined>();
    const store: SnapshotStore = {
      list: () => new MemorySnapshotStore().list(),
      save: async ({ seq }) => {
        await written.promise;
        now += 60_000;
        taken.push(seq);
      },
    };
    const schedule = new SnapshotSchedule(counts, { store, everyEntries: 10, stepMs: 100, now: () => now });
    const folded = (seq: number, entries: number): void => {
      now += 200;
      schedule.folded(new Map(), seq, new Map(), entries, false);
    };
    folded(1, 20);
    folded(2, 20);
    schedule.replayed();
    written.resolve(undefined);
    for (let i = 0; i < 20; i++) await tick();
    expect(taken).toEqual([1, 2]);
    await schedule.close();
  });

  it('are steps into the past in a replay, where they are wanted: of what took long to fold, and the rarer the longer the last one took', async () => {
    let now = 0;
    let tookMs = 0;
    const taken: number[] = [];
    const store: SnapshotStore = {
      list: () => new MemorySnapshotStore().list(),
      save: ({ seq }) => {
        taken.push(seq);
        now += tookMs;
        return Promise.resolve();
      },
    };
    const replay = async (schedule: SnapshotSchedule<Map<string, number>>, from: number, to: number): Promise<void> => {
      for (let seq = from; seq <= to; seq += 1) {
        now += 100;
        schedule.folded(new Map(), seq, new Map(), 1_000_000, false);
        for (let i = 0; i < 5; i++) await tick();
      }
    };
    await replay(new SnapshotSchedule(counts, { store, now: () => now }), 1, 50);
    expect(taken).toEqual([]);
    const schedule = new SnapshotSchedule(counts, { store, stepMs: 2_000, now: () => now });
    await replay(schedule, 1, 50);
    expect(taken).toEqual([20, 40]);
    tookMs = 500;
    await replay(schedule, 51, 200);
    expect(taken).toEqual([20, 40, 60, 155]);
  });

  it('that a replay was killed after let the next one begin there', async () => {
    const log = new MemoryEventLog();
    for (let seq = 1; seq <= 1_200; seq += 1) await appendEntries(log, commandSubject(), entry('a'));
    const store = new MemorySnapshotStore();
    const snapshots = { store, stepMs: 0 };
    const killed = new AbortController();
    const first = new Projection({ log, fold: counts, snapshots, signal: killed.signal });
    first.onBatch(() => killed.abort());
    await first.start().catch(() => undefined);
    while ((await Array.fromAsync(store.list())).length === 0) await tick();
    const folded: number[] = [];
    const second = new Projection({ log, fold: counts, snapshots });
    second.onBatch((batch) => folded.push(...batch.map(({ seq }) => seq)));
    await second.start();
    expect([second.seq, second.state.get('a')]).toEqual([1_200, 1_200]);
    expect(folded.length).toBeLessThan(1_200);
    await second.close();
  });
});
