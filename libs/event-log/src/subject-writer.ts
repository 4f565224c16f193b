/**
 * The one way to append to a subject from one process: group commit with optimistic concurrency.
 *
 * Submissions wait in a queue. One append is in flight; what waits meanwhile is committed together in the next one. For each
 * submission `decide` is called synchronously, in queue order, when its commit is made up: against state that has folded the whole
 * subject. If another writer was first, the state catches up and every `decide` of that commit is called again. Where nothing is to be
 * appended nobody would notice that: with `manyWriters` the head is asked for then.
 *
 * Promised: a submission that resolved is stored once, at the place it is told; one that was refused stored nothing; order on the
 * subject is queue order. A submission that failed with LogUnavailableError may be stored: its outcome is not known. Retries of an
 * append whose answer was lost use the same commit id until `retryForMs` has passed; after that the head is read anew before
 * anything else is appended, so an append that arrives late can only make the next one decide again, never fork the subject.
 */
import type { RawEntry } from '@skyflow/contracts';
import { uuidv7 } from 'uuidv7';
import { Backoff } from './backoff.js';
import { encodeEntry, sealCommit } from './commit-codec.js';
import {
  LogUnavailableError,
  WrongLastSequenceError,
  type CommitDraft,
  type EventLog,
  type RecordedCommit,
  type SubjectHead,
} from './event-log.js';
import { commitOf } from './appended-commit.js';
import { FeatureOffError } from './levels/level-in-force.js';
import type { FoldedState } from './projection.js';

/** What a submission wants: entries and what to tell the caller when they are stored, or a refusal. No entries: nothing to store. */
export type Decision<T, R> = { entries: readonly RawEntry[]; result: T } | { refuse: R };

/** Where a submission's entries are in the log. */
export interface Committed {
  /** Stream sequence of the commit; of the subject's head if there were no entries. */
  seq: number;
  /** Index of its first entry in the commit. */
  index: number;
  /** When its storage was confirmed, ms since the epoch, by this process's clock. */
  storedAt: number;
}

export type Submitted<T, R> = ({ ok: true; result: T } & Committed) | { ok: false; refusal: R };

/** What earlier decisions of the commit being made up would change; a decision must see it, as state has not folded it yet. */
export interface Overlay {
  /** A commit begins to be made up (also: again, after a conflict): forget everything. Also called when it is folded or given up. */
  clear(): void;
  /** A decision was taken; `index` is that of its first entry in the commit. */
  add(entries: readonly RawEntry[], index: number): void;
}

export interface SubjectWriterOptions {
  log: EventLog;
  /** The subject, no wildcards. */
  subject: string;
  /** `<service>/<instance>`, put into every commit. */
  writer: string;
  /** State that decisions are made on, usually a Projection that folds the subject. Absent: decisions depend on nothing. */
  state?: FoldedState;
  overlay?: Overlay;
  /** Called with each own commit after `state` was offered it. */
  onCommitted?: (recorded: RecordedCommit) => void;
  /**
   * Entries are values that JSON keeps as they are and that nobody changes afterwards: `state` gets them as they are. Default: decoded from
   * their bytes, shared with nobody, which costs as much as to read them.
   */
  sharesEntries?: boolean;
  /**
   * Others write to the subject, too: refusals, and what needs no entries, rest on all that was stored when they were asked for. One question
   * to the log for each commit that is not made. Default: they rest on what is folded.
   */
  manyWriters?: boolean;
  /** Most entries in one commit. Default 2,000. */
  maxEntries?: number;
  /** Most bytes of entries in one commit, unless one submission alone has more. Default 900,000. */
  maxBytes?: number;
  /** How long an append is retried before its submissions fail. Default 10 s. */
  retryForMs?: number;
  /** How long the state may take to fold up to the subject's head. Default 10 s. */
  foldWithinMs?: number;
  /** Makes commit ids. Default UUIDv7. */
  newId?: () => string;
}

/** Makes up a decision; must be synchronous, free of side effects, and ready to be called again. */
export type Decide<T, R> = () => Decision<T, R>;

