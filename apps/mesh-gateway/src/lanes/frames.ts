/**
 * How a lane is written: frames of one byte for the kind, three for the length (big endian), and so many bytes. An end is a frame of
 * its own, because TLS as Node has it does not tell a connection that was ended from one that was cut.
 */
export const FRAME = { route: 1, answer: 2, data: 3, end: 4 } as const;

export const HEADER_BYTES = 4;
/** A route or an answer is never longer. */
const MOST_CONTROL_BYTES = 16 * 1024;
export const MOST_DATA_BYTES = 0xff_ff_ff;

/** The peer does not keep to the protocol. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export interface FrameHandlers {
  route(text: string): void;
  answer(text: string): void;
  /** Some bytes, as they come: a frame may be given in parts. */
  data(part: Buffer): void;
  end(): void;
}

export function frameHeader(kind: number, bytes: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(kind * 0x1_00_00_00 + bytes);
  return header;
}

/** Takes bytes as they arrive and calls the handlers in order; nothing of data is copied or kept. */
export class FrameReader {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerBytes = 0;
  private kind = 0;
  /** Of the frame that is being read. */
  private left = 0;
  private text: Buffer[] = [];

  constructor(private readonly on: FrameHandlers) {}

  /** @throws FrameError */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.headerBytes < HEADER_BYTES) {
        const copied = chunk.copy(this.header, this.headerBytes, at, at + HEADER_BYTES - this.headerBytes);
        this.headerBytes += copied;
        at += copied;
        if (this.headerBytes === HEADER_BYTES) this.begin();
        continue;
      }
      const end = Math.min(chunk.length, at + this.left);
      const part = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
      this.left -= end - at;
      at = end;
      this.take(part);
    }
  }

  private begin(): void {
    const word = this.header.readUInt32BE();
    this.kind = word >>> 24;
    this.left = word & MOST_DATA_BYTES;
    if (this.kind < FRAME.route || this.kind > FRAME.end) throw new FrameError(`a frame of kind ${this.kind}`);
    if (this.kind !== FRAME.data && this.left > MOST_CONTROL_BYTES) {
      throw new FrameError(`a frame of kind ${this.kind} with ${this.left} bytes; at most ${MOST_CONTROL_BYTES}`);
    }
    if (this.left === 0) this.take(EMPTY);
  }

  private take(part: Buffer): void {
    const { kind } = this;
    const isWhole = this.left === 0;
    if (isWhole) this.headerBytes = 0;
    if (kind === FRAME.data) {
      if (part.length > 0) this.on.data(part);
      return;
    }
    this.text.push(part);
    if (!isWhole) return;
    const text = Buffer.concat(this.text).toString();
    this.text = [];
    if (kind === FRAME.route) this.on.route(text);
    else if (kind === FRAME.answer) this.on.answer(text);
    else this.on.end();
  }
}

const EMPTY = Buffer.alloc(0);
