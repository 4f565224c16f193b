/** A disk that can be full: a small tmpfs, where this process may mount one. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MEBIBYTES = 256;
const CHUNK_BYTES = 1024 * 1024;

export class SmallDisk {
  /** Size of it. */
  readonly bytes = MEBIBYTES * CHUNK_BYTES;

  private constructor(private readonly folder: string) {}

  /** Undefined: it may not be mounted here. */
  static mount(folder: string): SmallDisk | undefined {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEBIBYTES}m`, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      return undefined; // no root, or no mounts in this container
    }
  }

  /** Not a byte is left. */
  fill(): void {
    try {
      for (;;) writeFileSync(this.filler, Buffer.alloc(CHUNK_BYTES), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  empty(): void {
    rmSync(this.filler, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'ignore' });
  }

  private get filler(): string {
    return join(this.folder, 'filler');
  }
}
