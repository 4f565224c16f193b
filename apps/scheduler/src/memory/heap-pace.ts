/**
 * How often a large heap is to be collected. Each whole collection marks all that is alive: in a burst, where nearly all that comes stays,
 * many of them cost more than the work itself, and free little. When little comes, V8 collects as late as it was told to while much came:
 * what is dead then stays for minutes, and with it the buffers that messages were read into. Pure; told once a second what goes on.
 */

/** What must have come since the last time, to be worth the pause: it is about a second where a million workloads are alive. */
const WORTH_BYTES = 48 * 1024 ** 2;
/** Less than so much in one look counts as rest. */
const REST_BYTES = 1024 ** 2;
/** The share of its time that the event loop is at work in a burst. */
const BURST_UTILIZATION = 0.5;
/** So many looks in a row at rest, or without a burst after one, and what it left is collected. */
const LOOKS = 5;
const GROWING_PERCENT = { burst: 100, otherwise: 10 };

export interface Look {
  /** in use now, buffers included */
  bytes: number;
  /** of the event loop since the last look, 0 to 1 */
  utilization: number;
}

export interface Pace {
  /** how much may be allocated between two whole collections, in per cent of what is alive */
  growingPercent: number;
  /** whether to collect all of it now */
  collect: boolean;
}

export class HeapPace {
  /** In use after the last collection; the least that was seen since. */
  private base = Number.POSITIVE_INFINITY;
  private last = 0;
  private restingLooks = 0;
  private looksSinceBurst = 0;
  private leftBehind = false;

  look({ bytes, utilization }: Look): Pace {
    const burst = utilization >= BURST_UTILIZATION;
    const rests = !burst && Math.abs(bytes - this.last) < REST_BYTES;
    this.restingLooks = rests ? this.restingLooks + 1 : 0;
    this.looksSinceBurst = burst ? 0 : this.looksSinceBurst + 1;
    this.leftBehind ||= burst;
    this.last = bytes;
    this.base = Math.min(this.base, bytes);
    const over = this.restingLooks >= LOOKS || (this.leftBehind && this.looksSinceBurst >= LOOKS);
    return {
      growingPercent: burst ? GROWING_PERCENT.burst : GROWING_PERCENT.otherwise,
      collect: over && bytes - this.base >= WORTH_BYTES,
    };
  }

  /** @param bytes in use after a collection */
  collected(bytes: number): void {
    this.base = bytes;
    this.last = bytes;
    this.restingLooks = 0;
    this.leftBehind = false;
  }
}
