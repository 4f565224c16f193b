/**
 * The state as it was after any commit of the log: the nearest earlier snapshot, folded on from there. One at a time, in turns that
 * let other requests through; the last state is kept for a while, for the next page and the next question. A read that has to fold for
 * long leaves snapshots on its way, so that the next one need not.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ObjectsState, evolveObjects, initialObjects, objectsFold } from '@skyflow/domain';
import {
  type ChainHeads,
  type EventLog,
  type RecordedCommit,
  SnapshotSchedule,
  type SnapshotStore,
  type SubjectHead,
  loadCheckpoint,
  loadSnapshot,
  purgedText,
} from '@skyflow/event-log';
import { positionOf } from '@skyflow/contracts';
import { StatusError } from '@skyflow/apimachinery';

export interface PastState {
  state: ObjectsState;
  /** Last commit that is in it; 0: none. */
  seq: number;
  /** When that commit was stored, ms since the epoch; 0: there is none. */
  atMs: number;
}

export interface PastStatesOptions {
  log: EventLog;
  snapshots?: SnapshotStore;
  /** Time of folding after which a read leaves a snapshot, ms. Default {@link STEP_MS}. */
  stepMs?: number;
  warn: (line: string) => void;
  /** Aborts when the gateway stops. */
  stopping: AbortSignal;
}

/** Readers that may wait for their turn; more are sent away. */
const MOST_WAITING = 32;
const KEPT_MS = 60_000;
/** Going on from the kept state is quicker than looking for a snapshot up to so many commits. */
const NEAR = 20_000;
/** Longest time that folding holds the event loop. */
const SLICE_MS = 10;

/** Folding after which a snapshot is left, ms of CPU time. */
export const STEP_MS = 2_000;

interface Kept extends PastState {
  heads: ChainHeads;
}

/** Folds one commit into the state. */
export type FoldCommit = (recorded: RecordedCommit) => void;

const foldInto =
  (state: ObjectsState): FoldCommit =>
  ({ seq, subject, commit }) => {
    if (objectsFold.ignores(subject)) return;
    for (const [index, entry] of commit.entries.entries()) {
      evolveObjects(state, entry, { position: positionOf(seq, index), subject });
    }
  };

export class PastStates {
  private kept: Kept | undefined;
  private forgetting: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(private readonly options: PastStatesOptions) {}

  /**
   * Calls back with the state after commit `seq`, which is not to be kept.
   * @throws StatusError 410 when the log does not hold enough any more, 429 when too many wait
   */
  at<T>(seq: number, use: (past: PastState) => Promise<T> | T): Promise<T> {
    return this.inTurn(async () => use(await this.stateAt(seq, 'at')));
  }

  /**
   * From the state after commit `from` to that after `to`, for who wants to know what happened on the way: `begin` is given the state,
   * and returns what folds a commit into it.
   * @param parameter which asked for it, for messages
   * @throws StatusError as `at`
   */
  along(from: number, to: number, parameter: string, begin: (past: PastState) => FoldCommit): Promise<void> {
    return this.inTurn(async () => {
      const base = await this.stateAt(from, parameter);
      this.release();
      this.keep(await this.foldedTo(base, to, begin(base)));
    });
  }

