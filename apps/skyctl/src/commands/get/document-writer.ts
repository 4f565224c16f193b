/** `get -w` with -o json, yaml, name, jsonpath or custom-columns: a document for each object and each change of it. */
import type { ApiObject } from '@skyflow/contracts';
import type { Invocation } from '../../cli/command-spec.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import type { Listing } from '../../gateway/listing.js';
import type { WatchEvent } from '../../gateway/watch.js';
import { customColumns } from '../../output/custom-columns.js';
import { renderDocuments } from '../../output/documents.js';
import type { Format } from '../../output/format.js';
import { renderTable } from '../../output/table.js';
import type { Item } from '../../output/view.js';
import type { Session } from '../../session.js';
import type { WatchWriter } from './watch-writer.js';

export class DocumentWriter implements WatchWriter {
  #first = true;

  constructor(
    private readonly session: Session,
    private readonly call: Invocation,
    private readonly kind: ResourceKind,
    private readonly format: Exclude<Format, { type: 'table' }>,
  ) {}

  async replace({ items }: Listing): Promise<void> {
    for (const item of items) await this.change('ADDED', item);
  }

  async change(type: WatchEvent['type'], { object }: Item): Promise<void> {
    const { terminal } = this.session;
    const { flags } = this.call;
    if (this.format.type === 'custom-columns') {
      const headers = this.#first && !flags.on('no-headers');
      terminal.line(renderTable(customColumns(this.format.template, [object]), { headers }));
    } else {
      if (this.format.type === 'yaml' && !this.#first) terminal.line('---');
      const managedFields = flags.on('show-managed-fields');
      const shown = flags.on('output-watch-events') ? ({ type, object } as unknown as ApiObject) : object;
      const text = await renderDocuments(this.format, [{ kind: this.kind, object: shown }], {
        single: true,
        managedFields: managedFields || shown !== object,
      });
      terminal.write(text.endsWith('\n') ? text : `${text}\n`);
    }
    this.#first = false;
  }
}
