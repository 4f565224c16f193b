/** What a reader of the log will see of a commit of one's own. */
import { COMMIT_VERSION, decodeEntry, type Entry, type RawEntry } from '@skyflow/contracts';
import { encodeEntry } from './commit-codec.js';
import type { CommitDraft, RecordedCommit } from './event-log.js';

/**
 * @param prev hash of the commit before it on its subject
 * @param sharesEntries whether the draft's entries may be given on as they are; else they are decoded from their bytes, shared with nobody
 */
export function commitOf(draft: CommitDraft, prev: string, sharesEntries: boolean): RecordedCommit['commit'] {
  const { id, writer, entries } = draft;
  return { v: COMMIT_VERSION, id, prev, writer, entries: sharesEntries ? (entries as Entry[]) : decoded(draft) };
}

const decoded = ({ entries, encoded = entries.map(encodeEntry) }: CommitDraft): Entry[] =>
  encoded.map((text) => decodeEntry(JSON.parse(text) as RawEntry));
