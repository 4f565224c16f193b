/** Processes of the instance that runs from a SKYFLOW_HOME, as run/state.json names them; ended only if they are still those. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunState } from '@skyflow/contracts';

export interface LocalProcess {
  name: string;
  pid: number;
  mark: string;
}

/** Longer than an instance takes to stop its services and its clusters. */
const STOPPED_WITHIN_MS = 20_000;

/** The one that looks after the others first: it ends them in order. */
export function localProcesses(home: string): LocalProcess[] {
  const state = readState(join(home, 'run', 'state.json'));
  if (state === undefined) return [];
  const runner = { name: 'npm run up', pid: state.runnerPid, mark: state.runnerMark };
  const services = Object.entries(state.processes).map(([name, process]) => ({ name, ...process }));
  return [runner, ...services].filter(isRunning);
}

/** @returns those that would not end, not even by SIGKILL. */
export async function endLocalProcesses(home: string): Promise<LocalProcess[]> {
  const [first] = localProcesses(home);
  if (first === undefined) return [];
  const everyone = localProcesses(home);
  send(first, 'SIGTERM');
  await untilEnded([first]);
  // What a runner that was killed had left.
  const left = everyone.filter(isRunning);
  for (const process of left) send(process, 'SIGTERM');
  await untilEnded(left);
  for (const process of left.filter(isRunning)) send(process, 'SIGKILL');
  await untilEnded(left);
  return left.filter(isRunning);
}

async function untilEnded(processes: readonly LocalProcess[]): Promise<void> {
  const end = performance.now() + STOPPED_WITHIN_MS;
  while (processes.some(isRunning) && performance.now() < end) await pause(50);
}

function readState(path: string): RunState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunState;
  } catch {
    // None, or torn by a power cut: nothing of that boot runs any more.
    return undefined;
  }
}

function isRunning({ pid, mark }: LocalProcess): boolean {
  try {
    const commandLine =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return commandLine.includes(mark);
  } catch {
    // No such process.
    return false;
  }
}

function send({ pid }: LocalProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
