/** A fold: how a service makes its state of the log's entries. Pure; Projection runs it. */
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
  /**
   * Subjects whose entries `evolve` makes nothing of: it is not called with them, and they are not even decoded unless a listener looks at
   * them. Their places in the log and in its hash chains count as ever. Absent: none.
   */
  ignores?(subject: string): boolean;
  /**
   * The state for a snapshot, in pieces of bounded size (a hundred objects or so): JSON values, or Uint8Array for compact tables.
   * Absent: no snapshots are taken. Folding goes on between pieces, so the pieces must be a consistent cut: everything that
   * `evolve` may change in place is collected before the first piece is yielded (an array of the references is enough where
   * objects are replaced and not changed).
   */
  encode?(state: S): Iterable<unknown>;
  /** Makes the state of the pieces again, in their order. */
  decode?(pieces: AsyncIterable<unknown>): Promise<S>;
}
