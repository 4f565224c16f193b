/** `skyctl events`: native events of the clusters and SkyFlow's own, in the order in which they were seen. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { follow } from '../../gateway/follow.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { listObjects, type Selection } from '../../gateway/listing.js';
import { renderDocuments } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { type EventObject, eventRow, lastSeenOf } from './event-row.js';
import { selectionOf } from './selection.js';

const EVENT: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
};
const COLUMNS = ['LAST SEEN', 'CLUSTER', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];
/** Widths that rows which come one by one are aligned to. */
const WATCH_WIDTHS = [9, 14, 7, 20, 40];

export const events: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const about = flags.text('for');
  if (about !== undefined && args.length > 0) throw usageError('give either a name or --for');
  const selection = await selectionOf(session, gateway, about === undefined ? args : [about]);
  const output = flags.text('output');
  if (output !== undefined && flags.on('watch')) throw usageError('-o is not for -w', 'leave one of them out');
  const headers = !flags.on('no-headers');
  if (flags.on('watch') && flags.has('at')) {
    throw usageError('--at and -w contradict each other', 'the past does not change');
  }
  if (flags.on('watch')) return watch(session, selection, headers);
  const { items } = await listObjects(gateway, EVENT, selection);
  const found = items.map(({ object }) => object as EventObject).sort(bySight);
  if (output !== undefined) {
    const objects = found.map((object) => ({ kind: EVENT, object }));
    const type = output as 'json' | 'yaml';
    session.terminal.write(await renderDocuments({ type }, objects, { single: false, managedFields: false }));
    return EXIT.ok;
  }
  if (found.length === 0) {
    session.terminal.note(
      flags.has('at')
        ? 'no events; of the past the log has only those of SkyFlow itself'
        : 'no events; clusters keep them for about an hour',
    );
    return EXIT.ok;
  }
  const nowMs = Date.now();
  const inAll = selection.namespace === undefined;
  const columns = inAll ? ['NAMESPACE', ...COLUMNS] : COLUMNS;
  const rows = found.map((event) => [...(inAll ? [event.metadata.namespace ?? ''] : []), ...eventRow(event, nowMs)]);
  session.terminal.line(renderTable({ columns, rows }, { headers }));
  return EXIT.ok;
};

/** What is there, and then each event as it is seen (again). */
async function watch(session: Session, selection: Selection, headers: boolean): Promise<number> {
  const shown = new Map<string, string>();
  const show = (event: EventObject): void => {
    const key = `${event.metadata.namespace ?? ''}/${event.metadata.name}`;
    const seen = lastSeenOf(event);
    if (shown.get(key) === seen) return;
    shown.set(key, seen);
    session.terminal.line(aligned(eventRow(event, Date.now())));
  };
  if (headers) session.terminal.line(aligned(COLUMNS));
  const changes = follow(await session.gateway(), EVENT, selection, {
    onConnection: (error) => session.noteConnection(error),
  });
  for await (const change of changes) {
    if (change.type === 'LIST') {
      for (const event of change.listing.items.map(({ object }) => object as EventObject).sort(bySight)) show(event);
    } else if (change.type === 'DELETED') {
      const { namespace = '', name } = change.item.object.metadata;
      shown.delete(`${namespace}/${name}`);
    } else show(change.item.object);
  }
  return EXIT.ok;
}

const aligned = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(WATCH_WIDTHS[index] ?? 0))
    .join('  ')
    .trimEnd();

function bySight(a: EventObject, b: EventObject): number {
  const [left, right] = [lastSeenOf(a), lastSeenOf(b)].map((time) => Date.parse(time) || 0) as [number, number];
  return left - right || (a.metadata.name < b.metadata.name ? -1 : 1);
}
