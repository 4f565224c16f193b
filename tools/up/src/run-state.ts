/** run/state.json: what runs now, so that `down`, a second `up` and a person can know. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { RunState } from '@skyflow/contracts';
import { writeFileAtomic, type Home } from './home.js';

export type { RunState };

export function readState(home: Home): RunState | undefined {
  if (!existsSync(home.state)) return undefined;
  try {
    return JSON.parse(readFileSync(home.state, 'utf8')) as RunState;
  } catch {
    // Torn by a power cut: nothing of that boot runs any more.
    return undefined;
  }
}

export function writeState(home: Home, state: RunState): void {
  writeFileAtomic(home.state, JSON.stringify(state, undefined, 2));
}

export function removeState(home: Home): void {
  rmSync(home.state, { force: true });
}

/** Whether the process with this id is the one we started. */
export function isRunning(pid: number, mark: string): boolean {
  return commandLine(pid)?.includes(mark) ?? false;
}

function commandLine(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // No such process.
    return undefined;
  }
}
