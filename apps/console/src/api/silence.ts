/**
 * Tells when nothing was heard for a while. Counted are the seconds in which this page ran: while it is busy, what arrives waits, and
 * that nobody has read it yet is no silence.
 */
const TICK_MS = 1_000;

export class Silence {
  private timer: ReturnType<typeof setInterval> | undefined;
  private quiet = 0;

  /** @param limitS seconds after which `onSilent` is called, once per `start` */
  constructor(
    private readonly limitS: number,
    private readonly onSilent: () => void,
  ) {}

  start(): void {
    this.stop();
    this.quiet = 0;
    this.timer = setInterval(() => {
      this.quiet += 1;
      if (this.quiet < this.limitS) return;
      this.stop();
      this.onSilent();
    }, TICK_MS);
  }

  heard(): void {
    this.quiet = 0;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
