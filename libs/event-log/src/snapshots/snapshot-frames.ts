/**
 * A snapshot as bytes: magic, then frames (kind byte, length as u32, body), then a frame with the SHA-256 of everything before it. The
 * first frame is the header. Bodies are JSON, or raw bytes for Uint8Array pieces.
 */
import { createHash } from 'node:crypto';
import { SnapshotDamagedError, type Snapshot, type SnapshotHeader } from './snapshot-store.js';

export const MAGIC = Buffer.from('SKYSNAP1');
export const FRAME_HEAD_BYTES = 5;
export const KIND_JSON = 1;
const KIND_BYTES = 2;
export const KIND_END = 3;
const CHUNK_BYTES = 1024 * 1024;

/** In parts to be written one after the other, about a megabyte at a time. Rejects when the signal aborts. */
export async function* snapshotBytes(
  header: SnapshotHeader,
  pieces: AsyncIterable<unknown> | Iterable<unknown>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array[]> {
  const sum = createHash('sha256');
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const put = (...parts: Uint8Array[]): void => {
    for (const bytes of parts) {
      sum.update(bytes);
      waiting.push(bytes);
      waitingBytes += bytes.byteLength;
    }
  };
  put(MAGIC);
  put(...frame(header));
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    put(...frame(piece));
    if (waitingBytes < CHUNK_BYTES) continue;
    yield waiting;
    waiting = [];
    waitingBytes = 0;
  }
  waiting.push(...rawFrame(KIND_END, sum.digest()));
  yield waiting;
}

/** Its parts, to be written one after the other. */
function frame(piece: unknown): Uint8Array[] {
  if (piece instanceof Uint8Array) return rawFrame(KIND_BYTES, piece);
  return rawFrame(KIND_JSON, Buffer.from(JSON.stringify(piece)));
}

function rawFrame(kind: number, body: Uint8Array): Uint8Array[] {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUInt8(kind, 0);
  head.writeUInt32LE(body.byteLength, 1);
  return [head, body];
}

/** Checks everything before anything is used. @throws SnapshotDamagedError */
export function readSnapshot(bytes: Buffer, path: string): Snapshot {
  const frames = framesOf(bytes, path);
  const end = frames.at(-1);
  if (end?.kind !== KIND_END) throw new SnapshotDamagedError(`${path} is not whole`);
  const sum = createHash('sha256').update(bytes.subarray(0, end.start)).digest();
  if (!sum.equals(end.body)) throw new SnapshotDamagedError(`${path} does not have its checksum`);
  const header = frames[0];
  if (header?.kind !== KIND_JSON) throw new SnapshotDamagedError(`${path} has no header`);
  return { header: JSON.parse(header.body.toString()) as SnapshotHeader, pieces: piecesOf(frames.slice(1, -1)) };
}

interface Frame {
  kind: number;
  start: number;
  body: Buffer;
}

function framesOf(bytes: Buffer, path: string): Frame[] {
  if (!bytes.subarray(0, MAGIC.byteLength).equals(MAGIC)) throw new SnapshotDamagedError(`${path} is no snapshot`);
  const frames: Frame[] = [];
  let start = MAGIC.byteLength;
  while (start + FRAME_HEAD_BYTES <= bytes.byteLength) {
    const bodyStart = start + FRAME_HEAD_BYTES;
    const end = bodyStart + bytes.readUInt32LE(start + 1);
    if (end > bytes.byteLength) break;
    frames.push({ kind: bytes.readUInt8(start), start, body: bytes.subarray(bodyStart, end) });
    start = end;
  }
  return frames;
}

async function* piecesOf(frames: readonly Frame[]): AsyncGenerator {
  for (const { kind, body } of frames) yield await Promise.resolve(pieceOf(kind, body));
}

/** What a frame's body is; shares no memory with it. */
export const pieceOf = (kind: number, body: Buffer): unknown =>
  kind === KIND_BYTES ? new Uint8Array(body) : (JSON.parse(body.toString()) as unknown);
