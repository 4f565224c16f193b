/**
 * Reads a snapshot's file without ever holding all of it: once to check every byte before anything is used, then again piece by piece.
 * A file of a state with a million objects is hundreds of megabytes.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { FRAME_HEAD_BYTES, KIND_END, KIND_JSON, MAGIC, pieceOf } from './snapshot-frames.js';
import { SnapshotDamagedError, type Snapshot, type SnapshotHeader } from './snapshot-store.js';

const READ_BYTES = 1024 * 1024;

/** @throws SnapshotDamagedError if the bytes are not those that were written */
export async function openSnapshot(path: string): Promise<Snapshot> {
  const sum = createHash('sha256').update(MAGIC);
  let header: SnapshotHeader | undefined;
  let ended = false;
  for await (const { kind, head, body } of framesOf(path)) {
    if (kind === KIND_END) {
      if (!sum.digest().equals(body)) throw new SnapshotDamagedError(`${path} does not have its checksum`);
      ended = true;
      break;
    }
    header ??= headerOf(kind, body, path);
    sum.update(head).update(body);
  }
  if (!ended || header === undefined) throw new SnapshotDamagedError(`${path} is not whole`);
  return { header, pieces: piecesOf(path) };
}

function headerOf(kind: number, body: Buffer, path: string): SnapshotHeader {
  if (kind !== KIND_JSON) throw new SnapshotDamagedError(`${path} has no header`);
  try {
    return JSON.parse(body.toString()) as SnapshotHeader;
  } catch (error) {
    throw new SnapshotDamagedError(`${path} has no header`, { cause: error });
  }
}

async function* piecesOf(path: string): AsyncGenerator {
  let isHeader = true;
  for await (const { kind, body } of framesOf(path)) {
    if (kind === KIND_END) return;
    if (!isHeader) yield pieceOf(kind, body);
    isHeader = false;
  }
}

interface Frame {
  kind: number;
  head: Buffer;
  /** Valid until the next frame is asked for. */
  body: Buffer;
}

async function* framesOf(path: string): AsyncGenerator<Frame> {
  const file = await open(path, 'r');
  try {
    const bytes = new Bytes(file, (await file.stat()).size);
    if ((await bytes.next(MAGIC.byteLength))?.equals(MAGIC) !== true)
      throw new SnapshotDamagedError(`${path} is no snapshot`);
    for (;;) {
      const read = await bytes.next(FRAME_HEAD_BYTES);
      if (read === undefined) return;
      const head = Buffer.from(read);
      const body = await bytes.next(head.readUInt32LE(1));
      if (body === undefined) return;
      yield { kind: head.readUInt8(0), head, body };
    }
  } finally {
    await file.close();
  }
}

/** The bytes of a file one after the other, read about a megabyte at a time. */
class Bytes {
  private window = Buffer.alloc(0);
  private used = 0;

  constructor(
    private readonly file: FileHandle,
    private left: number,
  ) {}

  /** So many bytes, a view that is valid until the next call; undefined: there are not so many. */
  async next(count: number): Promise<Buffer | undefined> {
    const here = this.window.byteLength - this.used;
    if (count > here + this.left) return undefined;
    if (count > here) await this.fill(count, here);
    this.used += count;
    return this.window.subarray(this.used - count, this.used);
  }

  private async fill(count: number, here: number): Promise<void> {
    const size = Math.min(here + this.left, Math.max(count, READ_BYTES));
    const window = Buffer.allocUnsafe(size);
    this.window.copy(window, 0, this.used);
    for (let at = here; at < size;) {
      const { bytesRead } = await this.file.read(window, at, size - at);
      if (bytesRead === 0) throw new SnapshotDamagedError('the snapshot became shorter while it was read');
      at += bytesRead;
    }
    this.left -= size - here;
    this.window = window;
    this.used = 0;
  }
}
