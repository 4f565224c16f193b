/** What a piece of work costs, with all that comes of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds } from './processes.js';

/** Nothing is going on when all processes together use this much more than at rest, in cores. */
const QUIET_CORES = 0.1;
const LOOK_MS = 2_000;
/** A machine that is never quiet gets its figures all the same. */
const LONGEST_MS = 90_000;

export interface Process {
  name: string;
  pid: number;
}

export interface Metered<T> {
  result: T;
  /** CPU seconds by name of process. */
  seconds: Record<string, number>;
}

/** The cores that each process uses while nothing is asked of it: looked for until two looks agree. */
export async function coresAtRest(processes: readonly Process[]): Promise<Record<string, number>> {
  const until = performance.now() + LONGEST_MS;
  let from = read(processes);
  let known: Record<string, number> | undefined;
  for (;;) {
    await pause(LOOK_MS);
    const to = read(processes);
    const now = cores(from, to);
    const isSame = known !== undefined && Math.abs(sum(now) - sum(known)) < QUIET_CORES / 2;
    if (isSame || performance.now() > until) return now;
    [from, known] = [to, now];
  }
}

/** The CPU that processes take from the start of `work` until they are at rest again, less what they take at rest. */
export async function metered<T>(
  processes: readonly Process[],
  rest: Record<string, number>,
  work: () => Promise<T>,
): Promise<Metered<T>> {
  const before = read(processes);
  const result = await work();
  const until = performance.now() + LONGEST_MS;
  let after = read(processes);
  for (let last = after, quiet = false; !quiet && performance.now() < until; last = after) {
    await pause(LOOK_MS);
    after = read(processes);
    quiet = sum(cores(last, after)) < sum(rest) + QUIET_CORES;
  }
  const elapsed = (after.at - before.at) / 1_000;
  const seconds = Object.entries(cores(before, after)).map(
    ([name, value]) => [name, (value - (rest[name] ?? 0)) * elapsed] as const,
  );
  return { result, seconds: Object.fromEntries(seconds) };
}

interface Reading {
  at: number;
  seconds: Record<string, number>;
}

function read(processes: readonly Process[]): Reading {
  const seconds: Record<string, number> = {};
  for (const { name, pid } of processes) seconds[name] = (seconds[name] ?? 0) + cpuSeconds(pid);
  return { at: performance.now(), seconds };
}

/** How many cores each used between two readings. */
const cores = (from: Reading, to: Reading): Record<string, number> =>
  Object.fromEntries(
    Object.entries(to.seconds).map(([name, value]) => [
      name,
      ((value - (from.seconds[name] ?? 0)) * 1_000) / (to.at - from.at),
    ]),
  );

/** CPU of those named, else of all. */
export const sum = (seconds: Record<string, number>, named = Object.keys(seconds)): number =>
  named.reduce((total, name) => total + (seconds[name] ?? 0), 0);

export const shown = (seconds: Record<string, number>): string =>
  Object.entries(seconds)
    .filter(([, value]) => value >= 0.05)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ');
