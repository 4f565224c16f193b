/**
 * One holder at a time over all processes of this machine, so that parallel test workers install a tool once.
 * The lock is a directory whose file names its holder; a holder that is gone is taken over.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/** Runs `work` alone. @throws Error if the lock is not free within `timeoutMs`. */
export async function withMachineLock<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryLock(path))) {
    if (await holderIsGone(path)) await rm(path, { recursive: true, force: true });
    if (performance.now() > deadline) {
      throw new Error(`lock ${path} is still held after ${timeoutMs} ms; if no test runs, delete it`);
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(path, 'pid'), String(process.pid));
  return true;
}

async function holderIsGone(path: string): Promise<boolean> {
  const pid = await readFile(join(path, 'pid'), 'utf8').then(Number, () => undefined);
  if (pid === undefined) return false; // just made: its holder writes the file next
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