interface Submission {
  decide: Decide<unknown, unknown>;
  resolve: (outcome: Submitted<unknown, unknown>) => void;
  reject: (error: unknown) => void;
}

/** A submission that was decided, waiting for its commit. */
interface Decided {
  submission: Submission;
  decision: Decision<unknown, unknown>;
  index: number;
}

interface Batch {
  decided: Decided[];
  entries: RawEntry[];
  encoded: string[];
}

const MAX_ENTRIES = 2_000;
const MAX_BYTES = 900_000;
const RETRY_FOR_MS = 10_000;
const FOLD_WITHIN_MS = 10_000;

export class SubjectWriter {
  readonly #options: SubjectWriterOptions;
  readonly #newId: () => string;
  readonly #stop = new AbortController();
  #queue: Submission[] = [];
  /** Last commit of the subject as far as this writer knows; undefined: not known, to be read. */
  #head: SubjectHead | undefined;
  #draining: Promise<void> | undefined;

  constructor(options: SubjectWriterOptions) {
    this.#options = options;
    this.#newId = options.newId ?? uuidv7;
  }

  /** Submissions that wait or are being committed. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Queues a decision; see the class for when and how often it is called.
   * @throws LogUnavailableError the outcome is not known. AppendRefusedError the log does not take it. What `decide` throws.
   */
  submit<T, R = never>(decide: Decide<T, R>): Promise<Submitted<T, R>> {
    if (this.#stop.signal.aborted) return Promise.reject(new LogUnavailableError('the writer is closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ decide, resolve: resolve as Submission['resolve'], reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Appends entries whatever the state is. @throws LogUnavailableError, AppendRefusedError */
  async append(entries: readonly RawEntry[]): Promise<Committed> {
    const outcome = await this.submit(() => ({ entries, result: undefined }));
    return outcome as Committed;
  }

  /** Takes no more submissions, and resolves when those under way have their outcome or `withinMs` has passed. Others then fail. */
  async close(withinMs = FOLD_WITHIN_MS): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(new LogUnavailableError('the writer is closed')), withinMs);
    while (this.#draining !== undefined) await this.#draining;
    clearTimeout(timer);
    this.#stop.abort(new LogUnavailableError('the writer is closed'));
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // what is submitted in the same tick goes together
    while (this.#queue.length > 0) {
      const submissions = this.#queue;
      this.#queue = [];
      const rest = await this.#commit(submissions);
      if (rest.length > 0) this.#queue = [...rest, ...this.#queue];
    }
    this.#draining = undefined;
  }

  /** Decides and appends as many of the submissions as fit one commit; answers them; returns the others. */
  async #commit(submissions: Submission[]): Promise<Submission[]> {
    let batch: Batch | undefined;
    let stored: SubjectHead | undefined;
    try {
      for (;;) {
        const expected = await this.#foldedHead();
        batch = this.#decide(submissions);
        if (batch.entries.length === 0) {
          stored ??= await this.#storedHead(expected);
          if (expected.seq < stored.seq) {
            this.#head = stored;
            continue;
          }
          answer(batch, { seq: expected.seq, storedAt: Date.now() });
          break;
        }
        const id = this.#newId();
        const draft: CommitDraft = { id, writer: this.#options.writer, entries: batch.entries, encoded: batch.encoded };
        const recorded = await this.#append(draft, expected);
        if (recorded === undefined) continue; // another writer was first
        this.#head = { seq: recorded.seq, hash: recorded.hash };
        this.#publish(recorded);
        answer(batch, recorded);
        break;
      }
    } catch (error) {
      this.#head = undefined;
      for (const submission of batch?.decided.map((item) => item.submission) ?? submissions) submission.reject(error);
      batch ??= { decided: submissions.map(asFailed), entries: [], encoded: [] };
    } finally {
      this.#options.overlay?.clear();
    }
    return submissions.slice(batch.decided.length);
  }

  /** The head that the next append names: everything up to it is folded in `state`. */
  async #foldedHead(): Promise<SubjectHead> {
    const { log, subject, state, foldWithinMs = FOLD_WITHIN_MS } = this.#options;
    this.#head ??= await this.#readHead(log, subject);
    if (state === undefined) return this.#head;
    if (state.subjectHead(subject).seq < this.#head.seq) {
      await state.waitFor(this.#head.seq, { timeoutMs: foldWithinMs, signal: this.#stop.signal });
    }
    // State may be ahead: the tail brought another writer's commit. Decisions are made on it, so it is what the append names.
    return state.subjectHead(subject);
  }

  /** @param folded as far as decisions were made. */
  async #storedHead(folded: SubjectHead): Promise<SubjectHead> {
    const { log, subject, state, manyWriters = false } = this.#options;
    return manyWriters && state !== undefined ? this.#readHead(log, subject) : folded;
  }

