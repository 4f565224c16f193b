/** Backups in a directory, readable by their owner only; each file is written beside its name, synced, then renamed. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BackupStore } from './backup-store.js';

const OWNER_ONLY = { file: 0o600, folder: 0o700 };

export class DirectoryBackupStore implements BackupStore {
  readonly place: string;

  constructor(path: string) {
    this.place = resolve(path);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.place, key));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.place, key);
    await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY.folder });
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      const file = await open(temporary, 'wx', OWNER_ONLY.file);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    const folder = await open(dirname(path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** The prefix is a folder, `backups/`. */
  async list(prefix: string): Promise<string[]> {
    try {
      const names = await readdir(join(this.place, prefix));
      return names
        .filter((name) => !name.endsWith('.tmp'))
        .map((name) => prefix + name)
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
