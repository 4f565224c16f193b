/** Ends what an instance left running when its runner was killed without a chance to stop it. */
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, type RunState } from './run-state.js';

const TERM_DEADLINE_MS = 6_000;

/** Names of what had to be ended. */
export async function endLeftovers(state: RunState): Promise<string[]> {
  const left = Object.entries(state.processes).filter(([, { pid, mark }]) => isRunning(pid, mark));
  for (const [, { pid }] of left) signal(pid, 'SIGTERM');
  const deadline = performance.now() + TERM_DEADLINE_MS;
  while (performance.now() < deadline && left.some(([, { pid, mark }]) => isRunning(pid, mark))) await pause(50);
  for (const [, { pid, mark }] of left) if (isRunning(pid, mark)) signal(pid, 'SIGKILL');
  return left.map(([name]) => name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
