/**
 * The fold of the log as stores read it: the state, recent changes by kind, and waiting for a position. Reads that name no version see every
 * write that was acknowledged before they were asked, by this process or by another one ({@link LatestHead}).
 */
import { type Position, sequenceOf } from '@skyflow/contracts';
import {
  type Liveness,
  type ObjectChange,
  type ObjectsState,
  type StatusBasis,
  initialObjects,
  statusBasis,
} from '@skyflow/domain';
import { StatusError, versionTooLarge } from '@skyflow/apimachinery';
import { type Kept, KindHistory } from './kind-history.js';
import type { LatestHead } from './latest-head.js';

export interface ReadModelOptions {
  liveness: () => Liveness;
  /** Undefined: nobody else writes. */
  latest?: Pick<LatestHead, 'folded' | 'staleness'>;
  /** Changes that are kept of each kind. */
  history?: Kept;
  /** How long a read waits for a position. */
  waitMs?: number;
}

const HISTORY: Kept = { limit: 50_000, ms: 300_000, least: 1_000 };
const FORGET_EVERY_MS = 10_000;
const WAIT_MS = 5_000;

interface Waiter {
  seq: number;
  wake: () => void;
}

export class ReadModel {
  private current: ObjectsState = initialObjects();
  private readonly histories = new Map<string, KindHistory>();
  private readonly listeners: ((changes: readonly ObjectChange[]) => void)[] = [];
  private waiters: Waiter[] = [];
  private folded = 0;
  private written = 0;
  private floor: Position = 0;
  private forgotAtMs = performance.now();

  constructor(private readonly options: ReadModelOptions) {}

  get state(): ObjectsState {
    return this.current;
  }

  /** Sequence up to which the log is folded. */
  get seq(): number {
    return this.folded;
  }

  get position(): Position {
    return this.current.position;
  }

  /** Begins with a state from a snapshot, or an empty one; changes are recorded from there on. */
  begin(state: ObjectsState): void {
    this.current = state;
    this.folded = sequenceOf(state.position);
    this.floor = state.position;
    state.changes = [];
  }

  /** Calls back with the changes of each folded batch that had any. */
  onChanges(listener: (changes: readonly ObjectChange[]) => void): void {
    this.listeners.push(listener);
  }

  /** Takes over what was folded since; whole commits only. */
  advance(state: ObjectsState, seq: number): void {
    this.current = state;
    this.folded = seq;
    const changes = state.changes ?? [];
    state.changes = [];
    const touched = new Set<KindHistory>();
    for (const change of changes) {
      const history = this.history(change.record.kind);
      history.add(change);
      touched.add(history);
    }
    this.forget();
    for (const history of touched) history.wake();
    if (changes.length > 0) for (const listener of this.listeners) listener(changes);
    this.wakeWaiters();
  }

  history(kind: string): KindHistory {
    let history = this.histories.get(kind);
    if (history === undefined) {
      history = new KindHistory(this.options.history ?? HISTORY, this.floor);
      this.histories.set(kind, history);
    }
    return history;
  }

  basis(): StatusBasis {
    return statusBasis(this.current, this.options.liveness());
  }

  /** A write of this process was acknowledged in commit `seq`. */
  wrote(seq: number): void {
    this.written = Math.max(this.written, seq);
  }

  /** Why what is read may be old; undefined: it is not. */
  get staleness(): string | undefined {
    return this.options.latest?.staleness;
  }

  /**
   * Resolves when everything that this process wrote is folded, and `atLeast` too; of a read that names no version, what all others wrote as
   * well, or that is in {@link staleness}.
   * @returns whether it is the latest: false where others may have written what is not known here
   * @throws StatusError 504 when what was named, or written here, takes too long
   */
  async upToDate(atLeast: Position = 0, signal?: AbortSignal): Promise<boolean> {
    const isLatest = atLeast > 0 || (await this.options.latest?.folded(signal)) !== false;
    await this.reached(atLeast, signal);
    return isLatest;
  }

  /** What a write is told that found nothing where something may be: it would take "not found" for the truth, whatever it is warned of. */
  notKnown(): StatusError {
    const why = this.staleness ?? 'the log did not say in time whether there is newer than this gateway knows';
    return new StatusError(503, 'ServiceUnavailable', `${why}; nothing was changed`, { retryAfterSeconds: 2 });
  }

  /** False when it did not come in time. */
  waitForSeq(seq: number, signal?: AbortSignal): Promise<boolean> {
    if (this.folded >= seq) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (reached: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.waiters = this.waiters.filter((each) => each !== waiter);
        resolve(reached);
      };
      const abort = (): void => finish(false);
      const waiter = { seq, wake: () => finish(true) };
      const timer = setTimeout(abort, this.options.waitMs ?? WAIT_MS);
      signal?.addEventListener('abort', abort, { once: true });
      this.waiters.push(waiter);
    });
  }

  /** With the log: while nothing is folded nothing is added. */
  private forget(): void {
    const nowMs = performance.now();
    if (nowMs - this.forgotAtMs < FORGET_EVERY_MS) return;
    this.forgotAtMs = nowMs;
    for (const history of this.histories.values()) history.forget(nowMs);
  }

  private async reached(atLeast: Position, signal?: AbortSignal): Promise<void> {
    const seq = Math.max(this.written, sequenceOf(atLeast));
    if (this.folded < seq && !(await this.waitForSeq(seq, signal))) throw versionTooLarge(atLeast, this.position);
  }

  private wakeWaiters(): void {
    if (this.waiters.length === 0) return;
    const due = this.waiters.filter((each) => each.seq <= this.folded);
    this.waiters = this.waiters.filter((each) => each.seq > this.folded);
    for (const each of due) each.wake();
  }
}
