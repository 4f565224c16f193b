/** `skyctl backup list`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';
import { explaining, openStore, readKey } from './backup-place.js';
import { sizeOf, timeOf } from './render-backups.js';

const COLUMNS = ['Backup', 'Taken', 'Commits', 'Can be restored to', 'Pieces', 'Size'];

export const list: CommandHandler = async (session, { args, flags }) => {
  const store = await openStore(args, flags);
  const { BackupSeal, listManifests } = await import('./engine.js');
  const manifests = await explaining(async () =>
    listManifests(store, await BackupSeal.open(store, readKey(session, flags))),
  );
  const output = flags.text('output');
  if (output === 'json') session.terminal.line(JSON.stringify(manifests, null, 4));
  else if (output === 'yaml') session.terminal.write(await toYaml(manifests));
  else {
    const rows = manifests.map((each) => [
      each.id,
      timeOf(each.takenAt),
      `${each.first}-${each.last}`,
      `${timeOf(each.firstStoredAt)} to ${timeOf(each.lastStoredAt)}`,
      String(each.segments.length),
      sizeOf(each),
    ]);
    session.terminal.line(renderTable({ columns: COLUMNS, rows }));
  }
  return EXIT.ok;
};
