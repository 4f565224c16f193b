/**
 * Takes snapshots of a projection in the background: every so many entries or so much time, and at the end.
 * One at a time; the event loop gets its turn between pieces. A failed one is a warning and is tried again when it is due next.
 */
import type { SubjectHead } from '../event-log.js';
import type { Fold } from '../fold.js';
import type { SnapshotHeader, SnapshotStore } from './snapshot-store.js';

export interface SnapshotOptions {
  store: SnapshotStore;
  /** Entries after which one is taken, once the log has been folded. Default 200,000. */
  everyEntries?: number;
  /** Time after which one is taken if anything was folded. Default 10 minutes. */
  everyMs?: number;
  /** Told why a snapshot was not used or not taken; one line. */
  warn?: (line: string) => void;
}

const EVERY_ENTRIES = 200_000;
const EVERY_MS = 600_000;
/** Longest time that encoding holds the event loop, if the fold's pieces are small. */
const SLICE_MS = 10;

export class SnapshotSchedule<S> {
  readonly #fold: Fold<S>;
  readonly #options: SnapshotOptions;
  #since = 0;
  #lastAt = performance.now();
  #lastSeq = 0;
  #latest: (() => { header: SnapshotHeader; pieces: Iterable<unknown> }) | undefined;
  #running: Promise<void> | undefined;

  constructor(fold: Fold<S>, options: SnapshotOptions) {
    this.#fold = fold;
    this.#options = options;
  }

  /** The projection begins with a snapshot of this sequence. */
  restoredAt(seq: number): void {
    this.#lastSeq = seq;
  }

  /** Called after each folded batch of so many entries; takes a snapshot if one is due, not in the middle of a replay. */
  folded(state: S, seq: number, heads: ReadonlyMap<string, SubjectHead>, entries: number, isCaughtUp: boolean): void {
    const fold = this.#fold;
    if (fold.encode === undefined) return;
    this.#since += entries;
    this.#latest = () => ({
      header: headerOf(fold.version, seq, heads),
      pieces: firstPieceNow(fold.encode?.(state) ?? []),
    });
    if (isCaughtUp) this.takeIfDue();
  }

  /** Also called when a replay ends: what took long to fold is not to be folded again at the next start. */
  takeIfDue(): void {
    const isDue =
      this.#since >= (this.#options.everyEntries ?? EVERY_ENTRIES) ||
      performance.now() - this.#lastAt >= (this.#options.everyMs ?? EVERY_MS);
    if (isDue && this.#running === undefined) this.#running = this.#take();
  }

  /** Waits for one that is being taken, then takes a last one if anything was folded since. */
  async close(): Promise<void> {
    await this.#running;
    await this.#take();
  }

  async #take(): Promise<void> {
    const latest = this.#latest?.();
    this.#latest = undefined;
    this.#since = 0;
    this.#lastAt = performance.now();
    if (latest === undefined || latest.header.seq <= this.#lastSeq) return;
    try {
      await this.#options.store.save(latest.header, inSlices(latest.pieces));
      this.#lastSeq = latest.header.seq;
    } catch (error) {
      this.#options.warn?.(`snapshot at ${latest.header.seq} was not taken: ${(error as Error).message}`);
    } finally {
      this.#running = undefined;
    }
  }
}

function headerOf(foldVersion: string, seq: number, heads: ReadonlyMap<string, SubjectHead>): SnapshotHeader {
  let hash = '';
  for (const head of heads.values()) if (head.seq === seq) hash = head.hash;
  return { foldVersion, seq, hash, heads: Object.fromEntries(heads) };
}

/** Runs a generator up to its first piece at once: from then on it stands on the cut that it has collected. */
function firstPieceNow(pieces: Iterable<unknown>): Iterable<unknown> {
  const iterator = pieces[Symbol.iterator]();
  let first: IteratorResult<unknown> | undefined = iterator.next();
  return {
    [Symbol.iterator]: () => ({
      next: () => {
        const result = first ?? iterator.next();
        first = undefined;
        return result;
      },
    }),
  };
}

async function* inSlices(pieces: Iterable<unknown>): AsyncGenerator {
  let sliceEnds = performance.now() + SLICE_MS;
  for (const piece of pieces) {
    yield piece;
    if (performance.now() >= sliceEnds) {
      await new Promise(setImmediate);
      sliceEnds = performance.now() + SLICE_MS;
    }
  }
}
