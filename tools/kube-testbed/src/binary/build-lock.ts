/**
 * One builder per machine: a file that its holder keeps fresh. The lock of a holder that died is broken after half a minute.
 * It only saves work: two that build all the same rename the same binary into place.
 */
import { open, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 250;
const REFRESH_MS = 5_000;
const STALE_MS = 30_000;

/** Waits for the lock unless `done` says meanwhile that the work is done. Undefined: it is done. */
export async function lockUnless(
  path: string,
  done: () => boolean,
  signal?: AbortSignal,
): Promise<(() => Promise<void>) | undefined> {
  for (;;) {
    signal?.throwIfAborted();
    if (done()) return undefined;
    const unlock = await tryLock(path);
    if (unlock !== undefined) return unlock;
    await sleep(POLL_MS);
  }
}

async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    const handle = await open(path, 'wx');
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await breakIfStale(path);
    return undefined;
  }
  const refresh = setInterval(() => {
    const now = new Date();
    // Gone only when somebody took us for dead; the build goes on.
    utimes(path, now, now).catch(() => undefined);
  }, REFRESH_MS);
  return async () => {
    clearInterval(refresh);
    await rm(path, { force: true });
  };
}

async function breakIfStale(path: string): Promise<void> {
  const held = await stat(path).catch(() => undefined);
  if (held === undefined || Date.now() - held.mtimeMs < STALE_MS) return;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
}
