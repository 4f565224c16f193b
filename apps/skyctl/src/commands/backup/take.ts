/** `skyctl backup create`: what came since the last one, through the gateway, while everything runs. */
import type { StoredCommit } from '@skyflow/event-log';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Session } from '../../session.js';
import { isExpired } from '../../gateway/refusal.js';
import { linesOf } from '../replay/log-source.js';
import { explaining, openStore, writeKey } from './backup-place.js';
import { sizeOf } from './render-backups.js';

export const create: CommandHandler = async (session, { args, flags }) => {
  const store = await openStore(args, flags);
  const key = writeKey(session, flags);
  const { BackupSeal, createBackup } = await import('./engine.js');
  const { manifest, added } = await explaining(async () => {
    const seal = await BackupSeal.begin(store, key);
    return await createBackup({ store, seal, read: (from, to) => storedCommits(session, from, to), nowMs: Date.now });
  });
  const { id, first, last, commits } = manifest;
  session.terminal.line(
    added === 0
      ? `nothing new since backup ${id}: commits ${first} to ${last} are in ${store.place}`
      : `backup ${id}: ${added} commits added, ${commits} in all (${first} to ${last}), ${sizeOf(manifest)}, in ${store.place}`,
  );
  return EXIT.ok;
};

/** Of a range that has been purged nothing is given; a log that no longer reaches back to `from` is none to go on with. */
export async function* storedCommits(
  session: Session,
  from: number,
  to: number | undefined,
): AsyncGenerator<StoredCommit> {
  const gateway = await session.gateway();
  let lines: Awaited<ReturnType<typeof gateway.stream>>;
  try {
    lines = await gateway.stream({ path: '/log', query: { form: 'stored', from, to } });
  } catch (error) {
    if (!isExpired(error)) throw error;
    if (to !== undefined) return;
    const hint =
      'a place that is to go on must hold what was purged: copy the archive there (cp -a, aws s3 sync), then back up into the copy';
    throw new CliError({ code: EXIT.refused, summary: (error as Error).message, hint, cause: error });
  }
  yield* linesOf(lines, 'the log', (text) => JSON.parse(text) as StoredCommit);
}