  /** When a commit was stored, ms since the epoch; 0: there is none. */
  timeOf(seq: number): Promise<number> {
    return storedAt(this.options.log, seq, this.options.stopping);
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= MOST_WAITING) {
      const text = `${this.waiting} reads of the past wait for their turn; try again`;
      throw new StatusError(429, 'TooManyRequests', text, { retryAfterSeconds: 2 });
    }
    this.waiting += 1;
    const before = this.turn;
    const run = (async () => {
      await before;
      try {
        return await work();
      } finally {
        this.waiting -= 1;
      }
    })();
    this.turn = run.catch(() => undefined);
    return run;
  }

  private async stateAt(seq: number, parameter: string): Promise<Kept> {
    let base = this.kept;
    this.release();
    if (base === undefined || base.seq > seq || seq - base.seq > NEAR) base = await this.nearest(seq, base, parameter);
    const state = await this.foldedTo(base, seq, foldInto(base.state));
    this.keep(state);
    return state;
  }

  private keep(state: Kept): void {
    this.kept = state;
    this.forgetting = setTimeout(() => (this.kept = undefined), KEPT_MS).unref();
  }

  /** While it is folded on it is nobody's: a failure leaves it between two states. */
  private release(): void {
    this.kept = undefined;
    clearTimeout(this.forgetting);
  }

  /** What to fold on from. @throws StatusError 410 */
  private async nearest(seq: number, base: Kept | undefined, parameter: string): Promise<Kept> {
    const { log, snapshots, warn, stopping } = this.options;
    const first = await log.first();
    const loaded = snapshots && (await loadSnapshot(objectsFold, log, { store: snapshots, warn }, stopping, seq));
    const usable = base !== undefined && base.seq <= seq ? base : undefined;
    if (loaded !== undefined && loaded.seq > (usable?.seq ?? 0)) {
      return { state: loaded.state, seq: loaded.seq, atMs: await this.timeOf(loaded.seq), heads: loaded.heads };
    }
    if (usable !== undefined) return usable;
    if (first > 1) return this.checkpoint(seq, first, parameter);
    return { state: initialObjects(), seq: 0, atMs: 0, heads: new Map() };
  }

  /** Where older history was archived and purged, the past begins with the checkpoint. @throws StatusError 410 */
  private async checkpoint(seq: number, first: number, parameter: string): Promise<Kept> {
    const { log } = this.options;
    const horizon = await log.horizon();
    if (horizon === undefined || seq < horizon.seq) throw await purged(this.options, seq, first, parameter);
    const loaded = await loadCheckpoint(objectsFold, log, undefined);
    if (loaded === undefined) throw await purged(this.options, seq, first, parameter);
    return { state: loaded.state, seq: loaded.seq, atMs: horizon.storedAt, heads: loaded.heads };
  }

  private async foldedTo(base: Kept, to: number, fold: FoldCommit): Promise<Kept> {
    const { log, stopping } = this.options;
    const { state } = base;
    let { seq, atMs } = base;
    if (seq >= to) return base;
    state.changes = undefined;
    const heads = new Map<string, SubjectHead>(base.heads);
    const steps = this.steps(seq);
    let folded = 0;
    let sliceEnds = performance.now() + SLICE_MS;
    const range = { from: seq + 1, to, heads: base.heads, undecoded: objectsFold.ignores, signal: stopping };
    for await (const recorded of log.read(range)) {
      fold(recorded);
      ({ seq, storedAt: atMs } = recorded);
      heads.set(recorded.subject, { seq, hash: recorded.hash });
      folded += 1;
      if (performance.now() < sliceEnds) continue;
      steps?.folded(state, seq, heads, folded, false);
      folded = 0;
      await nextTurn();
      sliceEnds = performance.now() + SLICE_MS;
    }
    stopping.throwIfAborted();
    return { state, seq, atMs, heads };
  }

  private steps(from: number): SnapshotSchedule<ObjectsState> | undefined {
    const { snapshots: store, warn, stepMs = STEP_MS } = this.options;
    if (store === undefined) return undefined;
    const steps = new SnapshotSchedule(objectsFold, { store, warn, stepMs });
    steps.restoredAt(from);
    return steps;
  }
}

async function storedAt(log: EventLog, from: number, signal: AbortSignal): Promise<number> {
  for await (const { storedAt: atMs } of log.read({ from, to: from, signal })) return atMs;
  return 0;
}

/** What says that the log does not reach back to a commit. @param first that it holds */
export async function purged(
  { log, stopping }: { log: EventLog; stopping: AbortSignal },
  seq: number,
  first: number,
  parameter: string,
): Promise<StatusError> {
  const horizon = await log.horizon();
  const what =
    horizon === undefined
      ? `the log has been purged up to ${first - 1} and holds what came since ${new Date(await storedAt(log, first, stopping)).toISOString()}`
      : purgedText(horizon);
  return new StatusError(
    410,
    'Gone',
    `${parameter}: sequence ${seq} cannot be read any more: ${what}; ask for a later time`,
  );
}
