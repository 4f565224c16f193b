/**
 * `skyctl backup purge --every`: the same purge again and again, for a container or a unit of its own. One that fails is told of and tried
 * again: what is down when it is time must not end the retention of history. What is wrong with the command line ends it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CliError, renderError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { Session } from '../../session.js';

const LEAST_MS = 1_000;
/** A timer of Node holds no more than 24 days. */
const MOST_MS = 7 * 24 * 3_600_000;
/** After one that failed, unless the next one comes before. */
const RETRY_MS = 5 * 60_000;

/** Undefined: once. @throws CliError (usage) */
export function everyMs(flags: Flags): number | undefined {
  const ms = flags.durationMs('every');
  if (ms === undefined) return undefined;
  const text = flags.text('every') ?? '';
  if (ms < LEAST_MS || ms > MOST_MS) {
    throw usageError(`--every ${text}: must be from 1s to 7d`, 'write --every 24h');
  }
  if (!flags.has('keep') || !flags.on('yes')) {
    throw usageError(
      `--every ${text}: needs --keep and --yes`,
      'a point in time (--before) is the same each time; write --keep 90d --every 24h --yes',
    );
  }
  return ms;
}

/** Ends by a signal, or for what is wrong with the command line. */
export async function repeatedly(session: Session, ms: number, purge: () => Promise<number>): Promise<never> {
  for (;;) {
    let waitMs = ms;
    try {
      await purge();
    } catch (error) {
      if (error instanceof CliError && error.code === EXIT.usage) throw error;
      waitMs = Math.min(ms, RETRY_MS);
      session.terminal.note(`${renderError(error, session.debug)}\ntrying again in ${Math.ceil(waitMs / 1_000)} s`);
    }
    await pause(waitMs);
  }
}
