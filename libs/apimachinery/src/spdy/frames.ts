/** Frames of SPDY/3.1, as far as Kubernetes speaks it (moby/spdystream): no flow control, no settings, no push. */
import type { Readable } from 'node:stream';
import { SpdyError } from './spdy-error.js';

export const TYPE = { synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goAway: 7, headers: 8 } as const;
export const FLAG_FIN = 1;
/** Status of a reset: the stream is not wanted any more. */
export const CANCEL = 5;

export type SpdyFrame =
  | { kind: 'data'; stream: number; fin: boolean; bytes: Buffer }
  | { kind: 'control'; type: number; flags: number; body: Buffer };

const VERSION = 3;
const HEAD_BYTES = 8;
/** More is not taken from the other side at once: it would have to wait in memory until the frame is whole. */
const LARGEST_FRAME = 1 << 20;

export function dataFrame(stream: number, bytes: Uint8Array, fin: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(stream, 0);
  head.writeUInt32BE(bytes.length, 4);
  head.writeUInt8(fin ? FLAG_FIN : 0, 4);
  return Buffer.concat([head, bytes]);
}

export function controlFrame(type: number, flags: number, ...body: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(body);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(bytes.length, 4);
  head.writeUInt8(flags, 4);
  return Buffer.concat([head, bytes]);
}

/** Numbers of 32 bits, one after the other. */
export function words(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) out.writeUInt32BE(value, index * 4);
  return out;
}

/** Whole frames as they come. Ends with the source. @throws SpdyError for another version, or a frame of more than 1 MiB */
export async function* readFrames(source: Readable): AsyncGenerator<SpdyFrame, void, undefined> {
  const waiting: Buffer[] = [];
  let size = 0;
  const take = (count: number): Buffer => {
    const all = waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting);
    waiting.length = 0;
    size -= count;
    if (size > 0) waiting.push(all.subarray(count));
    return all.subarray(0, count);
  };
  let head: Buffer | undefined;
  for await (const chunk of source) {
    waiting.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    for (;;) {
      if (head === undefined) {
        if (size < HEAD_BYTES) break;
        head = take(HEAD_BYTES);
      }
      const length = head.readUInt32BE(4) & 0xff_ff_ff;
      if (length > LARGEST_FRAME) throw new SpdyError(`a frame of ${length} bytes is too large`);
      if (size < length) break;
      const frame = frameOf(head, take(length));
      head = undefined;
      yield frame;
    }
  }
}

function frameOf(head: Buffer, body: Buffer): SpdyFrame {
  const first = head.readUInt32BE(0);
  const flags = head.readUInt8(4);
  if (first < 0x8000_0000) return { kind: 'data', stream: first, fin: (flags & FLAG_FIN) !== 0, bytes: body };
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new SpdyError(`version ${version} of SPDY is not spoken here, only 3`);
  return { kind: 'control', type: first & 0xffff, flags, body };
}
