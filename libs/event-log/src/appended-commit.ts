/** A commit that was just stored, as a reader of the log will see it: entries are decoded from their bytes, shared with nobody. */
import { COMMIT_VERSION, decodeEntry, type RawEntry } from '@skyflow/contracts';
import { encodeEntry } from './commit-codec.js';
import type { Appended, CommitDraft, RecordedCommit, SubjectHead } from './event-log.js';

export function appendedCommit(
  subject: string,
  draft: CommitDraft,
  expected: SubjectHead,
  appended: Appended,
  storedAt: number,
): RecordedCommit {
  const encoded = draft.encoded ?? draft.entries.map(encodeEntry);
  return {
    seq: appended.seq,
    subject,
    storedAt,
    hash: appended.hash,
    commit: {
      v: COMMIT_VERSION,
      id: draft.id,
      prev: expected.hash,
      writer: draft.writer,
      entries: encoded.map((text) => decodeEntry(JSON.parse(text) as RawEntry)),
    },
  };
}
