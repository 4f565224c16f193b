/** Lets a loop sleep until something happens. A call while it is awake is kept: nothing that happened is slept through. */
export class WakeUp {
  private due = false;
  private resolve: (() => void) | undefined;

  call(): void {
    this.due = true;
    this.resolve?.();
  }

  /** Resolves at the next call, at once if there was one since the last sleep, or when the signal aborts. */
  async sleep(signal: AbortSignal): Promise<void> {
    if (!this.due && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = (): void => resolve(undefined);
      this.resolve = wake;
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      signal.removeEventListener('abort', wake);
      this.resolve = undefined;
    }
    this.due = false;
  }
}
