/**
 * How many traces a process begins: all of them as long as people type, and no more than so many a second when programs do, so that a
 * burst of thousands costs what it costs without traces. Traces that began elsewhere are not counted. Pure but for its own count.
 */
export class RootLimit {
  private left: number;
  private lastMs = 0;

  /** @param perSecond traces that may begin in a second; as many at once */
  constructor(private readonly perSecond: number) {
    this.left = perSecond;
  }

  /** Whether a trace may begin now. @param nowMs a clock that never goes back */
  take(nowMs: number): boolean {
    if (nowMs > this.lastMs) {
      const more = Math.min(this.perSecond, ((nowMs - this.lastMs) / 1_000) * this.perSecond);
      this.left = Math.min(this.perSecond, this.left + more);
      this.lastMs = nowMs;
    }
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
