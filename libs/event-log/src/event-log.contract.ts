/** What every EventLog promises, as tests. Both stores run it: memory-event-log.unit.spec.ts, jetstream-event-log.int.spec.ts. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandSubject, decisionSubject, observationSubject, workSubject } from '@skyflow/contracts';
import { hashOf, encodeCommit } from './commit-codec.js';
import { WrongLastSequenceError, type EventLog, type Followed, type RecordedCommit } from './event-log.js';
import { appendEntries, commitDraft, rawEntry } from './testing/index.js';

export interface LogUnderTest {
  /** An empty log. */
  open(): Promise<EventLog>;
}

const entry = (name: string) => rawEntry('NamespaceWithdrawn', { epoch: 1, namespace: name });
const cmd = commandSubject();
const work = workSubject('c1');
const nothing = { seq: 0, hash: '' };

const collect = async (log: EventLog, ...args: Parameters<EventLog['read']>): Promise<RecordedCommit[]> => {
  const commits: RecordedCommit[] = [];
  for await (const recorded of log.read(...args)) commits.push(recorded);
  return commits;
};

/** Follows until `enough` says so; fails by the test's timeout otherwise. */
async function followUntil(
  log: EventLog,
  options: Partial<Parameters<EventLog['follow']>[0]>,
  enough: (seen: Followed[]) => boolean,
): Promise<Followed[]> {
  const stop = new AbortController();
  const seen: Followed[] = [];
  for await (const followed of log.follow({ signal: stop.signal, ...options })) {
    seen.push(followed);
    if (enough(seen)) stop.abort();
  }
  return seen;
}

const seqsOf = (seen: readonly Followed[]): number[] =>
  seen.flatMap((followed) => (followed.type === 'commits' ? followed.commits.map(({ seq }) => seq) : []));

