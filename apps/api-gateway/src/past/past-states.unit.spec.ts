import { describe, expect, it } from '@jest/globals';
import { commandSubject } from '@skyflow/contracts';
import { MemoryEventLog, MemorySnapshotStore, type ReadOptions } from '@skyflow/event-log';
import { appendEntries, rawEntry } from '@skyflow/event-log/testing';
import { PastStates } from './past-states.js';

/** Notes where reads begin. */
class NotedLog extends MemoryEventLog {
  readonly from: number[] = [];

  override read(options: ReadOptions = {}): ReturnType<MemoryEventLog['read']> {
    if (options.to !== options.from) this.from.push(options.from ?? 1);
    return super.read(options);
  }
}

const namespace = (name: string): ReturnType<typeof rawEntry> => {
  const metadata = { name, uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' };
  return rawEntry('ObjectCreated', { object: { apiVersion: 'skyflow.io/v1', kind: 'Namespace', metadata } });
};

describe('states of the past', () => {
  it('are folded once: a read that takes long leaves snapshots that the next one begins with, and gives the same', async () => {
    const log = new NotedLog();
    for (let seq = 1; seq <= 3_000; seq += 1) await appendEntries(log, commandSubject(), namespace(`n${seq}`));
    const snapshots = new MemorySnapshotStore();
    const warnings: string[] = [];
    const states = (): PastStates =>
      new PastStates({
        ...{ log, snapshots, stepMs: 0, stopping: new AbortController().signal },
        warn: (line) => warnings.push(line),
      });
    const namesAt = (past: PastStates, seq: number): Promise<string[]> =>
      past.at(seq, ({ state }) => [...state.table.ordered('Namespace')].map(({ name }) => name));

    const first = await namesAt(states(), 2_900);
    expect(first).toHaveLength(2_900);
    while ((await Array.fromAsync(snapshots.list())).length === 0) await new Promise(setImmediate);
    const [left] = await Array.fromAsync(snapshots.list());
    expect(left?.header.seq).toBeLessThan(2_900);

    const second = states();
    expect(await namesAt(second, 2_950)).toHaveLength(2_950);
    expect(log.from).toEqual([1, (left?.header.seq ?? 0) + 1]);
    // Its chains are checked from there on, as from the beginning; and what was before is not of it.
    expect(await namesAt(second, 2_900)).toEqual(first);
    expect(await namesAt(second, 1)).toEqual(['n1']);
    expect(warnings).toEqual([]);
  });
});
