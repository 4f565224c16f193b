/**
 * What a Node program holds, without garbage. V8 collects at its leisure: at a rate of some MiB a minute that it could have collected, a
 * heap of 30 MiB grows for a quarter of an hour to three times as much before it is looked through, and its resident memory with it. So
 * programs of a soak are told to collect, and say what is left: heap, and what is allocated for it outside.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** Loaded before the program (`node --import`), which must leave SIGUSR2 alone. */
const PROGRAM = `
import { renameSync, writeFileSync } from 'node:fs';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  const file = process.env.SKYFLOW_SOAK_LIVE + '/' + process.pid;
  writeFileSync(file + '.new', String(heap + external));
  renameSync(file + '.new', file);
});
`;
const POLL_MS = 20;

export class LiveMemory {
  readonly environment: NodeJS.ProcessEnv;

  /** @param folder for what programs say */
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    const program = join(folder, 'live-memory.mjs');
    writeFileSync(program, PROGRAM);
    this.environment = { NODE_OPTIONS: `--import=${pathToFileURL(program).href}`, SKYFLOW_SOAK_LIVE: folder };
  }

  /** Bytes. Undefined: it did not say within the time, or has ended. */
  async of(pid: number, withinMs = 10_000): Promise<number | undefined> {
    const file = join(this.folder, String(pid));
    rmSync(file, { force: true });
    if (!tell(pid)) return undefined;
    for (const end = performance.now() + withinMs; performance.now() < end;) {
      const said = read(file);
      if (said !== undefined) return Number(said);
      await pause(POLL_MS);
    }
    return undefined;
  }
}

function tell(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGUSR2');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // it has ended meanwhile
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
