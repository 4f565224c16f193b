/**
 * What the next entry about a workload follows from. Each of very many that wait has one, so that what is the same for entries of one
 * commit or one request is in memory once.
 */
import { type Entry, entryId } from '@skyflow/contracts';
import type { Interner } from '../objects/bounded-cache.js';
import type { EntryPlace, Origin } from './state.js';

/** Of an entry: what follows from it names it as its cause. */
export class EntryOrigin implements Origin {
  declare readonly trace?: string;

  private constructor(
    readonly corr: string,
    private readonly commitId: string,
    private readonly index: number,
    trace: string | undefined,
  ) {
    if (trace !== undefined) this.trace = trace;
  }

  static of({ corr, trace }: Entry, { commitId, index }: EntryPlace, texts: Interner): Origin {
    return new EntryOrigin(texts.intern(corr), texts.intern(commitId), index, trace && texts.intern(trace));
  }

  /** Of what stands in a snapshot. */
  static from({ corr, cause, trace }: Origin, texts: Interner): Origin {
    const slash = cause.lastIndexOf('/');
    const index = Number(cause.slice(slash + 1));
    const commitId = texts.intern(cause.slice(0, slash));
    return new EntryOrigin(texts.intern(corr), commitId, index, trace && texts.intern(trace));
  }

  /** Name of the entry. */
  get cause(): string {
    return entryId(this.commitId, this.index);
  }
}

/** As it stands in a snapshot. */
export const originData = ({ corr, cause, trace }: Origin): Origin => ({
  corr,
  cause,
  ...(trace !== undefined && { trace }),
});
