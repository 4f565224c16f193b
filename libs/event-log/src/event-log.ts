/**
 * The log as its users see it: append with the expected last sequence, read, follow. Two implementations keep this contract,
 * JetStreamEventLog and MemoryEventLog; event-log.contract.ts holds both to it.
 *
 * Promised: an append that resolved is on disk and in every later read; appends to one subject never interleave or fork;
 * the same commit id appended again is stored once; commits come in sequence order, each once.
 */
import type { Commit, Entry, RawEntry } from '@skyflow/contracts';
import type { Snapshot } from './snapshots/snapshot-store.js';
import type { SubjectHead } from './subject-head.js';

/** A commit to append; the log adds the envelope version and the hash of the commit before. */
export interface CommitDraft {
  /** Unique; the message's Nats-Msg-Id. Appending it again (a retry after a lost answer) stores nothing new. */
  id: string;
  /** `<service>/<instance>`. */
  writer: string;
  entries: readonly RawEntry[];
  /** The entries' JSON (`encodeEntry`), if the caller has it already to know its size; same order and length as `entries`. */
  encoded?: readonly string[];
  /** The draft's bytes after a certain commit (`sealCommit`), if the caller has them already to know their hash. */
  sealed?: SealedCommit;
}

/** A commit as it is stored if it comes next after the commit with the hash `prev` on its subject. */
export interface SealedCommit {
  prev: string;
  bytes: Buffer;
  hash: string;
}

export type { SubjectHead } from './subject-head.js';

export interface Appended extends SubjectHead {
  /** True if this commit id had been stored before; seq and hash are those of the stored one. */
  duplicate: boolean;
}

export interface RecordedCommit {
  /** Stream sequence, 1-based, over all subjects. */
  seq: number;
  subject: string;
  /** When the server stored it, ms since the epoch. */
  storedAt: number;
  /** Hash of this commit (what the next one on the subject carries as `prev`). */
  hash: string;
  commit: Omit<Commit, 'entries'> & { entries: Entry[] };
  /** Its entries are decoded when they are first looked at. */
  undecoded?: true;
  /** The commit as it is stored, if the read asked for it. */
  bytes?: Uint8Array;
}

/** Where a reader enters the hash chains: the last commit it knows of each subject. Others are taken to start within the read. */
export type ChainHeads = ReadonlyMap<string, SubjectHead>;

export interface ReadOptions {
  /** First sequence to read; 1 or absent: from the start. */
  from?: number;
  /** Last sequence to read, inclusive; absent: the head at the time of the call. */
  to?: number;
  /** Subjects, with NATS wildcards, not overlapping; absent: all. */
  subjects?: readonly string[];
  /** Heads before `from` (from a snapshot): the chains are then verified from the first commit on. */
  heads?: ChainHeads;
  /** Commits come with their bytes too. */
  keepBytes?: boolean;
  /** Subjects whose commits may come undecoded: their hash is verified, an entry that cannot be read is found when it is looked at. */
  undecoded?: (subject: string) => boolean;
  signal?: AbortSignal;
}

export interface FollowOptions extends Omit<ReadOptions, 'to'> {
  signal: AbortSignal;
  /** Commits that the caller has already: their hash is verified, they are not decoded and not delivered. */
  skip?: (seq: number) => boolean;
  /** What the stored bytes with this hash say, if the caller knows that already: it is delivered as it is, in its place. */
  known?: (hash: string) => RecordedCommit['commit'] | undefined;
}

/** `caught-up`: everything that was in the log when the follow began (or reconnected) has been delivered. */
export type Followed = { type: 'commits'; commits: RecordedCommit[] } | { type: 'caught-up'; seq: number };

/** Where a log begins since its older history was archived and purged. */
export interface Horizon {
  /** From this commit on everything is there; states can be had from it on. */
  seq: number;
  /** When that commit was stored, ms since the epoch. */
  storedAt: number;
  /** Where older history is: `s3://bucket/prefix`, a directory of whoever purged it. */
  archive: string;
  /** Id of the checkpoint that takes the place of older history. */
  checkpoint: string;
}

