/** Ends something that is not done in time, or that its caller does not want any more. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;

  /** @param outer the caller's own signal */
  constructor(
    timeoutMs: number | undefined,
    private readonly outer?: AbortSignal,
  ) {
    if (timeoutMs !== undefined) {
      this.timer = setTimeout(() => {
        this.controller.abort(new DOMException(`not within ${timeoutMs} ms`, 'TimeoutError'));
      }, timeoutMs).unref();
    }
    if (outer?.aborted === true) this.give();
    else outer?.addEventListener('abort', this.give, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Whether it was the time, not the caller. */
  get isOver(): boolean {
    return this.signal.aborted && this.outer?.aborted !== true;
  }

  /** From now on neither has a say. */
  clear(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.give);
  }

  private readonly give = (): void => {
    this.controller.abort(this.outer?.reason);
  };
}
