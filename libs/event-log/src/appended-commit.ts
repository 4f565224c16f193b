/** A commit that was just stored, as a reader of the log will see it. */
import { COMMIT_VERSION, decodeEntry, type Entry, type RawEntry } from '@skyflow/contracts';
import { encodeEntry } from './commit-codec.js';
import type { Appended, CommitDraft, RecordedCommit, SubjectHead } from './event-log.js';

export interface JustStored {
  subject: string;
  draft: CommitDraft;
  /** The commit before it on its subject. */
  expected: SubjectHead;
  appended: Appended;
  storedAt: number;
  /** Whether the draft's entries may be given on as they are; else they are decoded from their bytes, shared with nobody. */
  sharesEntries: boolean;
}

export function appendedCommit({
  subject,
  draft,
  expected,
  appended,
  storedAt,
  sharesEntries,
}: JustStored): RecordedCommit {
  const { id, writer, entries } = draft;
  return {
    seq: appended.seq,
    subject,
    storedAt,
    hash: appended.hash,
    commit: {
      v: COMMIT_VERSION,
      id,
      prev: expected.hash,
      writer,
      entries: sharesEntries ? (entries as Entry[]) : decoded(draft),
    },
  };
}

const decoded = ({ entries, encoded = entries.map(encodeEntry) }: CommitDraft): Entry[] =>
  encoded.map((text) => decodeEntry(JSON.parse(text) as RawEntry));