  async #readHead(log: EventLog, subject: string): Promise<SubjectHead> {
    return this.#retrying(() => log.subjectHead(subject));
  }

  #decide(submissions: readonly Submission[]): Batch {
    const { maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES, overlay } = this.#options;
    const batch: Batch = { decided: [], entries: [], encoded: [] };
    let bytes = 0;
    overlay?.clear();
    for (const submission of submissions) {
      if (batch.entries.length >= maxEntries || bytes >= maxBytes) break;
      let decision: Decision<unknown, unknown>;
      try {
        decision = submission.decide();
      } catch (error) {
        submission.reject(error);
        batch.decided.push(asFailed(submission));
        continue;
      }
      const entries = 'entries' in decision ? decision.entries : [];
      const encoded = entries.map(encodeEntry);
      const size = encoded.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
      const tooMuch = batch.entries.length + entries.length > maxEntries || bytes + size > maxBytes;
      if (tooMuch && batch.entries.length > 0) break;
      batch.decided.push({ submission, decision, index: batch.entries.length });
      overlay?.add(entries, batch.entries.length);
      batch.entries.push(...entries);
      batch.encoded.push(...encoded);
      bytes += size;
    }
    return batch;
  }

  /** Undefined: another writer was first. */
  async #append(draft: CommitDraft, expected: SubjectHead): Promise<RecordedCommit | undefined> {
    const { log, subject, state, sharesEntries = false } = this.#options;
    const sealed = sealCommit(draft, expected.hash);
    const shared = sharesEntries ? commitOf(draft, expected.hash, true) : undefined;
    // The tail of the log may bring it before its append is answered.
    const takeBack = shared && state?.expect(sealed.hash, shared);
    try {
      const { seq, hash } = await this.#retrying(() => log.append(subject, { ...draft, sealed }, expected));
      const storedAt = Date.now();
      return { seq, subject, storedAt, hash, commit: shared ?? commitOf(draft, expected.hash, false) };
    } catch (error) {
      takeBack?.();
      if (!(error instanceof WrongLastSequenceError)) throw error;
      this.#head = undefined;
      return undefined;
    }
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + (this.#options.retryForMs ?? RETRY_FOR_MS);
    const backoff = new Backoff({ firstMs: 20, mostMs: 500 });
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        // What is off now is off for minutes: others must not wait behind it.
        if (!(error instanceof LogUnavailableError) || error instanceof FeatureOffError) throw error;
        if (performance.now() > deadline || this.#stop.signal.aborted) throw error;
        await backoff.wait(this.#stop.signal);
      }
    }
  }

  #publish(recorded: RecordedCommit): void {
    this.#options.overlay?.clear();
    this.#options.state?.offer(recorded);
    this.#options.onCommitted?.(recorded);
  }
}

/** Refusals are answered with their commit: they may rest on what others in it did. */
function answer(batch: Batch, { seq, storedAt }: { seq: number; storedAt: number }): void {
  for (const { submission, decision, index } of batch.decided) {
    if ('refuse' in decision) submission.resolve({ ok: false, refusal: decision.refuse });
    else submission.resolve({ ok: true, result: decision.result, seq, index, storedAt });
  }
}

/** Stands for a submission that was rejected already; answering it again has no effect. */
const asFailed = (submission: Submission): Decided => ({
  submission,
  decision: { refuse: undefined },
  index: 0,
});
