/** What a service makes of the log: state = fold of entries in sequence order. */
import type { Entry, Position } from '@skyflow/contracts';

/** Where an entry stands. */
export interface EntryContext {
  position: Position;
  seq: number;
  subject: string;
  commitId: string;
  /** Index in its commit. */
  index: number;
}

/**
 * A fold. `evolve` is deterministic and may change `state` in place (states hold a million objects); it must not throw on
 * any entry that the log may hold, in any order that concurrent writers can produce.
 */
export interface Fold<S> {
  /** Changes whenever old snapshots must not be used any more. */
  readonly version: string;
  initial(): S;
  evolve(state: S, entry: Entry, context: EntryContext): S;
  /** Serialisable form for snapshots, in pieces of bounded size; absent: no snapshots are taken. */
  encode?(state: S): Iterable<unknown>;
  decode?(pieces: AsyncIterable<unknown>): Promise<S>;
}
