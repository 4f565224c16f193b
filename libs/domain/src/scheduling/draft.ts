/** An entry that was decided and is not in the log yet, with what it follows from. */
import type { EntryData, EntryType } from '@skyflow/contracts';
import type { Origin } from './state.js';

/**
 * `origin` undefined: it follows from no request that is still remembered. Drafts with the same `together` must be in one commit:
 * all of them are stored or none.
 */
export type Draft<T extends EntryType = EntryType> = {
  [K in T]: { type: K; data: EntryData<K>; origin: Origin | undefined; together?: string };
}[T];
