/**
 * Consistent reads (KEP-2340): how far the log goes, asked once for all reads that wait for it. A read rests on a question that was put
 * after it was asked, so it sees whatever anybody had stored by then; reads that come while a question is under way share the next one, as
 * with Raft's ReadIndex.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface LatestHeadOptions {
  /** Asks the log for its last sequence. */
  head: () => Promise<number>;
  /** False: there is nobody to be asked, and nothing is. */
  isReachable: () => boolean;
  stopping: AbortSignal;
  /** How long a read waits for an answer. Default 1 s. */
  withinMs?: number;
}

const WITHIN_MS = 1_000;
const AGAIN_AFTER_MS = 250;

export class LatestHead {
  private underWay: Promise<number | undefined> | undefined;
  private next: Promise<number | undefined> | undefined;
  private silent = false;

  constructor(private readonly options: LatestHeadOptions) {}

  /** The log did not say when it was last asked: nobody knows whether there is more. */
  get isSilent(): boolean {
    return this.silent;
  }

  /** Last sequence of the log. Undefined: it cannot be had now; while the log is silent nobody waits for it. */
  latest(): Promise<number | undefined> {
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
