/** What `get` found, as tables or documents. */
import type { Invocation } from '../../cli/command-spec.js';
import { qualifiedName, type ResourceKind } from '../../gateway/kinds.js';
import type { Listing } from '../../gateway/listing.js';
import type { Target } from '../../gateway/targets.js';
import { customColumns } from '../../output/custom-columns.js';
import { renderDocuments } from '../../output/documents.js';
import type { Format } from '../../output/format.js';
import { sortItems } from '../../output/sort.js';
import { renderTable } from '../../output/table.js';
import { tableOf } from '../../output/view.js';
import type { Item, ViewOptions } from '../../output/view.js';
import { viewOf } from '../../output/views.js';
import type { Session } from '../../session.js';

/** Objects of one kind, as asked for. */
export interface Fetched {
  target: Target;
  listing: Listing;
}

export function printTables(session: Session, call: Invocation, fetched: readonly Fetched[], wide: boolean): void {
  const options = viewOptionsOf(session, call, wide);
  const filled = fetched.filter(({ listing }) => listing.items.length > 0);
  const tables = filled.map(({ target, listing }) => {
    const view = viewOf(target.kind, listing.columns, options);
    const items = call.flags.on('show-kind') ? withKind(target.kind, listing.items) : listing.items;
    const table = tableOf(view, sortItems(items, call.flags.text('sort-by')), options);
    return renderTable(table, { headers: !call.flags.on('no-headers') });
  });
  session.terminal.line(tables.join('\n\n'));
}

/** Names as `KIND/NAME`, in tables of the server too. */
const withKind = (kind: ResourceKind, items: readonly Item[]): Item[] =>
  items.map(({ object, cells }) => {
    const name = `${qualifiedName(kind)}/${object.metadata.name}`;
    return {
      object: { ...object, metadata: { ...object.metadata, name } },
      ...(cells === undefined ? {} : { cells: cells.map((cell) => (cell === object.metadata.name ? name : cell)) }),
    };
  });

export async function printDocuments(
  session: Session,
  call: Invocation,
  fetched: readonly Fetched[],
  format: Exclude<Format, { type: 'table' }>,
): Promise<void> {
  const objects = fetched.flatMap(({ target, listing }) =>
    sortItems(listing.items, call.flags.text('sort-by')).map(({ object }) => ({ kind: target.kind, object })),
  );
  if (format.type === 'custom-columns') {
    const table = customColumns(
      format.template,
      objects.map(({ object }) => object),
    );
    session.terminal.line(renderTable(table, { headers: !call.flags.on('no-headers') }));
    return;
  }
  const single = fetched.length === 1 && fetched[0]?.target.names.length === 1;
  session.terminal.write(
    await renderDocuments(format, objects, { single, managedFields: call.flags.on('show-managed-fields') }),
  );
}

export const viewOptionsOf = ({ terminal }: Session, { flags }: Invocation, wide: boolean): ViewOptions => ({
  wide,
  showLabels: flags.on('show-labels'),
  labelColumns: flags.list('label-columns').flatMap((text) => text.split(',')),
  nowMs: Date.now(),
  terminal,
  allNamespaces: flags.on('all-namespaces'),
});
