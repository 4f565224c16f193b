/** Finds the program that a command names, as execvp does, so that a missing one is known before anything starts. */
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Undefined: it can be run. Otherwise why not, as runc words it. A file below a mount path is looked for in its volume. */
export function startProblem(
  file: string,
  path: string | undefined,
  cwd: string,
  mounts: readonly { path: string; source: string }[],
): string | undefined {
  if (file.includes('/')) {
    const full = isAbsolute(file) ? file : join(cwd, file);
    const mount = mounts.find((each) => full.startsWith(`${each.path}/`));
    return problemOf(mount === undefined ? full : join(mount.source, full.slice(mount.path.length)), full);
  }
  const problems = (path ?? '').split(':').map((directory) => problemOf(join(directory || '.', file), file));
  if (problems.includes(undefined)) return undefined;
  return problems.includes(DENIED) ? DENIED : 'executable file not found in $PATH';
}

/** The message of a StartError, so that people and tools recognise it. */
export const startError = (file: string, why: string): string =>
  `failed to create containerd task: failed to create shim task: exec: "${file}": ${why} (process runtime: commands run on this machine, images are not used)`;

const DENIED = 'permission denied';

function problemOf(file: string, shown: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isDirectory() ? DENIED : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' ? DENIED : `stat ${shown}: no such file or directory`;
  }
}
