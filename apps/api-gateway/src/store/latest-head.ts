/**
 * Consistent reads (KEP-2340): how far the log goes, asked once for all reads that wait for it. A read rests on a question that was put
 * after it was asked, so it sees whatever anybody had stored by then; reads that come while a question is under way share the next one, as
 * with Raft's ReadIndex. Within a time that it cannot be had, or is not folded yet, the read goes on with what is known, and says so.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Projection } from '@skyflow/event-log';

export interface LatestHeadOptions {
  /** Asks the log for its last sequence. */
  head: () => Promise<number>;
  fold: () => Pick<Projection<unknown>, 'seq' | 'covered' | 'waitFor'>;
  /** False: there is nobody to be asked, and nothing is. */
  isReachable: () => boolean;
  stopping: AbortSignal;
  /** How long a read waits for an answer. Default 1 s. */
  withinMs?: number;
  /** How long it waits for the fold. Default 5 s. */
  foldWithinMs?: number;
}

const WITHIN_MS = 1_000;
const FOLD_WITHIN_MS = 5_000;
const AGAIN_AFTER_MS = 250;

export class LatestHead {
  private underWay: Promise<number | undefined> | undefined;
  private next: Promise<number | undefined> | undefined;
  /** The log did not say when it was last asked. */
  private silent = false;
  /** Somebody who asked for this was answered without it. */
  private missing = 0;

  constructor(private readonly options: LatestHeadOptions) {}

  /** Why what is read may be old; undefined: it is not. */
  get staleness(): string | undefined {
    if (!this.options.isReachable()) return 'the log cannot be reached; this is the last state known to the gateway';
    if (this.silent) return 'the log does not answer; this is the last state known to the gateway';
    const { seq, covered } = this.options.fold();
    if (this.missing <= covered) return undefined;
    return `the gateway has taken in the log up to ${seq}, and it goes to ${this.missing}: what is newer is not shown yet`;
  }

  /** Resolves when all is folded that was stored when this was asked; to false when that takes too long, or cannot be known. */
  async folded(signal?: AbortSignal): Promise<boolean> {
    const { foldWithinMs = FOLD_WITHIN_MS } = this.options;
    const fold = this.options.fold();
    const seq = await this.latest();
    if (seq === undefined) return false;
    if (fold.covered >= seq) return true;
    try {
      await fold.waitFor(seq, { timeoutMs: foldWithinMs, ...(signal === undefined ? {} : { signal }) });
      return true;
    } catch {
      // Who has gone needs no answer.
      if (signal?.aborted !== true) this.missing = Math.max(this.missing, seq);
      return false;
    }
  }

  /** Undefined: it cannot be had now; while the log is silent nobody waits for it. */
  private latest(): Promise<number | undefined> {
    if (this.silent || !this.options.isReachable()) return Promise.resolve(undefined);
    if (this.underWay === undefined) return this.begin();
    this.next ??= this.underWay.then(() => {
      this.next = undefined;
      return this.begin();
    });
    return this.next;
  }

  private begin(): Promise<number | undefined> {
    const question = this.ask();
    this.underWay = question;
    void question.then(() => {
      if (this.underWay === question) this.underWay = undefined;
    });
    return question;
  }

  private async ask(): Promise<number | undefined> {
    const { withinMs = WITHIN_MS } = this.options;
    const answered = new AbortController();
    const seq = await Promise.race([
      this.answer(),
      delay(withinMs, undefined, { signal: answered.signal, ref: false }).catch(() => undefined),
    ]);
    answered.abort();
    if (seq === undefined) void this.listen();
    return seq;
  }

  /** Undefined: it could not be asked. An answer that comes late is one, too. */
  private answer(): Promise<number | undefined> {
    return this.options.head().then(
      (seq) => {
        this.silent = false;
        return seq;
      },
      () => undefined,
    );
  }

  /** Until the log says something again. */
  private async listen(): Promise<void> {
    const { stopping } = this.options;
    if (this.silent) return;
    this.silent = true;
    const isOver = (): boolean => !this.silent || stopping.aborted;
    while (!isOver()) {
      await delay(AGAIN_AFTER_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
      if (!isOver()) await this.answer();
    }
  }
}
