/**
 * Reads objects of settled workloads again, at their positions in the log, when they are needed to issue work. Few are read one by
 * one; many in one sweep over the commands between the first and the last.
 */
import { type Position, type RawEntry, decodeEntry, keptEntryName, positionOf, sequenceOf } from '@skyflow/contracts';
import { type SchedulingState, objectsToRead, supplyObject } from '@skyflow/domain';
import type { EventLog, RecordedCommit } from '@skyflow/event-log';

/** Most objects that are read before work is issued with them. */
const OBJECTS_PER_READ = 1_000;
/** From so many on a sweep is cheaper. */
const SWEEP_FROM = 16;
const COMMANDS = ['sky.cmd.*'];

/**
 * Supplies the state with the objects that it lacks. Returns positions where the log has none: what was there is not in the stream
 * any more.
 */
export async function readObjects(log: EventLog, state: () => SchedulingState): Promise<Position[]> {
  const positions = objectsToRead(state(), OBJECTS_PER_READ);
  const sequences = [...new Set(positions.map(sequenceOf))];
  const missing = new Set(positions);
  const take = (recorded: RecordedCommit): void => {
    recorded.commit.entries.forEach((entry, index) => {
      const position = positionOf(recorded.seq, index);
      if (missing.delete(position)) supplyObject(state(), entry, position);
    });
  };
  const [first, last] = [sequences[0], sequences.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (sequences.length >= SWEEP_FROM) {
    for await (const recorded of log.read({ from: first, to: last, subjects: COMMANDS })) take(recorded);
  } else {
    await Promise.all(
      sequences.map(async (seq) => {
        for await (const recorded of log.read({ from: seq, to: seq })) take(recorded);
      }),
    );
  }
  // Of purged history what may be needed again was kept.
  for (const position of [...missing]) {
    const kept = await log.kept(keptEntryName(position));
    if (kept === undefined) continue;
    missing.delete(position);
    supplyObject(state(), decodeEntry(kept as RawEntry), position);
  }
  return [...missing];
}
