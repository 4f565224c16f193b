/** A disk that can be full: a small tmpfs, where this process may mount one. */
import { execFile, execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CHUNK_BYTES = 1024 * 1024;

export class SmallDisk {
  private constructor(
    private readonly folder: string,
    /** Size of it. */
    readonly bytes: number,
  ) {}

  /** Undefined: it may not be mounted here. */
  static mount(folder: string, mebibytes: number): SmallDisk | undefined {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder, mebibytes * CHUNK_BYTES);
    } catch {
      return undefined; // no root, or no mounts in this container
    }
  }

  /** Not a byte is left. Another process writes: connections go through this one meanwhile. */
  async fill(): Promise<void> {
    await promisify(execFile)('dd', ['if=/dev/zero', `of=${this.filler}`, `bs=${CHUNK_BYTES}`]).catch(
      (error: unknown) => {
        if ((error as { stderr?: string }).stderr?.includes('No space left') !== true) throw error;
      },
    );
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
