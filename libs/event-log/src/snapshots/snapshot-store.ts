/** Where snapshots are kept. A snapshot is a cache of a fold: losing one costs time, never data. */
import type { SubjectHead } from '../subject-head.js';

export interface SnapshotHeader {
  /** `Fold.version` that made it; another one cannot read it. */
  foldVersion: string;
  /** Last commit that is in it. */
  seq: number;
  /** Hash of that commit: proves that the snapshot is of this log. */
  hash: string;
  /** Head of every subject in it. */
  heads: Record<string, SubjectHead>;
}

export interface Snapshot {
  header: SnapshotHeader;
  /** The fold's pieces. Reading them to the end verifies them; damage is thrown as SnapshotDamagedError. */
  pieces: AsyncIterable<unknown>;
}

export interface SnapshotStore {
  /** Keeps it and drops old ones; all or nothing. Rejects when the signal aborts. */
  save(header: SnapshotHeader, pieces: AsyncIterable<unknown> | Iterable<unknown>, signal?: AbortSignal): Promise<void>;
  /** What is kept (of states up to a sequence), newest first, each read when it is asked for. */
  list(upToSeq?: number): AsyncIterable<Snapshot>;
}

/** The snapshot's bytes are not those that were written. It is ignored. */
export class SnapshotDamagedError extends Error {
  override readonly name = 'SnapshotDamagedError';
}
