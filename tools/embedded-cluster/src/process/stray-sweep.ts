/**
 * Finds what a container left running after its main process ended, although it changed process group or session: on Linux by
 * the container's mark in /proc/<pid>/environ. Elsewhere only the process group is known, and that is killed anyway.
 */
import { readdir, readFile } from 'node:fs/promises';

/** Environment variable that names the container a process belongs to. */
export const CONTAINER_MARK = 'SKYFLOW_CONTAINER_ID';

/** Kills every process with one of these container ids. Returns how many. */
export async function sweepStrays(containerIds: ReadonlySet<string>): Promise<number> {
  if (process.platform !== 'linux' || containerIds.size === 0) return 0;
  let killed = 0;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const id = await containerIdOf(entry);
    if (id !== undefined && containerIds.has(id) && kill(Number(entry))) killed++;
  }
  return killed;
}

async function containerIdOf(pid: string): Promise<string | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    const at = environment.indexOf(`${CONTAINER_MARK}=`);
    if (at === -1 || (at > 0 && environment[at - 1] !== '\0')) return undefined;
    const from = at + CONTAINER_MARK.length + 1;
    const end = environment.indexOf('\0', from);
    return environment.slice(from, end === -1 ? undefined : end);
  } catch {
    // It ended meanwhile, or is another user's: not one of ours.
    return undefined;
  }
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    // Gone already.
    return false;
  }
}
