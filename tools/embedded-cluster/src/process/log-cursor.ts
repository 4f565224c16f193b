/**
 * Reads the lines of a log from its files, oldest first, and goes on where it stopped as more is written. It holds one block of
 * a file in memory, however slowly its lines are taken. A log that is rotated twice in between has lost lines; that is said
 * nowhere, as a kubelet does not say it.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { decodeLine, type LogLine } from './log-line.js';

const BLOCK_BYTES = 64 * 1024;

export interface LogFiles {
  path: string;
  /** How often it was rotated: then `path` is another file, and the one before is `path.1`. */
  rotations(): number;
}

export class LogCursor {
  readonly #files: LogFiles;
  /** Opened and not read to the end, oldest first. */
  #open: FileHandle[] = [];
  #position = 0;
  #rotations = -1;
  #rest: Buffer = Buffer.alloc(0);

  constructor(files: LogFiles) {
    this.#files = files;
  }

  /** The lines of the next block; empty: that is all for now. */
  async next(): Promise<LogLine[]> {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (;;) {
      if (this.#rotations === -1) await this.#openFirst();
      const file = this.#open[0];
      if (file === undefined) return [];
      const { bytesRead } = await file.read(block, 0, block.length, this.#position);
      if (bytesRead > 0) {
        this.#position += bytesRead;
        const lines = this.#split(block.subarray(0, bytesRead));
        if (lines.length > 0) return lines;
      } else if (!(await this.#moveOn(file))) return [];
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((file) => file.close()));
    this.#open = [];
  }

  #split(bytes: Buffer): LogLine[] {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(0x0a) + 1;
    this.#rest = all.subarray(end);
    const texts = all.toString('utf8', 0, end).split('\n');
    return texts.map(decodeLine).filter((line) => line !== undefined);
  }

  async #openFirst(): Promise<void> {
    this.#rotations = this.#files.rotations();
    const { path } = this.#files;
    for (const each of [`${path}.1`, path]) await this.#add(each);
  }

  /** False: the file that is written to is read to its end. */
  async #moveOn(file: FileHandle): Promise<boolean> {
    const rotations = this.#files.rotations();
    if (this.#open.length === 1) {
      if (rotations === this.#rotations) return false;
      this.#rotations = rotations;
      await this.#add(this.#files.path);
    }
    this.#open.shift();
    await file.close();
    this.#position = 0;
    this.#rest = Buffer.alloc(0);
    return true;
  }

  async #add(path: string): Promise<void> {
    try {
      this.#open.push(await open(path, 'r'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
