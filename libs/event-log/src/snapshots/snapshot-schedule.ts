/**
 * Takes snapshots of a projection in the background: every so many entries or so much time, and at the end. A snapshot costs what there
 * is, not what has changed: while much changes, the next one comes the later the longer the last one took, but before what is to be
 * folded again at a start becomes too much. Where steps into the past are wanted, they are taken on the way of a replay, too: of what took
 * long to fold, so that whoever wants to know what was in the middle does not have to begin at the beginning.
 * One at a time; the event loop gets its turn between pieces. A failed one is a warning and is tried again when it is due next. What is not due
 * yet is due some time, also where nothing more is folded.
 */
import type { SubjectHead } from '../event-log.js';
import type { Fold } from '../fold.js';
import type { SnapshotHeader, SnapshotStore } from './snapshot-store.js';

export interface SnapshotOptions {
  store: SnapshotStore;
  /** Entries after which one is taken, once the log has been folded; five times as many where the last one took long. Default 200,000. */
  everyEntries?: number;
  /** Time after which one is taken if anything was folded. Default 10 minutes. */
  everyMs?: number;
  /** In a replay, too, one is taken after so much folding (CPU time), or twenty times as much as the last one cost. Absent: none. */
  stepMs?: number;
  /** Told why a snapshot was not used or not taken; one line. */
  warn?: (line: string) => void;
  /** A clock, ms, instead of `performance.now` and of the CPU time of the process. */
  now?: () => number;
}

const EVERY_ENTRIES = 200_000;
const EVERY_MS = 600_000;
/** Snapshots take this part of the time at most, as long as no more than so many times the entries wait for the next one. */
const SHARE_OF_TIME = 1 / 20;
const MOST_TIMES_ENTRIES = 5;
/** What a replay gives for steps at most, beyond what it folds while one is taken. */
const SHARE_OF_REPLAY = 1 / 20;
const LOOK_AT_MOST_EVERY_MS = 1_000;
/** Longest time that encoding holds the event loop, if the fold's pieces are small. */
const SLICE_MS = 10;

export class SnapshotSchedule<S> {
  readonly #fold: Fold<S>;
  readonly #options: SnapshotOptions;
  readonly #now: () => number;
  /** How much of the machine was used: of one that is busy with other things no more steps are taken. */
  readonly #used: () => number;
  #since = 0;
  #lastAt: number;
  /** How long the last one took, ms. */
  #tookMs = 0;
  #lastUsed: number;
  /** Entries so far, and when the last one was begun. */
  #entries = 0;
  #lastEntries = 0;
  /** CPU time of the last one, without that of folding meanwhile. */
  #cost = 0;
  #lastSeq = 0;
  #latest: (() => { header: SnapshotHeader; pieces: Iterable<unknown> }) | undefined;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looksAt = Number.POSITIVE_INFINITY;
  #isReplayed = false;
  #isClosed = false;

  constructor(fold: Fold<S>, options: SnapshotOptions) {
    this.#fold = fold;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#used = options.now ?? cpuMs;
    this.#lastAt = this.#now();
    this.#lastUsed = this.#used();
  }

  /** The projection begins with a snapshot of this sequence: from now on time is that of folding. */
  restoredAt(seq: number): void {
    this.#lastSeq = seq;
    this.#lastAt = this.#now();
    this.#lastUsed = this.#used();
  }

  /** Called after each folded batch of so many entries; takes a snapshot if one is due, in the middle of a replay only as a step. */
  folded(state: S, seq: number, heads: ReadonlyMap<string, SubjectHead>, entries: number, isCaughtUp: boolean): void {
    const fold = this.#fold;
    if (fold.encode === undefined) return;
    this.#since += entries;
    this.#entries += entries;
    this.#latest = () => ({
      header: headerOf(fold.version, seq, heads),
      pieces: firstPieceNow(fold.encode?.(state) ?? []),
    });
    if (isCaughtUp) this.#takeIfDue();
    else if (this.#running === undefined && this.#isStepDue()) this.#begin();
  }

  /** A replay has ended: what took long to fold is not to be folded again at the next start, however long the last snapshot took. */
  replayed(): void {
    if (this.#isClosed) return;
    this.#isReplayed = true;
    const { everyEntries = EVERY_ENTRIES } = this.#options;
    if (this.#since < everyEntries) this.#takeIfDue();
    else if (this.#running === undefined) this.#begin();
    else void this.#running.then(() => this.replayed());
  }

  #takeIfDue(): void {
    if (this.#running === undefined && this.#isDue()) this.#begin();
    this.#lookAgain();
  }

  #begin(): void {
    this.#running = this.#take().finally(() => {
      this.#running = undefined;
      this.#lookAgain();
    });
  }

  /** When it may be due, if nothing is folded before. In a replay there is more to come. */
  #lookAgain(): void {
    if (!this.#isReplayed || this.#running !== undefined || this.#since === 0 || this.#isClosed) return;
    const inMs = Math.max(this.#dueInMs(), LOOK_AT_MOST_EVERY_MS);
    const at = this.#now() + inMs;
    if (at >= this.#looksAt || inMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#looksAt = at;
    this.#timer = setTimeout(() => {
      this.#looksAt = Number.POSITIVE_INFINITY;
      this.#takeIfDue();
    }, inMs).unref();
  }

  #dueInMs(): number {
    const { everyEntries = EVERY_ENTRIES, everyMs = EVERY_MS } = this.#options;
    const enoughMs = this.#since >= everyEntries ? this.#tookMs / SHARE_OF_TIME : Number.POSITIVE_INFINITY;
    return Math.min(everyMs, enoughMs) - (this.#now() - this.#lastAt);
  }

  #isStepDue(): boolean {
    const { stepMs } = this.#options;
    return stepMs !== undefined && this.#used() - this.#lastUsed >= Math.max(stepMs, this.#cost / SHARE_OF_REPLAY);
  }

  #isDue(): boolean {
    const { everyEntries = EVERY_ENTRIES, everyMs = EVERY_MS } = this.#options;
    const sinceMs = this.#now() - this.#lastAt;
    if (sinceMs >= everyMs || this.#since >= everyEntries * MOST_TIMES_ENTRIES) return true;
    return this.#since >= everyEntries && this.#tookMs <= sinceMs * SHARE_OF_TIME;
  }

  /** Waits for one that is being taken, then takes a last one if anything was folded since. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#take();
  }

  async #take(): Promise<void> {
    this.#lastAt = this.#now();
    const usedPerEntry = (this.#used() - this.#lastUsed) / Math.max(1, this.#entries - this.#lastEntries);
    this.#lastUsed = this.#used();
    this.#lastEntries = this.#entries;
    const latest = this.#latest?.();
    this.#latest = undefined;
    this.#since = 0;
    if (latest === undefined || latest.header.seq <= this.#lastSeq) return;
    try {
      await this.#options.store.save(latest.header, inSlices(latest.pieces));
      this.#lastSeq = latest.header.seq;
    } catch (error) {
      this.#options.warn?.(`snapshot at ${latest.header.seq} was not taken: ${(error as Error).message}`);
    } finally {
      this.#tookMs = this.#now() - this.#lastAt;
      const meanwhile = (this.#entries - this.#lastEntries) * usedPerEntry;
      this.#cost = Math.max(0, this.#used() - this.#lastUsed - meanwhile);
    }
  }
}

/** Of this process so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
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
