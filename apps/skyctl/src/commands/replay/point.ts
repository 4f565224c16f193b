/** A point in the log as people write it: a sequence, or a time. */
import { usageError } from '../../cli/cli-error.js';
import type { Flags } from '../../cli/flags.js';
import type { LogLine } from './log-source.js';

/** Whether a commit is at the point (0), before it (-1) or after it (1). */
export type Point = (line: Pick<LogLine, 'seq' | 'storedAt'>) => number;

/** @throws CliError (usage) */
export function pointOf(flags: Flags, name: string): Point | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,11}$/.test(text)) return ({ seq }) => Math.sign(seq - Number(text));
  const timeMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw usageError(`--${name} ${text}: is neither a sequence nor a time`, 'write 1200, or 2026-11-24T08:00:00Z');
  }
  return ({ storedAt }) => Math.sign(storedAt - timeMs);
}
