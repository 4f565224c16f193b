/**
 * When to collect what much work has left behind. V8 collects while it allocates: when little more comes, what is dead after a burst stays,
 * for minutes or for ever, and with it the buffers that messages were read into. Pure; told now and then how much memory is in use.
 */

/** What must have come since the last time, to be worth the pause: it is about a second where a million workloads are alive. */
const WORTH_BYTES = 48 * 1024 ** 2;
/** Less than so much in one look counts as rest. */
const REST_BYTES = 1024 ** 2;
const QUIET_LOOKS = 5;

export class QuietHeap {
  /** In use after the last collection; the least that was seen since. */
  private base = Number.POSITIVE_INFINITY;
  private last = 0;
  private quietLooks = 0;

  /** @param bytes in use now, buffers included. Returns whether this is the time to collect. */
  look(bytes: number): boolean {
    const rests = Math.abs(bytes - this.last) < REST_BYTES;
    this.quietLooks = rests ? this.quietLooks + 1 : 0;
    this.last = bytes;
    this.base = Math.min(this.base, bytes);
    return this.quietLooks >= QUIET_LOOKS && bytes - this.base >= WORTH_BYTES;
  }

  /** @param bytes in use after a collection */
  collected(bytes: number): void {
    this.base = bytes;
    this.last = bytes;
    this.quietLooks = 0;
  }
}
