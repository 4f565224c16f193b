/**
 * Changes from before those kept in memory, by folding the log again up to now. Costs a full read of the log, one at a time;
 * clients that resume an old watch pay it instead of listing everything anew.
 */
import { type Position, positionOf, sequenceOf } from '@skyflow/contracts';
import { type ObjectChange, evolveObjects, initialObjects } from '@skyflow/domain';
import type { EventLog } from '@skyflow/event-log';
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
  const state = initialObjects();
  const changes: ObjectChange[] = [];
  for await (const { seq, subject, commit } of log.read({ to: sequenceOf(upTo), signal })) {
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
