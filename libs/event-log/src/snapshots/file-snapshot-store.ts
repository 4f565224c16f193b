/**
 * Snapshots as files of one directory: `<seq>.snapshot`, written to a temporary file, synced, then renamed; the last two are kept,
 * and of older ones as many as are asked for, spread over the log.
 *
 * A file is: magic, then frames (kind byte, length as u32, body), then a frame with the SHA-256 of everything before it. The first
 * frame is the header. Bodies are JSON, or raw bytes for Uint8Array pieces.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { superfluousSnapshots } from './superfluous-snapshots.js';
import { SnapshotDamagedError, type Snapshot, type SnapshotHeader, type SnapshotStore } from './snapshot-store.js';

const MAGIC = Buffer.from('SKYSNAP1');
const FRAME_HEAD_BYTES = 5;
const KIND_JSON = 1;
const KIND_BYTES = 2;
const KIND_END = 3;
const FLUSH_BYTES = 1024 * 1024;
const NAME = /^(\d+)\.snapshot$/;

export interface FileSnapshotOptions {
  warn?: (line: string) => void;
  /** How many snapshots of the past are kept besides the last two, and how many bytes of them. Default: none. */
  older?: { most: number; bytes: number };
}

export class FileSnapshotStore implements SnapshotStore {
  readonly #dir: string;
  readonly #warn: ((line: string) => void) | undefined;
  readonly #older: { most: number; bytes: number };

  constructor(dir: string, options: FileSnapshotOptions = {}) {
    this.#dir = dir;
    this.#warn = options.warn;
    this.#older = { most: options.older?.most ?? 0, bytes: options.older?.bytes ?? 0 };
  }

  async save(
    header: SnapshotHeader,
    pieces: AsyncIterable<unknown> | Iterable<unknown>,
    signal?: AbortSignal,
  ): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const temporary = join(this.#dir, `${header.seq}.${randomUUID()}.tmp`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await writeFrames(file, header, pieces, signal);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path(header.seq));
      await this.#syncDirectory();
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    for (const seq of superfluousSnapshots(await this.#sizes(), this.#older))
      await rm(this.#path(seq), { force: true });
  }

  async *list(upToSeq = Infinity): AsyncGenerator<Snapshot> {
    for (const seq of await this.#sequences()) {
      if (seq > upToSeq) continue;
      const path = this.#path(seq);
      let snapshot: Snapshot;
      try {
        snapshot = readSnapshot(await readFile(path), path);
      } catch (error) {
        this.#warn?.(`snapshot ${path} is ignored: ${(error as Error).message}`);
        continue;
      }
      yield snapshot;
    }
  }

  #path(seq: number): string {
    return join(this.#dir, `${seq}.snapshot`);
  }

  /** Newest first. */
  async #sequences(): Promise<number[]> {
    let names: string[];
    try {
      names = await readdir(this.#dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  async #sizes(): Promise<{ seq: number; bytes: number }[]> {
    const sequences = await this.#sequences();
    return Promise.all(sequences.map(async (seq) => ({ seq, bytes: (await stat(this.#path(seq))).size })));
  }

  /** Makes the rename durable. */
  async #syncDirectory(): Promise<void> {
    const directory = await open(this.#dir, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

async function writeFrames(
  file: FileHandle,
  header: SnapshotHeader,
  pieces: AsyncIterable<unknown> | Iterable<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
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
  const flush = async (): Promise<void> => {
    await file.writev(waiting);
    waiting = [];
    waitingBytes = 0;
  };
  put(MAGIC);
  put(...frame(header));
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    put(...frame(piece));
    if (waitingBytes >= FLUSH_BYTES) await flush();
  }
  waiting.push(...rawFrame(KIND_END, sum.digest()));
  await flush();
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
function readSnapshot(bytes: Buffer, path: string): Snapshot {
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
  for (const { kind, body } of frames) {
    yield await Promise.resolve(kind === KIND_BYTES ? new Uint8Array(body) : (JSON.parse(body.toString()) as unknown));
  }
}
