/**
 * What a service makes of the log: state = fold of entries in sequence order, kept current by one follow.
 *
 * Promised: every commit of the followed subjects is folded exactly once, in order, whether it came from a snapshot, the tail or
 * `offer`. A fold that throws, a broken chain or an unreadable entry ends the projection: `start` or `done` rejects, and the service
 * must not go on. Not promised: that anyone else's commit is there already; `waitFor` waits for one.
 */
import { positionOf } from '@skyflow/contracts';
import { Backoff } from './backoff.js';
import { LogUnavailableError, type EventLog, type RecordedCommit, type SubjectHead } from './event-log.js';
import type { Fold } from './fold.js';
import { SnapshotSchedule, type SnapshotOptions } from './snapshots/snapshot-schedule.js';
import { loadCheckpoint, loadSnapshot, type LoadedSnapshot } from './snapshots/load-snapshot.js';
import { subjectFilter } from './subject-filter.js';

export interface ProjectionOptions<S> {
  log: EventLog;
  fold: Fold<S>;
  /** Subjects to fold, with wildcards; absent: the whole log. */
  subjects?: readonly string[];
  /** Whose subjects they are, where they are those of a cluster: tells its part of a checkpoint. */
  cluster?: string;
  /** Where and how often snapshots are taken; absent: none. Needs a fold with `encode` and `decode`. */
  snapshots?: SnapshotOptions;
  /** Ends the projection without a last snapshot; `close()` ends it with one. */
  signal?: AbortSignal;
}

export interface WaitOptions {
  /** Default: no limit but the signal. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What a SubjectWriter needs of the state that its decisions are made on. */
export interface FoldedState {
  /** Last commit of the subject that is folded. */
  subjectHead(subject: string): SubjectHead;
  /** Resolves when everything up to `seq` is folded. */
  waitFor(seq: number, options?: WaitOptions): Promise<void>;
  /**
   * Tells of a commit that is about to be appended, so that it is not decoded when it is read before its append is answered: it is known by
   * the hash of its bytes. Returns how to take that back when it was not stored.
   */
  expect(hash: string, commit: RecordedCommit['commit']): () => void;
  /** Takes a commit that was just stored, if it comes right after the last one that is folded. */
  offer(recorded: RecordedCommit): boolean;
}

export type BatchListener = (commits: readonly RecordedCommit[]) => void;

interface Waiter {
  seq: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

const NO_HEAD: SubjectHead = { seq: 0, hash: '' };

export class Projection<S> implements FoldedState {
  readonly #options: ProjectionOptions<S>;
  readonly #matches: (subject: string) => boolean;
  readonly #listeners = new Set<BatchListener>();
  readonly #waiters = new Set<Waiter>();
  readonly #stop = new AbortController();
  readonly #started = Promise.withResolvers<undefined>();
  readonly #done = Promise.withResolvers<undefined>();
  #heads = new Map<string, SubjectHead>();
  #state: S;
  #seq = 0;
  #covered = 0;
  #caughtUp = false;
  #running = false;
  /** Why nothing is folded any more. */
  #ended: Error | undefined;
  #failed = false;
  #schedule: SnapshotSchedule<S> | undefined;
  /** By hash: about to be stored, or offered before others in front of them were read. Not decoded again when their turn comes. */
  readonly #known = new Map<string, RecordedCommit['commit']>();

  constructor(options: ProjectionOptions<S>) {
    this.#options = options;
    this.#matches = subjectFilter(options.subjects);
    this.#state = options.fold.initial();
    this.#started.promise.catch(() => undefined);
    this.#done.promise.catch(() => undefined);
  }

  /** The state now. Folds may change it in place: read it synchronously, keep no references over an await. */
  get state(): S {
    return this.#state;
  }

  /** Sequence of the last folded commit; 0: none. */
  get seq(): number {
    return this.#seq;
  }

  /** Sequence up to which all is folded that there is; more than `seq` where the last positions hold nothing, as after a restore. */
  get covered(): number {
    return this.#covered;
  }

  /** Whether everything that was in the log at start has been folded. Stays true. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Resolves when the projection was closed or aborted, rejects when it failed. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Loads the newest usable snapshot, folds the rest, resolves when caught up. Rejects if the projection fails or is ended before. */
  start(): Promise<void> {
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    return this.#started.promise;
  }

  subjectHead(subject: string): SubjectHead {
    return this.#heads.get(subject) ?? NO_HEAD;
  }

