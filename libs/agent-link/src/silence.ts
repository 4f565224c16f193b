/**
 * Whether the other side of a link has been silent for too long. Time in which this process itself did not run (a stopped or
 * starved process, a long collection) does not count: what the other side said meanwhile is still waiting to be read.
 */
export class Silence {
  private heardAt = performance.now();
  private checkedAt = performance.now();

  /** `checkEveryMs`: how often `isTooLong` is asked. */
  constructor(
    private readonly limitMs: number,
    private readonly checkEveryMs: number,
  ) {}

  heard(): void {
    this.heardAt = performance.now();
  }

  isTooLong(): boolean {
    const now = performance.now();
    const pausedMs = now - this.checkedAt - 2 * this.checkEveryMs;
    this.checkedAt = now;
    if (pausedMs > 0) this.heardAt = now;
    return now - this.heardAt > this.limitMs;
  }
}
