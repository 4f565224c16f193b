/**
 * Header blocks of SPDY/3.1: names and values, all blocks of one direction in one zlib stream. What is written is not made
 * smaller (stored blocks, which every inflater reads); what is read may be.
 */
import { constants, createInflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './dictionary.js';
import { SpdyError } from './spdy-error.js';

/** Names in lower case; a header that comes several times has several values. */
export type SpdyHeaders = Record<string, string | readonly string[]>;

const SEPARATOR = '\0';
/** Far more than the headers of a stream hold; a small block can be blown up to any size. */
const MOST_BYTES = 64 * 1024;
const LONGEST_STORED = 0xffff;
/** An empty block after each, as a flush makes it: Go's inflater gives nothing out before it sees one. */
const SYNC = Buffer.of(0, 0, 0, 0xff, 0xff);

export class HeaderWriter {
  private begun = false;

  write(headers: SpdyHeaders): Buffer {
    const entries = Object.entries(headers);
    const parts = [uint32(entries.length)];
    for (const [name, value] of entries) {
      const text = typeof value === 'string' ? value : value.join(SEPARATOR);
      for (const each of [name.toLowerCase(), text]) {
        const bytes = Buffer.from(each, 'utf8');
        parts.push(uint32(bytes.length), bytes);
      }
    }
    const block = Buffer.concat(parts);
    const out = this.begun ? [] : [Buffer.of(0x78, 0x01)];
    this.begun = true;
    for (let start = 0; start < block.length; start += LONGEST_STORED) {
      const stored = block.subarray(start, start + LONGEST_STORED);
      const head = Buffer.alloc(5);
      head.writeUInt16LE(stored.length, 1);
      head.writeUInt16LE(~stored.length & 0xffff, 3);
      out.push(head, stored);
    }
    return Buffer.concat([...out, SYNC]);
  }
}

export class HeaderReader {
  private readonly inflate = createInflate({ dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });

  /** Blocks must be given in the order in which they came. @throws SpdyError for what is no header block */
  async read(block: Uint8Array): Promise<Record<string, string[]>> {
    const { inflate } = this;
    await new Promise<void>((resolve, reject) => {
      inflate.once('error', reject);
      inflate.write(block, (error) => {
        inflate.off('error', reject);
        if (error) reject(error);
        else resolve();
      });
    }).catch((error: unknown) => {
      throw new SpdyError(`a header block cannot be inflated: ${(error as Error).message}`);
    });
    return parse((inflate.read() as Buffer | null) ?? Buffer.alloc(0));
  }

  close(): void {
    this.inflate.destroy();
  }
}

function parse(bytes: Buffer): Record<string, string[]> {
  let at = 0;
  const number = (): number => {
    if (at + 4 > bytes.length || bytes.length > MOST_BYTES) throw new SpdyError('a header block has a wrong length');
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > bytes.length) throw new SpdyError('a header block is cut off');
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  // Without a prototype: a peer may call a header `__proto__`.
  const headers = Object.create(null) as Record<string, string[]>;
  for (let left = number(); left > 0; left--) {
    const name = text();
    headers[name] = text().split(SEPARATOR);
  }
  return headers;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