/** What takes old history out of the log by itself. */
export interface Retention {
  /** How much history it leaves in the log, up to now. */
  keepMs: number;
  /** How often it comes. */
  everyMs: number;
  /** When it last came to its end without a fault, ms since the epoch. */
  ranAt: number;
}

/** How far back a log goes. */
export interface LogAge {
  /** When the oldest commit that can be read was stored, ms since the epoch; undefined: there is none. */
  beginsAt: number | undefined;
  /** Undefined: history goes when somebody says so, or never. */
  retention: Retention | undefined;
}

/** Of whose fold. */
export interface CheckpointKey {
  /** `Fold.version`. */
  fold: string;
  /** A cluster, where the fold is of the subjects of one. */
  cluster?: string | undefined;
}

/** What takes the place of purged history: a snapshot, nothing as there was nothing to purge, or only what folds of other versions made. */
export type Checkpoint = { snapshot: Snapshot } | { nothingBefore: true } | { folds: readonly string[] };

export interface EventLog {
  /**
   * Appends one commit. Resolves when it is durable.
   * @throws WrongLastSequenceError another writer appended to the subject since `expected`: fold, decide again.
   * @throws LogUnavailableError the outcome is unknown or the server is away: retry with the same id.
   * @throws AppendRefusedError the log will not take this commit (too large, store full); it is not stored.
   * @throws FeatureOffError not everybody can read it yet; it is not stored.
   */
  append(subject: string, draft: CommitDraft, expected: SubjectHead): Promise<Appended>;
  /** Head of one subject (no wildcards). */
  subjectHead(subject: string): Promise<SubjectHead>;
  /** Last stream sequence; 0 if the log is empty. */
  head(): Promise<number>;
  /**
   * The feature level in force; what was asked before is asked again only while it can rise for this program.
   * @throws LogUnavailableError; LogSetupError this program is too old for it
   */
  featureLevel(): Promise<number>;
  /** From this sequence on everything is there; what was before it has been purged. 1 for a log that holds everything, empty ones too. */
  first(): Promise<number>;
  /** Undefined: nothing was archived and purged. */
  horizon(): Promise<Horizon | undefined>;
  /** @throws LogUnavailableError; an agent may not ask */
  age(): Promise<LogAge>;
  /** What a fold goes on from where older history was purged; undefined: it was purged by hand, or not at all. */
  checkpoint(key: CheckpointKey): Promise<Checkpoint | undefined>;
  /** What was kept of purged history as it is, by a name that its users have given it; undefined: nothing. */
  kept(name: string): Promise<unknown>;
  /** Last sequence stored at or before `timeMs`; 0 if there is none. */
  sequenceAt(timeMs: number): Promise<number>;
  /** Finite read in sequence order. @throws BrokenChainError on a fork or gap in a subject that is read from its start. */
  read(options?: ReadOptions): AsyncIterable<RecordedCommit>;
  /**
   * Endless read that survives reconnects without loss or repetition; ends without error when the signal aborts.
   * @throws BrokenChainError like `read`, and when the log is shorter than what was delivered already.
   */
  follow(options: FollowOptions): AsyncIterable<Followed>;
  close(): Promise<void>;
}

/** Another writer was first. */
export class WrongLastSequenceError extends Error {
  override readonly name = 'WrongLastSequenceError';
  constructor(
    readonly subject: string,
    readonly expected: number,
    readonly actual: number | undefined,
  ) {
    super(`${subject}: expected last sequence ${expected}, it is ${actual ?? 'another'}`);
  }
}

/** The server did not answer; a commit under way may or may not be stored. Appending it again with the same id is safe. */
export class LogUnavailableError extends Error {
  override readonly name: string = 'LogUnavailableError';
}

/** The log will not take this commit, now or later; it is certain that it is not stored. */
export class AppendRefusedError extends Error {
  override readonly name = 'AppendRefusedError';
}

/** The server or its stream is not as the log needs it. The message names the setting, its value, what is needed and the way out. */
export class LogSetupError extends Error {
  override readonly name: string = 'LogSetupError';
}

/** What is to be read has been archived and purged. The message says from where the log can be read, and where the rest is. */
export class LogPurgedError extends Error {
  override readonly name = 'LogPurgedError';
}

/** The hash chain of a subject does not hold: the log was edited, forked or truncated. Services refuse to start on it. */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
}
