/**
 * The sending half of a stream, at either end: numbered data frames, and never more bytes than the other side granted.
 */
import { CHUNK_BYTES, type Frame } from './frames.js';

export class Outgoing {
  private sent = 0;
  private index = 0;
  private wake: (() => void) | undefined;

  /** @param credit bytes that may be sent before anything is granted. */
  constructor(
    private readonly send: (frame: Frame) => void,
    private readonly signal: AbortSignal,
    private credit: number,
  ) {
    signal.addEventListener('abort', () => this.wake?.(), { once: true });
  }

  /** @param total bytes that may have been sent in all since the beginning. */
  grant(total: number): void {
    if (total <= this.credit) return;
    this.credit = total;
    this.wake?.();
  }

  /** Sends all of it, then the end. Rejects as the source does, or with the signal's reason. */
  async pump(source: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of source) {
      for (let start = 0; start < chunk.length;) {
        while (this.sent >= this.credit) await this.creditOrEnd();
        this.signal.throwIfAborted();
        const size = Math.min(CHUNK_BYTES, this.credit - this.sent, chunk.length - start);
        this.send({ type: 'data', index: this.index, bytes: chunk.subarray(start, start + size) });
        this.index += 1;
        this.sent += size;
        start += size;
      }
    }
    this.signal.throwIfAborted();
    this.send({ type: 'end', index: this.index });
  }

  private creditOrEnd(): Promise<void> {
    this.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.wake = () => {
        this.wake = undefined;
        if (this.signal.aborted) reject(this.signal.reason as Error);
        else resolve();
      };
    });
  }
}
