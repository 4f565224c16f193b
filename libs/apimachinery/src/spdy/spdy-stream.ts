/** One stream of a SPDY session, as a Duplex. Ending it ends our direction; destroying it resets both. */
import { Duplex } from 'node:stream';
import { SpdyError } from './spdy-error.js';

/** What a stream needs of its session. */
export interface StreamHost {
  /** Resolves when the transport takes more. */
  sendData(stream: number, bytes: Uint8Array, fin: boolean): Promise<void>;
  reset(stream: number): void;
  forget(stream: number): void;
}

export class SpdyStream extends Duplex {
  private wake: (() => void) | undefined;
  private isOver = false;

  constructor(
    readonly id: number,
    readonly headers: Readonly<Record<string, readonly string[]>>,
    private readonly host: StreamHost,
  ) {
    super({ allowHalfOpen: true });
    // Whoever does not listen learns of it by the end.
    this.on('error', () => undefined);
  }

  /** The first value of a header. */
  header(name: string): string | undefined {
    return this.headers[name]?.[0];
  }

  /** Bytes came. Resolves when more may come: a reader that does not read holds back the session. */
  async receive(bytes: Buffer, fin: boolean): Promise<void> {
    if (this.destroyed) return;
    const isFull = bytes.length > 0 && !this.push(bytes);
    if (fin) this.push(null);
    if (isFull && !fin) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** The other side, or the transport, has given it up. */
  fail(why: string | undefined): void {
    this.isOver = true;
    this.destroy(why === undefined ? undefined : new SpdyError(why));
  }

  override _read(): void {
    this.wake?.();
    this.wake = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.host.sendData(this.id, chunk, false).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.host.sendData(this.id, Buffer.alloc(0), true).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read();
    const isWhole = this.readableEnded && this.writableFinished;
    if (!this.isOver && !isWhole) this.host.reset(this.id);
    this.isOver = true;
    this.host.forget(this.id);
    done(error);
  }
}