export function describeEventLog(name: string, under: LogUnderTest): void {
  describe(`${name} keeps the contract of EventLog:`, () => {
    let log: EventLog;
    beforeEach(async () => {
      log = await under.open();
    });
    afterEach(() => log.close());

    it('an empty log has no head and nothing to read', async () => {
      expect(await log.head()).toBe(0);
      expect(await log.first()).toBe(1);
      expect(await log.subjectHead(cmd)).toEqual(nothing);
      expect(await log.sequenceAt(Date.now())).toBe(0);
      expect(await collect(log)).toEqual([]);
    });

    it('what was appended is read back as it was, with its place and the hash of its bytes', async () => {
      const draft = commitDraft([entry('ä€😀'), entry('b')]);
      const before = Date.now();
      const appended = await log.append(cmd, draft, nothing);
      expect(appended).toEqual({ seq: 1, hash: hashOf(encodeCommit(draft, '')), duplicate: false });
      const [recorded] = await collect(log);
      expect(recorded).toMatchObject({ seq: 1, subject: cmd, hash: appended.hash });
      expect(recorded?.commit).toEqual({ v: 1, id: draft.id, prev: '', writer: draft.writer, entries: draft.entries });
      expect(recorded?.storedAt).toBeGreaterThanOrEqual(before - 1_000);
      expect(recorded?.storedAt).toBeLessThanOrEqual(Date.now() + 1_000);
    });

    it('each commit carries the hash of the one before on its subject', async () => {
      const first = await appendEntries(log, cmd, entry('a'));
      const other = await appendEntries(log, work, entry('b'));
      await appendEntries(log, cmd, entry('c'));
      const commits = await collect(log);
      expect(commits.map(({ commit }) => commit.prev)).toEqual(['', '', first.hash]);
      expect(await log.subjectHead(work)).toEqual({ seq: 2, hash: other.hash });
      expect(await log.head()).toBe(3);
    });

    it('an append with a stale head is refused and stores nothing', async () => {
      const head = await appendEntries(log, cmd, entry('a'));
      await appendEntries(log, cmd, entry('b'));
      const stale = log.append(cmd, commitDraft([entry('c')]), head);
      await expect(stale).rejects.toThrow(WrongLastSequenceError);
      await expect(stale).rejects.toMatchObject({ subject: cmd, expected: 1, actual: 2 });
      await expect(log.append(cmd, commitDraft([entry('d')]), nothing)).rejects.toThrow(WrongLastSequenceError);
      expect(await log.head()).toBe(2);
    });

    it('of appends that race on one head exactly one is stored', async () => {
      const racing = Array.from({ length: 10 }, (_, i) => log.append(cmd, commitDraft([entry(`r${i}`)]), nothing));
      const outcomes = await Promise.allSettled(racing);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await log.head()).toBe(1);
    });

    it('the same commit id is stored once, whatever head the retry names', async () => {
      const draft = commitDraft([entry('a')]);
      const first = await log.append(cmd, draft, nothing);
      await appendEntries(log, cmd, entry('b'));
      expect(await log.append(cmd, draft, nothing)).toEqual({ ...first, duplicate: true });
      expect(await log.append(cmd, draft, await log.subjectHead(cmd))).toEqual({ ...first, duplicate: true });
      expect(await log.head()).toBe(2);
    });

    it('reads can be limited by sequence and by subject', async () => {
      for (const subject of [cmd, work, workSubject('c2'), decisionSubject('mesh'), cmd, observationSubject('c1')]) {
        await appendEntries(log, subject, entry('x'));
      }
      const seqs = async (...args: Parameters<EventLog['read']>) => (await collect(log, ...args)).map(({ seq }) => seq);
      expect(await seqs({ from: 2, to: 4 })).toEqual([2, 3, 4]);
      expect(await seqs({ subjects: ['sky.work.*'] })).toEqual([2, 3]);
      expect(await seqs({ subjects: [cmd, 'sky.obs.*'], from: 2 })).toEqual([5, 6]);
      expect(await seqs({ subjects: [cmd], to: 4 })).toEqual([1]);
      expect(await seqs({ from: 7 })).toEqual([]);
      expect(await seqs({ subjects: ['sky.evt.scheduler'] })).toEqual([]);
    });

    it('the sequence at a time is the last one stored until then', async () => {
      await appendEntries(log, cmd, entry('a'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await appendEntries(log, cmd, entry('b'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await appendEntries(log, cmd, entry('c'));
      const [first, second, third] = await collect(log);
      expect(await log.sequenceAt(Number(first?.storedAt) - 1)).toBe(0);
      expect(await log.sequenceAt(Number(first?.storedAt))).toBe(1);
      expect(await log.sequenceAt(Number(second?.storedAt) + 1)).toBe(2);
      expect(await log.sequenceAt(Number(third?.storedAt) + 60_000)).toBe(3);
    });

    it('a follow of an empty log is caught up at once and then brings what comes', async () => {
      const following = followUntil(log, {}, (seen) => {
        if (seen.length === 1) void appendEntries(log, cmd, entry('a'));
        return seqsOf(seen).length === 1;
      });
      const seen = await following;
      expect(seen[0]).toEqual({ type: 'caught-up', seq: 0 });
      expect(seqsOf(seen)).toEqual([1]);
    });

    it('a follow brings what is there in order, says when that was all, and goes on', async () => {
      for (let i = 0; i < 20; i++) await appendEntries(log, i % 3 === 0 ? work : cmd, entry(`n${i}`));
      const seen = await followUntil(log, { from: 6 }, (so) => {
        if (so.at(-1)?.type === 'caught-up') void appendEntries(log, cmd, entry('late'));
        return seqsOf(so).includes(21);
      });
      expect(seqsOf(seen)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
      const caughtUp = seen.findIndex(({ type }) => type === 'caught-up');
      expect(seen[caughtUp]).toEqual({ type: 'caught-up', seq: 20 });
      expect(seqsOf(seen.slice(0, caughtUp))).toHaveLength(15);
    });

    it('a follow with a filter is caught up also when the last commits are of other subjects', async () => {
      await appendEntries(log, work, entry('a'));
      await appendEntries(log, cmd, entry('b'));
      await appendEntries(log, cmd, entry('c'));
      const seen = await followUntil(log, { subjects: [work] }, (so) => so.at(-1)?.type === 'caught-up');
      expect(seqsOf(seen)).toEqual([1]);
      expect(seen.at(-1)).toEqual({ type: 'caught-up', seq: 3 });
    });

    it('a follow leaves out what the caller has already', async () => {
      for (let i = 0; i < 4; i++) await appendEntries(log, cmd, entry(`n${i}`));
      const options = { skip: (seq: number) => seq === 2 || seq === 3 };
      const seen = await followUntil(log, options, (so) => so.at(-1)?.type === 'caught-up');
      expect(seqsOf(seen)).toEqual([1, 4]);
    });

    it('a follow delivers in its place what the caller has decoded already, if it is what is stored', async () => {
      for (let i = 0; i < 3; i++) await appendEntries(log, cmd, entry(`n${i}`));
      const [, second, third] = await collect(log);
      const known = (hash: string): RecordedCommit['commit'] | undefined =>
        hash === second?.hash ? second.commit : undefined;
      const seen = await followUntil(log, { known }, (so) => so.at(-1)?.type === 'caught-up');
      expect(seqsOf(seen)).toEqual([1, 2, 3]);
      const commits = seen.flatMap((each) => (each.type === 'commits' ? each.commits : []));
      expect(commits[1]?.commit === second?.commit).toBe(true);
      expect(commits.slice(1)).toEqual([second, third]);
    });

    it('a follow may leave entries undecoded until somebody looks at them, and they are then what they are', async () => {
      await appendEntries(log, cmd, entry('a'));
      await appendEntries(log, work, entry('ä€😀'), entry('b'));
      const all = await collect(log);
      const undecoded = (subject: string): boolean => subject === work;
      const seen = await followUntil(log, { undecoded }, (so) => so.at(-1)?.type === 'caught-up');
      const commits = seen.flatMap((followed) => (followed.type === 'commits' ? followed.commits : []));
      expect(commits.map((each) => each.undecoded)).toEqual([undefined, true]);
      expect(commits.map(({ seq, hash, subject, commit }) => ({ seq, hash, subject, commit: { ...commit } }))).toEqual(
        all.map(({ seq, hash, subject, commit }) => ({ seq, hash, subject, commit })),
      );
      expect(commits[1]?.commit.entries).toBe(commits[1]?.commit.entries);
    });

    it('many readers and a writer see the same order', async () => {
      const total = 300;
      const readers = [1, 2, 3].map(() => followUntil(log, {}, (seen) => seqsOf(seen).length === total));
      const writing = (async () => {
        let head = nothing;
        for (let i = 0; i < total; i++) head = await log.append(cmd, commitDraft([entry(`n${i}`)]), head);
      })();
      await writing;
      const expected = Array.from({ length: total }, (_, i) => i + 1);
      for (const seen of await Promise.all(readers)) expect(seqsOf(seen)).toEqual(expected);
    });

    it('readers share no objects with the writer or with each other', async () => {
      const source = entry('a');
      await appendEntries(log, cmd, source);
      const [one] = await collect(log);
      Object.assign(one?.commit.entries[0]?.data ?? {}, { namespace: 'changed' });
      Object.assign(source.data as object, { namespace: 'changed' });
      const [two] = await collect(log);
      expect(two?.commit.entries[0]?.data).toEqual({ epoch: 1, namespace: 'a' });
    });

    it('a break in a chain is noticed from the heads that the reader brings', async () => {
      const { hash } = await appendEntries(log, cmd, entry('a'));
      await appendEntries(log, cmd, entry('b'));
      const honest = new Map([[cmd, { seq: 1, hash }]]);
      expect(await collect(log, { from: 2, heads: honest })).toHaveLength(1);
      const forged = new Map([[cmd, { seq: 1, hash: 'another' }]]);
      await expect(collect(log, { from: 2, heads: forged })).rejects.toThrow(/sky\.cmd\.0: commit 2 .*another/);
      await expect(collect(log, { from: 2, heads: new Map() })).rejects.toThrow(/before it there is nothing/);
    });

    it('an aborted follow ends without an error', async () => {
      const stop = new AbortController();
      const ended = (async () => {
        const seen: Followed[] = [];
        for await (const followed of log.follow({ signal: stop.signal })) seen.push(followed);
        return seen;
      })();
      setTimeout(() => stop.abort(), 30);
      expect(await ended).toEqual([{ type: 'caught-up', seq: 0 }]);
    });
  });
}
