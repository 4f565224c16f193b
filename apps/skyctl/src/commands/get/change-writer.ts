/** Tables that change: redrawn on a terminal, appended to elsewhere. */
import type { Invocation } from '../../cli/command-spec.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import type { Listing } from '../../gateway/listing.js';
import type { WatchEvent } from '../../gateway/watch.js';
import { cut } from '../../output/cut.js';
import { renderTable } from '../../output/table.js';
import { sortItems } from '../../output/sort.js';
import { tableOf } from '../../output/view.js';
import type { Item } from '../../output/view.js';
import { viewOf } from '../../output/views.js';
import type { Session } from '../../session.js';
import type { WatchWriter } from './watch-writer.js';
import { viewOptionsOf } from './print.js';

const keyOf = ({ object: { metadata } }: Item): string => `${metadata.namespace ?? ''}/${metadata.name}`;

export class ChangeWriter implements WatchWriter {
  readonly #items = new Map<string, Item>();
  /** Rows as last written, by object, so that a change that does not show is not written again. */
  readonly #written = new Map<string, string>();
  #columns: Listing['columns'];
  #headers = '';
  #drawnLines = 0;
  /** What happened to the objects that are written next. */
  #event: WatchEvent['type'] = 'ADDED';

  constructor(
    private readonly session: Session,
    private readonly call: Invocation,
    private readonly kind: ResourceKind,
    private readonly wide: boolean,
  ) {}

  replace({ items, columns }: Listing): Promise<void> {
    this.#event = 'ADDED';
    this.#columns ??= columns;
    this.#items.clear();
    for (const item of items) this.#items.set(keyOf(item), item);
    this.#show([...this.#items.values()]);
    return Promise.resolve();
  }

  change(type: WatchEvent['type'], item: Item): Promise<void> {
    this.#event = type;
    if (type === 'DELETED' && this.#eventsShown) {
      this.#items.delete(keyOf(item));
      this.#written.delete(keyOf(item));
      this.#append([item]);
      this.#written.delete(keyOf(item));
      return Promise.resolve();
    }
    if (type === 'DELETED') {
      this.#items.delete(keyOf(item));
      this.#written.delete(keyOf(item));
      if (!this.session.terminal.isTerminal) this.session.terminal.line(`${item.object.metadata.name} deleted`);
      else this.#show([]);
      return Promise.resolve();
    }
    this.#items.set(keyOf(item), item);
    this.#show([item]);
    return Promise.resolve();
  }

  get #eventsShown(): boolean {
    return this.call.flags.on('output-watch-events');
  }

  #show(changed: readonly Item[]): void {
    const { terminal } = this.session;
    const items = sortItems([...this.#items.values()], this.call.flags.text('sort-by'));
    const lines = items.length === 0 ? [] : this.#render(items);
    if (terminal.isTerminal && !this.#eventsShown && lines.length < terminal.rows) this.#redraw(lines);
    else this.#append(changed);
  }

  #redraw(lines: readonly string[]): void {
    const { terminal } = this.session;
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines}A` : '';
    // Cut to the width: a wrapped line would take two, and the cursor would come back to the wrong place.
    const text = lines.map((line) => `\u001b[2K${cut(line, terminal.columns)}\n`).join('');
    terminal.write(`${up}\r${text}\u001b[J`);
    this.#drawnLines = lines.length;
  }

  #append(changed: readonly Item[]): void {
    const fresh = changed.filter((item) => {
      const text = this.#render([item]).slice(1).join('\n');
      const known = this.#written.get(keyOf(item)) === text;
      this.#written.set(keyOf(item), text);
      return !known;
    });
    if (fresh.length === 0) return;
    const [headers = '', ...rows] = this.#render(fresh);
    const titles = headers.split(/ {2,}/).join(' ');
    if (titles !== this.#headers && !this.call.flags.on('no-headers')) this.session.terminal.line(headers);
    this.#headers = titles;
    for (const row of rows) this.session.terminal.line(row);
  }

  #render(items: readonly Item[]): string[] {
    const options = viewOptionsOf(this.session, this.call, this.wide);
    const { columns, rows } = tableOf(viewOf(this.kind, this.#columns, options), items, options);
    if (!this.#eventsShown) return renderTable({ columns, rows }).split('\n');
    const withEvents = { columns: ['Event', ...columns], rows: rows.map((row) => [this.#event, ...row]) };
    return renderTable(withEvents).split('\n');
  }
}
