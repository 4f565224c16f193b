/** Calls at one time of the wall clock: the last that was set. A time far off is approached in steps, as timers have a limit. */
const LONGEST_TIMER_MS = 60 * 60 * 1000;

export class Alarm {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly call: () => void) {}

  /** @param atMs ms since the epoch; undefined: not at all. */
  set(atMs: number | undefined): void {
    clearTimeout(this.timer);
    if (atMs === undefined) return;
    const leftMs = Math.max(0, Math.min(atMs - Date.now(), LONGEST_TIMER_MS));
    this.timer = setTimeout(this.call, leftMs);
  }
}
