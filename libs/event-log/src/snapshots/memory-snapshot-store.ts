/** Snapshots in memory, for tests: the last two of the log. Pieces are copied, so the fold may go on changing what it yielded. */
import type { Snapshot, SnapshotHeader, SnapshotStore } from './snapshot-store.js';

const KEPT = 2;

export class MemorySnapshotStore implements SnapshotStore {
  #kept: { header: SnapshotHeader; pieces: unknown[] }[] = [];

  async save(header: SnapshotHeader, pieces: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    const copies: unknown[] = [];
    for await (const piece of pieces) copies.push(structuredClone(piece));
    const all = [{ header: structuredClone(header), pieces: copies }, ...this.#kept];
    this.#kept = all.sort((a, b) => b.header.seq - a.header.seq).slice(0, KEPT);
  }

  async *list(upToSeq = Infinity): AsyncGenerator<Snapshot> {
    for (const { header, pieces } of this.#kept) {
      if (header.seq > upToSeq) continue;
      yield await Promise.resolve({ header: structuredClone(header), pieces: copiesOf(pieces) });
    }
  }
}

async function* copiesOf(pieces: readonly unknown[]): AsyncGenerator {
  for (const piece of pieces) yield await Promise.resolve(structuredClone(piece));
}
