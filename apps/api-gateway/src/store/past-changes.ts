/**
 * Changes from before those kept in memory, by folding the log again up to now. Costs a full read of the log, one at a time;
 * clients that resume an old watch pay it instead of listing everything anew.
 */
import { type Position, positionOf, sequenceOf } from '@skyflow/contracts';
import { type ObjectChange, evolveObjects, initialObjects, objectsFold } from '@skyflow/domain';
import { type EventLog, loadCheckpoint } from '@skyflow/event-log';
import { expired } from '@skyflow/apimachinery';
import type { History } from './object-watch.js';
import type { ReadModel } from './read-model.js';

/** More changes than this are not replayed: listing is cheaper. */
const MOST_CHANGES = 200_000;

export function pastChanges(log: EventLog, model: ReadModel): History {
  let previous: Promise<unknown> = Promise.resolve();
  return (from, signal) => {
    const run = previous.then(() => replay(log, model, from, signal));
    previous = run.catch(() => undefined);
    return run;
  };
}

async function replay(
  log: EventLog,
  model: ReadModel,
  from: Position,
  signal: AbortSignal,
): Promise<{ changes: readonly ObjectChange[]; upTo: Position }> {
  signal.throwIfAborted();
  const upTo = model.position;
  const first = await log.first();
  // The state after the log's first commit is the checkpoint's.
  if (first > 1 && sequenceOf(from) <= first) throw expired(from, positionOf(first + 1, 0));
  const begun = first > 1 ? await loadCheckpoint(objectsFold, log, undefined) : undefined;
  const state = begun?.state ?? initialObjects();
  const changes: ObjectChange[] = [];
  const range = { from: (begun?.seq ?? 0) + 1, to: sequenceOf(upTo), signal };
  for await (const { seq, subject, commit } of log.read(range)) {
    for (const [index, entry] of commit.entries.entries()) {
      const position = positionOf(seq, index);
      state.changes = position > from ? [] : undefined;
      evolveObjects(state, entry, { position, subject });
      changes.push(...(state.changes ?? []));
      if (changes.length > MOST_CHANGES) throw expired(from, upTo);
    }
  }
  return { changes, upTo };
}
