/** `skyctl backup verify`: reads all of a backup, and says whether a log can be made of it. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { explaining, openStore, readKey } from './backup-place.js';
import { sizeOf, timeOf } from './render-backups.js';

export const verify: CommandHandler = async (session, { args, flags }) => {
  const store = await openStore(args, flags);
  const { BackupSeal, findManifest, readBackup } = await import('./engine.js');
  const { manifest, commits } = await explaining(async () => {
    const seal = await BackupSeal.open(store, readKey(session, flags));
    const found = await findManifest(store, seal, flags.text('backup'));
    let count = 0;
    for await (const _ of readBackup({ store, seal, manifest: found })) count++;
    return { manifest: found, commits: count };
  });
  const { id, first, last, heads, lastStoredAt } = manifest;
  session.terminal.line(
    `backup ${id} is whole: ${commits} commits (${first} to ${last}, until ${timeOf(lastStoredAt)}) on ${Object.keys(heads).length} ` +
      `subjects, ${sizeOf(manifest)}; every piece, sequence and hash is as it was written`,
  );
  return EXIT.ok;
};
