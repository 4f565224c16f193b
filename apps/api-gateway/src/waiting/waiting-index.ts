/** What waits for a place now: counted once, when somebody first asks, and kept up with every change from then on. */
import { WaitingBook } from '@skyflow/domain';
import type { ReadModel } from '../store/read-model.js';

export const WORKLOAD_KINDS = ['Job', 'Deployment'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export class WaitingIndex {
  private books: ReadonlyMap<string, WaitingBook> | undefined;

  constructor(private readonly model: ReadModel) {
    model.onChanges((changes) => {
      for (const { type, record } of changes) {
        const book = this.books?.get(record.kind);
        if (type === 'DELETED') book?.remove(record);
        else book?.put(record);
      }
    });
  }

  of(kind: WorkloadKind): WaitingBook {
    this.books ??= booksOf(this.model);
    return this.books.get(kind) ?? new WaitingBook();
  }
}

/** Of what a model holds at the call. */
export const booksOf = ({ state }: ReadModel): ReadonlyMap<string, WaitingBook> =>
  new Map(WORKLOAD_KINDS.map((kind) => [kind, new WaitingBook(state.table.ordered(kind))]));