  /**
   * Resolves when everything up to `seq` is folded. With a subject filter, `seq` must be that of a commit on one of these subjects or
   * of one before the last caught-up: others are never seen.
   * @throws LogUnavailableError after `timeoutMs`, or when the projection has ended; the signal's reason when that aborts.
   */
  async waitFor(seq: number, { timeoutMs, signal }: WaitOptions = {}): Promise<void> {
    if (this.#covered >= seq) return;
    if (this.#ended !== undefined) throw this.#ended;
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter: Waiter = { seq, resolve: () => resolve(undefined), reject };
    const onAbort = (): void => reject(signal?.reason as Error);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () =>
              reject(
                new LogUnavailableError(
                  `commit ${seq} was not read within ${timeoutMs} ms, only up to ${this.#covered}`,
                ),
              ),
            timeoutMs,
          );
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Calls the listener after each folded batch, synchronously, with its commits; while catching up too. Returns how to stop it.
   * Commits that came by `offer` carry the writer's clock as `storedAt`. A listener that throws ends the projection.
   */
  onBatch(listener: BatchListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** See FoldedState. Entries are folded as they are: values that JSON keeps as they are and that nobody changes afterwards. */
  expect(hash: string, commit: RecordedCommit['commit']): () => void {
    this.#known.set(hash, commit);
    return () => this.#known.delete(hash);
  }

  /** Folds a commit that the caller has just stored, if it comes right after the last one that is folded; else the tail brings it. */
  offer(recorded: RecordedCommit): boolean {
    if (!this.#caughtUp || this.#ended !== undefined || !this.#matches(recorded.subject)) return false;
    // Nothing can be between it and what is folded. `covered` does not say that: it is another's word for what this one has not seen.
    if (recorded.seq !== this.#seq + 1) {
      if (recorded.seq > this.#seq) this.#known.set(recorded.hash, recorded.commit);
      return false;
    }
    try {
      this.#foldBatch([recorded]);
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
    return true;
  }

  /** Ends the follow, takes a last snapshot if they are on, resolves when it is written. */
  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#running) await this.#done.promise.catch(() => undefined);
    if (!this.#failed) await this.#schedule?.close();
  }

  async #run(): Promise<void> {
    const { log, fold, subjects, signal } = this.#options;
    const ending = signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, signal]);
    try {
      await this.#restore(ending);
      const follow = log.follow({
        from: this.#seq + 1,
        heads: new Map(this.#heads),
        ...(subjects === undefined ? {} : { subjects }),
        signal: ending,
        skip: (seq) => seq <= this.#seq,
        known: (hash) => this.#known.get(hash),
        undecoded: (subject) => fold.ignores?.(subject) === true,
      });
      for await (const followed of follow) {
        if (followed.type === 'caught-up') this.#catchUp(followed.seq);
        else this.#foldBatch(followed.commits);
      }
      this.#end();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** From a snapshot of one's own; where history was purged and there is none, from the log's checkpoint. */
  async #restore(signal: AbortSignal): Promise<void> {
    const { fold, log, snapshots, cluster } = this.#options;
    let loaded: LoadedSnapshot<S> | undefined;
    if (snapshots !== undefined) {
      this.#schedule = new SnapshotSchedule(fold, snapshots);
      loaded = await loadSnapshot(fold, log, snapshots, signal);
    }
    if (loaded === undefined && (await this.#first(signal)) > 1) loaded = await loadCheckpoint(fold, log, cluster);
    if (loaded === undefined) return;
    this.#state = loaded.state;
    this.#heads = loaded.heads;
    this.#seq = loaded.seq;
    this.#covered = loaded.seq;
    this.#schedule?.restoredAt(loaded.seq);
  }

  /** A log that does not answer yet is waited for, as a follow waits. */
  async #first(signal: AbortSignal): Promise<number> {
    const backoff = new Backoff({ firstMs: 20, mostMs: 500 });
    while (!signal.aborted) {
      try {
        return await this.#options.log.first();
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error;
        await backoff.wait(signal);
      }
    }
    return 1;
  }

  #foldBatch(commits: readonly RecordedCommit[]): void {
    const fresh =
      commits[0] !== undefined && commits[0].seq > this.#seq ? commits : commits.filter(({ seq }) => seq > this.#seq);
    if (fresh.length === 0) return;
    const { fold } = this.#options;
    let folded = 0;
    for (const { seq, subject, hash, commit } of fresh) {
      const entries = fold.ignores?.(subject) === true ? [] : commit.entries;
      const commitId = commit.id;
      folded += entries.length;
      for (let index = 0; index < entries.length; index++) {
        const entry = entries[index];
        if (entry === undefined) continue;
        this.#state = fold.evolve(this.#state, entry, {
          position: positionOf(seq, index),
          seq,
          subject,
          commitId,
          index,
        });
      }
      this.#heads.set(subject, { seq, hash });
      this.#known.delete(hash);
      this.#seq = seq;
    }
    this.#covered = Math.max(this.#covered, this.#seq);
    for (const listener of this.#listeners) listener(fresh);
    this.#releaseWaiters();
    this.#schedule?.folded(this.#state, this.#seq, this.#heads, folded, this.#caughtUp);
  }

  #catchUp(seq: number): void {
    this.#covered = Math.max(this.#covered, seq);
    const isFirst = !this.#caughtUp;
    this.#caughtUp = true;
    this.#started.resolve(undefined);
    this.#releaseWaiters();
    if (isFirst) this.#schedule?.replayed();
  }

  #releaseWaiters(): void {
    for (const waiter of this.#waiters) if (waiter.seq <= this.#covered) waiter.resolve();
  }

  #end(): void {
    this.#refuseWaiters(new LogUnavailableError('the projection has ended'));
    this.#done.resolve(undefined);
  }

  #fail(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#failed = true;
    this.#stop.abort();
    this.#refuseWaiters(error);
    this.#done.reject(error);
  }

  #refuseWaiters(error: Error): void {
    this.#ended = error;
    this.#started.reject(error);
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
