/**
 * The log in memory, for unit tests and simulations. It keeps encoded bytes like the real one, so a reader never shares an object
 * with a writer or another reader. It remembers commit ids for ever.
 */
import { readingLevel } from '../levels/reading-level.js';
import { decodeCommit, decodeLater, peekPrev, sealCommit } from '../commit-codec.js';
import {
  LogUnavailableError,
  WrongLastSequenceError,
  type Appended,
  type CommitDraft,
  type EventLog,
  type Followed,
  type FollowOptions,
  type LogAge,
  type ReadOptions,
  type RecordedCommit,
  type SubjectHead,
} from '../event-log.js';
import { HashChain } from '../hash-chain.js';
import { subjectFilter } from '../subject-filter.js';

interface Stored {
  seq: number;
  subject: string;
  storedAt: number;
  bytes: Buffer;
  hash: string;
}

export interface MemoryEventLogOptions {
  /** Clock for `storedAt`, ms since the epoch. Default: Date.now. */
  now?: () => number;
}

const BATCH_COMMITS = 512;
const NO_HEAD: SubjectHead = { seq: 0, hash: '' };

export class MemoryEventLog implements EventLog {
  readonly #now: () => number;
  readonly #commits: Stored[] = [];
  readonly #byId = new Map<string, Stored>();
  readonly #heads = new Map<string, SubjectHead>();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(options: MemoryEventLogOptions = {}) {
    this.#now = options.now ?? Date.now;
  }

  append(subject: string, draft: CommitDraft, expected: SubjectHead): Promise<Appended> {
    if (this.#closed) return Promise.reject(new LogUnavailableError('the log is closed'));
    const before = this.#byId.get(draft.id);
    if (before !== undefined) return Promise.resolve({ seq: before.seq, hash: before.hash, duplicate: true });
    const head = this.#heads.get(subject) ?? NO_HEAD;
    if (head.seq !== expected.seq) {
      return Promise.reject(new WrongLastSequenceError(subject, expected.seq, head.seq));
    }
    const { bytes, hash } = sealCommit(draft, expected.hash);
    const stored = { seq: this.#commits.length + 1, subject, storedAt: this.#now(), bytes, hash };
    this.#commits.push(stored);
    this.#byId.set(draft.id, stored);
    this.#heads.set(subject, { seq: stored.seq, hash: stored.hash });
    this.#wake();
    return Promise.resolve({ seq: stored.seq, hash: stored.hash, duplicate: false });
  }

  subjectHead(subject: string): Promise<SubjectHead> {
    return Promise.resolve(this.#heads.get(subject) ?? NO_HEAD);
  }

  head(): Promise<number> {
    return Promise.resolve(this.#commits.length);
  }

  featureLevel(): Promise<number> {
    return Promise.resolve(readingLevel());
  }

  first(): Promise<number> {
    return Promise.resolve(1);
  }

  horizon(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  age(): Promise<LogAge> {
    return Promise.resolve({ beginsAt: this.#commits[0]?.storedAt, retention: undefined });
  }

  checkpoint(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  kept(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  sequenceAt(timeMs: number): Promise<number> {
    return Promise.resolve(this.#commits.findLast((stored) => stored.storedAt <= timeMs)?.seq ?? 0);
  }

  async *read(options: ReadOptions = {}): AsyncIterable<RecordedCommit> {
    const from = options.from ?? 1;
    const to = Math.min(options.to ?? this.#commits.length, this.#commits.length);
    const matches = subjectFilter(options.subjects);
    const chain = new HashChain(options.heads, from <= 1 || options.heads !== undefined);
    for (let seq = from; seq <= to; seq++) {
      if (options.signal?.aborted === true) return;
      const stored = this.#commits[seq - 1];
      if (stored === undefined || !matches(stored.subject)) continue;
      if ((seq - from) % BATCH_COMMITS === 0) await Promise.resolve();
      const recorded = decode(stored, chain);
      yield options.keepBytes === true ? { ...recorded, bytes: stored.bytes } : recorded;
    }
  }

  async *follow(options: FollowOptions): AsyncIterable<Followed> {
    const { signal } = options;
    let next = options.from ?? 1;
    const matches = subjectFilter(options.subjects);
    const chain = new HashChain(options.heads, next <= 1 || options.heads !== undefined);
    const target = this.#commits.length;
    let caughtUp = false;
    while (!signal.aborted && !this.#closed) {
      const end = Math.min(this.#commits.length, next + BATCH_COMMITS - 1);
      const commits: RecordedCommit[] = [];
      for (; next <= end; next++) {
        const stored = this.#commits[next - 1];
        if (stored === undefined || !matches(stored.subject)) continue;
        if (options.skip?.(stored.seq) === true) verify(stored, chain);
        else {
          verify(stored, chain);
          const { bytes, ...place } = stored;
          const commit = options.known?.(stored.hash);
          const decodeNow = options.undecoded?.(stored.subject) === true ? decodeLater : decodeCommit;
          const recorded = commit === undefined ? decodeNow(bytes, stored.hash, stored) : { ...place, commit };
          commits.push(options.keepBytes === true ? { ...recorded, bytes: stored.bytes } : recorded);
        }
      }
      if (commits.length > 0) yield { type: 'commits', commits };
      if (!caughtUp && next > target) {
        caughtUp = true;
        yield { type: 'caught-up', seq: next - 1 };
      } else if (next > this.#commits.length) {
        await this.#nextAppend(signal);
      }
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    return Promise.resolve();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  #nextAppend(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        signal.removeEventListener('abort', resume);
        this.#waiting.delete(resume);
        resolve();
      };
      if (signal.aborted) {
        resolve();
        return;
      }
      this.#waiting.add(resume);
      signal.addEventListener('abort', resume, { once: true });
    });
  }
}

function verify(stored: Stored, chain: HashChain): void {
  chain.advance(stored.subject, stored.seq, peekPrev(stored.bytes), stored.hash);
}

function decode(stored: Stored, chain: HashChain): RecordedCommit {
  verify(stored, chain);
  return decodeCommit(stored.bytes, stored.hash, stored);
}
