/** Entries and commits made quickly. */
import type { EntryData, EntryType, RawEntry } from '@skyflow/contracts';
import type { Appended, CommitDraft, EventLog } from '../event-log.js';

let made = 0;

/** An entry of the type, by user `test`; `overrides` replace any field of the envelope. */
export function rawEntry<T extends EntryType>(
  type: T,
  data: EntryData<T>,
  overrides: Partial<Omit<RawEntry, 'type' | 'data'>> = {},
): RawEntry {
  return { type, v: 1, at: 1_700_000_000_000, actor: 'test', corr: `corr-${++made}`, data, ...overrides };
}

/** A commit of the entries with an id of its own. */
export function commitDraft(entries: readonly RawEntry[], overrides: Partial<CommitDraft> = {}): CommitDraft {
  return { id: `commit-${process.pid}-${++made}`, writer: 'test/1', entries, ...overrides };
}

/** Appends entries at the present head of the subject. */
export async function appendEntries(log: EventLog, subject: string, ...entries: RawEntry[]): Promise<Appended> {
  return log.append(subject, commitDraft(entries), await log.subjectHead(subject));
}
