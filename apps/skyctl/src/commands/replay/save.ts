/** `skyctl replay save`: the log as the gateway sends it, to a file that no one else may read. */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';

const OWNER_ONLY = 0o600;

export const save: CommandHandler = async (session, { flags }) => {
  const file = flags.text('file');
  if (file === undefined) throw usageError('say where to save it', '--file today.log.gz');
  const log = await (await session.gateway()).stream({ path: '/log' });
  const target = createWriteStream(file, { mode: OWNER_ONLY });
  try {
    await (file.endsWith('.gz') ? pipeline(log, createGzip(), target) : pipeline(log, target));
  } catch (error) {
    const { message } = error as Error;
    throw new CliError({
      code: EXIT.failure,
      summary: `the log could not be saved to ${file}: ${message}`,
      cause: error,
    });
  }
  session.terminal.line(`saved to ${file}`);
  return EXIT.ok;
};
