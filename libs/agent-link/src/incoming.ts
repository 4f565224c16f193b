/**
 * The receiving half of a stream, at either end: bytes in order without holes, at most a window of them in memory, more
 * granted as they are read.
 */
import type { Frame } from './frames.js';

export interface IncomingOptions {
  windowBytes: number;
  /** Tells the other side how many bytes it may have sent in all. */
  grant: (total: number) => void;
  /** The reader left before the end. */
  onLeft: () => void;
}

type Outcome = { error: Error } | 'end';

/** Iterate it once. */
export class Incoming implements AsyncIterableIterator<Uint8Array> {
  private readonly chunks: Uint8Array[] = [];
  private waiting: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  private nextIndex = 0;
  private consumed = 0;
  private granted: number;
  private outcome: Outcome | undefined;

  constructor(private readonly options: IncomingOptions) {
    this.granted = options.windowBytes;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.chunks.shift();
    if (chunk !== undefined) {
      this.consume(chunk.length);
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.outcome === 'end') return Promise.resolve({ done: true, value: undefined });
    if (this.outcome !== undefined) {
      const { error } = this.outcome;
      // Told once; a generator too is over after it threw.
      this.outcome = 'end';
      return Promise.reject(error);
    }
    this.waiting ??= Promise.withResolvers<IteratorResult<Uint8Array>>();
    return this.waiting.promise;
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.discard();
    if (this.outcome === undefined) this.options.onLeft();
    this.finish('end');
    return Promise.resolve({ done: true, value: undefined });
  }

  /** False: a frame before this one was lost. */
  take(frame: Extract<Frame, { type: 'data' | 'end' }>): boolean {
    if (this.outcome !== undefined) return true;
    if (frame.index !== this.nextIndex) return false;
    if (frame.type === 'end') {
      this.finish('end');
      return true;
    }
    this.nextIndex += 1;
    this.deliver(frame.bytes);
    return true;
  }

  /** What was received and not read yet is still given; then comes the error, or the end. */
  finish(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) this.next().then(waiting.resolve, waiting.reject);
  }

  /** Drops what was received and not read. */
  discard(): void {
    this.chunks.length = 0;
  }

  /** Says the grant (again): a total, so saying it twice does no harm, and one that was lost on the way is made good. */
  grant(): void {
    if (this.outcome !== undefined) return;
    this.granted = this.consumed + this.options.windowBytes;
    this.options.grant(this.granted);
  }

  private deliver(bytes: Uint8Array): void {
    if (this.waiting === undefined) {
      this.chunks.push(bytes);
      return;
    }
    this.waiting.resolve({ done: false, value: bytes });
    this.waiting = undefined;
    this.consume(bytes.length);
  }

  /** Grants more once half of the window was read, so that credit frames stay few. */
  private consume(bytes: number): void {
    this.consumed += bytes;
    const { windowBytes } = this.options;
    if (this.consumed + windowBytes - this.granted >= windowBytes / 2) this.grant();
  }
}
