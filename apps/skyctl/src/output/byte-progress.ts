/** How much of a long transfer is done, on one line of the terminal that goes away when it ends. Nothing where stderr is no terminal. */
import { humanBytes } from '@skyflow/domain';
import type { Terminal } from './terminal.js';

const DRAW_EVERY_MS = 200;
/** A short one needs no line. */
const AFTER_MS = 500;

export class ByteProgress {
  readonly #startedMs = performance.now();
  #drawnMs = 0;
  #bytes = 0;

  constructor(
    private readonly terminal: Terminal,
    /** Such as `copying to web-1.onprem`. */
    private readonly what: string,
  ) {}

  add(bytes: number): void {
    this.#bytes += bytes;
    const nowMs = performance.now();
    if (!this.#isShown(nowMs) || nowMs - this.#drawnMs < DRAW_EVERY_MS) return;
    this.#drawnMs = nowMs;
    const perSecond = this.#bytes / ((nowMs - this.#startedMs) / 1_000);
    this.terminal.stderr.write(
      `\r\u001b[2K${this.what}: ${humanBytes(this.#bytes)}, ${humanBytes(perSecond)} each second`,
    );
  }

  end(): void {
    if (this.#drawnMs > 0) this.terminal.stderr.write('\r\u001b[2K');
  }

  #isShown(nowMs: number): boolean {
    return this.terminal.stderr.isTTY === true && nowMs - this.#startedMs > AFTER_MS;
  }
}
