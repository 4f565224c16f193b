/** What tests of other packages need of the log. */
export { rawEntry, commitDraft, appendEntries } from './drafts.js';
export { FaultyEventLog, type AppendFault } from './faulty-event-log.js';
