/**
 * `get -w`: the table as it changes. A terminal is redrawn in place while the table fits; a pipe gets the rows that changed,
 * so that what reads it sees each change once.
 */
import { usageError } from '../../cli/cli-error.js';
import type { Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import { follow } from '../../gateway/follow.js';
import type { Selection } from '../../gateway/listing.js';
import type { Target } from '../../gateway/targets.js';
import type { Format } from '../../output/format.js';
import { hasOwnView } from '../../output/views.js';
import type { Session } from '../../session.js';
import { ChangeWriter } from './change-writer.js';
import { DocumentWriter } from './document-writer.js';
import type { WatchWriter } from './watch-writer.js';

/** Goes on until the program is stopped. */
export async function watchTargets(
  session: Session,
  call: Invocation,
  targets: readonly Target[],
  selection: Selection,
  format: Format,
): Promise<ExitCode> {
  const [target, ...more] = targets;
  if (target === undefined || more.length > 0 || target.names.length > 1) {
    throw usageError('only one kind, or one object, can be watched at a time');
  }
  const { kind, names } = target;
  const narrowed = names[0] === undefined ? selection : { ...selection, fieldSelector: `metadata.name=${names[0]}` };
  const writer: WatchWriter =
    format.type === 'table'
      ? new ChangeWriter(session, call, kind, format.wide)
      : new DocumentWriter(session, call, kind, format);
  const changes = follow(await session.gateway(), kind, narrowed, {
    asTable: format.type === 'table' && !hasOwnView(kind),
    onConnection: (error) => session.noteConnection(error),
  });
  for await (const change of changes) {
    if (change.type !== 'LIST') await writer.change(change.type, change.item);
    else if (!call.flags.on('watch-only')) await writer.replace(change.listing);
    else await writer.replace({ ...change.listing, items: [] });
  }
  return EXIT.ok;
}
