/**
 * Snapshots as files of one directory: `<seq>.snapshot`, written to a temporary file, synced, then renamed; the last two are kept,
 * and of older ones as many as are asked for, spread over the log.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { superfluousSnapshots } from './superfluous-snapshots.js';
import { openSnapshot } from './snapshot-file.js';
import { snapshotBytes } from './snapshot-frames.js';
import type { Snapshot, SnapshotHeader, SnapshotStore } from './snapshot-store.js';

const NAME = /^(\d+)\.snapshot$/;
const TEMPORARY = /^\d+\.[\da-f-]+\.tmp$/;
/** A temporary file that nothing was written to for so long is one of a process that was killed. */
const LEFT_BEHIND_MS = 3_600_000;

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
        for await (const parts of snapshotBytes(header, pieces, signal)) await file.writev(parts);
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
    await this.#removeLeftBehind();
  }

  async *list(upToSeq = Infinity): AsyncGenerator<Snapshot> {
    for (const seq of await this.#sequences()) {
      if (seq > upToSeq) continue;
      const path = this.#path(seq);
      let snapshot: Snapshot;
      try {
        snapshot = await openSnapshot(path);
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

  async #removeLeftBehind(): Promise<void> {
    for (const name of await readdir(this.#dir)) {
      if (!TEMPORARY.test(name)) continue;
      const path = join(this.#dir, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
    }
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
