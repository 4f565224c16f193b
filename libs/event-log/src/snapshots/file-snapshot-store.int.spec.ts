import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FileSnapshotStore } from './file-snapshot-store.js';
import type { SnapshotHeader } from './snapshot-store.js';

const headerAt = (seq: number): SnapshotHeader => ({
  foldVersion: '1',
  seq,
  hash: 'h',
  heads: { 'sky.cmd.0': { seq, hash: 'h' } },
});

const piecesOf = async (pieces: AsyncIterable<unknown>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
};

describe('FileSnapshotStore', () => {
  let dir: string;
  let warnings: string[];
  let store: FileSnapshotStore;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'skyflow-snapshots-'));
    warnings = [];
    store = new FileSnapshotStore(dir, { warn: (line) => warnings.push(line) });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('has nothing in a directory that does not exist', async () => {
    expect(await Array.fromAsync(new FileSnapshotStore(join(dir, 'absent')).list())).toEqual([]);
  });

  it('gives back header and pieces, JSON and bytes', async () => {
    const pieces = [{ a: 'ä€😀', list: [1, null] }, new Uint8Array([0, 255, 7]), 'text', []];
    await store.save(headerAt(7), pieces);
    const [snapshot] = await Array.fromAsync(store.list());
    expect(snapshot!.header).toEqual(headerAt(7));
    expect(await piecesOf(snapshot!.pieces)).toEqual(pieces);
  });

  it('gives back pieces that are longer than what is read of a file at once, and many short ones', async () => {
    const long = 'ä'.repeat(1_500_000);
    const pieces = [long, ...Array.from({ length: 5_000 }, (_, at) => ({ at, text: 'x'.repeat(at % 700) })), [long]];
    await store.save(headerAt(7), pieces);
    const [snapshot] = await Array.fromAsync(store.list());
    expect(await piecesOf(snapshot!.pieces)).toEqual(pieces);
  });

  it('keeps the last two, newest first', async () => {
    for (const seq of [9, 10, 100]) await store.save(headerAt(seq), [seq]);
    expect((await Array.fromAsync(store.list())).map(({ header }) => header.seq)).toEqual([100, 10]);
    expect(readdirSync(dir).sort()).toEqual(['10.snapshot', '100.snapshot']);
  });

  it('takes away what a process left that was killed while it wrote, and nothing younger', async () => {
    const [old, young] = ['5.0a-1.tmp', '6.0b-2.tmp'] as const;
    for (const name of [old, young, 'notes.tmp']) writeFileSync(join(dir, name), 'half');
    for (const name of [old, 'notes.tmp']) utimesSync(join(dir, name), 1, 1);
    await store.save(headerAt(7), ['x']);
    expect(readdirSync(dir).sort()).toEqual([young, '7.snapshot', 'notes.tmp']);
  });

  it('leaves the old ones alone when saving fails in the middle', async () => {
    await store.save(headerAt(1), ['one']);
    const failing = (function* () {
      yield 'begun';
      throw new Error('the fold failed');
    })();
    await expect(store.save(headerAt(2), failing)).rejects.toThrow('the fold failed');
    await expect(store.save(headerAt(3), ['x'], AbortSignal.abort())).rejects.toThrow(/abort/i);
    expect(readdirSync(dir)).toEqual(['1.snapshot']);
  });

  it('ignores a damaged one, whatever byte is wrong or missing, and says so', async () => {
    await store.save(headerAt(5), [{ name: 'piece' }, new Uint8Array(20)]);
    const path = join(dir, '5.snapshot');
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, cut) => {
          const bad = cut ? good.subarray(0, at) : Buffer.from(good);
          if (!cut) bad[at] = bad[at]! ^ flip;
          writeFileSync(path, bad);
          warnings.length = 0;
          expect(await Array.fromAsync(store.list())).toEqual([]);
          expect(warnings).toEqual([expect.stringMatching(/^snapshot .*5\.snapshot is ignored: /)]);
        },
      ),
    );
  });
});
