/** What tests of other packages need of the log. */
export { rawEntry, commitDraft, appendEntries } from './drafts.js';
export { FaultyEventLog } from './faulty-event-log.js';
