/**
 * Commits as bytes. The envelope is checked by hand (it is on the path of every replayed message), entry data by its schema.
 * What cannot be read is an UnreadableEntryError that says where; nothing is skipped.
 */
import { hash } from 'node:crypto';
import {
  COMMIT_VERSION,
  ENTRIES_PER_COMMIT,
  UnreadableEntryError,
  commitSchema,
  decodeEntry,
  type Entry,
  type RawEntry,
} from '@skyflow/contracts';
import type { CommitDraft, RecordedCommit, SealedCommit } from './event-log.js';
import { assertReadable } from './levels/reading-level.js';

/** Characters of the base64url SHA-256 that are kept: 128 bits. */
const HASH_LENGTH = 22;

/** Hash of a commit's bytes: what the next commit on its subject carries as `prev`. */
export const hashOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url').slice(0, HASH_LENGTH);

export const encodeEntry = (entry: RawEntry): string => JSON.stringify(entry);

/** Bytes that a commit's envelope takes besides id, writer and entries. */
export const ENVELOPE_BYTES = 128;

/** The message body. `prev` stands near the front so that {@link peekPrev} finds it without parsing. */
export function encodeCommit(draft: CommitDraft, prev: string): Buffer {
  const entries = draft.encoded ?? draft.entries.map(encodeEntry);
  const head = `{"v":${COMMIT_VERSION},"id":${JSON.stringify(draft.id)},"prev":"${prev}","writer":${JSON.stringify(draft.writer)}`;
  return Buffer.from(`${head},"entries":[${entries.join(',')}]}`);
}

/** The draft as it is stored after the commit with this hash; made only once. */
export function sealCommit(draft: CommitDraft, prev: string): SealedCommit {
  if (draft.sealed?.prev === prev) return draft.sealed;
  const bytes = encodeCommit(draft, prev);
  return { prev, bytes, hash: hashOf(bytes) };
}

/** Where a stored message stands. */
export interface StoredAt {
  seq: number;
  subject: string;
  storedAt: number;
}

/** @throws UnreadableEntryError if the bytes are no commit that this version can read. */
export function decodeCommit(
  bytes: Uint8Array,
  hashOfBytes: string,
  { seq, subject, storedAt }: StoredAt,
): RecordedCommit {
  let parsed: unknown;
  try {
    parsed = JSON.parse(textOf(bytes));
  } catch (error) {
    throw new UnreadableEntryError(`commit ${seq} on ${subject} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!isEnvelope(parsed)) throw unreadable(parsed, seq, subject);
  const raw = parsed.entries;
  const entries = new Array<Entry>(raw.length);
  for (let i = 0; i < raw.length; i++) {
    const entry = raw[i];
    if (!isRawEntry(entry)) throw unreadable(parsed, seq, subject);
    assertReadable((entries[i] = decodeEntry(entry)));
  }
  const { v, id, prev, writer } = parsed;
  return { seq, subject, storedAt, hash: hashOfBytes, commit: { v, id, prev, writer, entries } };
}

/** As {@link decodeCommit}, but for the entries, which are decoded when they are first looked at: by most readers never. */
export function decodeLater(bytes: Uint8Array, hashOfBytes: string, stored: StoredAt): RecordedCommit {
  const front = frontOf(bytes);
  if (front === undefined) return decodeCommit(bytes, hashOfBytes, stored);
  const { seq, subject, storedAt } = stored;
  let entries: Entry[] | undefined;
  const commit: RecordedCommit['commit'] = {
    v: COMMIT_VERSION,
    ...front,
    get entries() {
      return (entries ??= decodeCommit(bytes, hashOfBytes, stored).commit.entries);
    },
  };
  return { seq, subject, storedAt, hash: hashOfBytes, undecoded: true, commit };
}

/** `prev` of an encoded commit, without parsing it if this code wrote it. */
export function peekPrev(bytes: Uint8Array): string {
  const front = frontOf(bytes);
  if (front !== undefined) return front.prev;
  const parsed = JSON.parse(textOf(bytes)) as { prev?: unknown };
  return typeof parsed.prev === 'string' ? parsed.prev : '';
}

/** What stands before the entries, if this code wrote it. */
function frontOf(bytes: Uint8Array): { id: string; prev: string; writer: string } | undefined {
  const front = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 300)).toString('latin1');
  const match = /^\{"v":1,"id":"([!#-[\]-~]+)","prev":"([\w-]*)","writer":"([!#-[\]-~]+)","entries":\[/.exec(front);
  const [, id, prev, writer] = match ?? [];
  return id === undefined || prev === undefined || writer === undefined ? undefined : { id, prev, writer };
}

const textOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('utf8');

interface Envelope {
  v: typeof COMMIT_VERSION;
  id: string;
  prev: string;
  writer: string;
  entries: unknown[];
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { v, id, prev, writer, entries } = value as Record<keyof Envelope, unknown>;
  return (
    v === COMMIT_VERSION &&
    isName(id) &&
    typeof prev === 'string' &&
    isName(writer) &&
    Array.isArray(entries) &&
    entries.length > 0 &&
    entries.length <= ENTRIES_PER_COMMIT
  );
}

function isRawEntry(value: unknown): value is RawEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { type, v, at, actor, corr, cause, trace, idem } = value as Record<keyof RawEntry, unknown>;
  return (
    isName(type) &&
    Number.isSafeInteger(v) &&
    (v as number) >= 1 &&
    Number.isSafeInteger(at) &&
    isName(actor) &&
    isName(corr) &&
    isOptionalText(cause) &&
    isOptionalText(trace) &&
    isOptionalText(idem)
  );
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === 'string';

/** The slow way, only to say what is wrong. */
function unreadable(parsed: unknown, seq: number, subject: string): UnreadableEntryError {
  const issue = commitSchema.safeParse(parsed).error?.issues[0];
  const where = issue === undefined ? 'its envelope' : `${issue.path.join('.')}: ${issue.message}`;
  return new UnreadableEntryError(
    `commit ${seq} on ${subject} cannot be read (${where}); run a version of SkyFlow at least as new as the one that wrote the log`,
  );
}
