/** Logs that earlier versions wrote, as tests/recorded-logs keeps them: they fold, and every round is decided as it was. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Commit, type Entry, decodeEntry, positionOf } from '@skyflow/contracts';
import { evolveObjects } from '../../objects/evolve-objects.js';
import { initialObjects } from '../../objects/objects-state.js';
import { evolveScheduling } from '../evolve.js';
import { decodeScheduling, encodeScheduling } from '../snapshot.js';
import { type EntryPlace, initialScheduling } from '../state.js';
import { Verification } from './verification.js';

const folder = fileURLToPath(new URL('../../../../../tests/recorded-logs/', import.meta.url));
/** Those of whole systems: kinds.log.gz has a gateway alone. */
const logs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.log.gz') && !path.endsWith('kinds.log.gz'),
);

interface Line {
  seq: number;
  subject: string;
  storedAt: number;
  commit: Commit;
}

function* entriesOf(path: string): Generator<{ entry: Entry; place: EntryPlace & { seq: number } }> {
  for (const line of gunzipSync(readFileSync(folder + path))
    .toString()
    .trimEnd()
    .split('\n')) {
    const { seq, subject, commit } = JSON.parse(line) as Line;
    for (const [index, raw] of commit.entries.entries()) {
      const place = { position: positionOf(seq, index), seq, subject, commitId: commit.id, index };
      yield { entry: decodeEntry(raw), place };
    }
  }
}

async function* piecesOf(state: ReturnType<typeof initialScheduling>): AsyncGenerator {
  for (const piece of encodeScheduling(state))
    yield await Promise.resolve(JSON.parse(JSON.stringify(piece)) as unknown);
}

describe.each(logs)('the recorded log %s', (path) => {
  it('is decided again as it was decided then', () => {
    const verification = new Verification();
    let recorded = 0;
    for (const { entry, place } of entriesOf(path)) {
      if (entry.type === 'PlacementDecided') recorded++;
      expect(verification.take(entry, place)).toBeUndefined();
    }
    expect(recorded).toBeGreaterThan(0);
    const { decisions, mismatches, skipped } = verification.report;
    expect(mismatches).toBe(0);
    expect(decisions + skipped.superseded + skipped.beforeBasis).toBe(recorded);
    expect(skipped.beforeBasis).toBe(0);
  });

  it('folds into a state whose snapshot is the same state', async () => {
    const state = initialScheduling();
    for (const { entry, place } of entriesOf(path)) evolveScheduling(state, entry, place);
    expect(state.workloads.size).toBeGreaterThan(0);
    const again = await decodeScheduling(piecesOf(state));
    expect(JSON.stringify([...encodeScheduling(again)])).toBe(JSON.stringify([...encodeScheduling(state)]));
  });

  it('folds into the objects that users see', () => {
    let objects = initialObjects();
    for (const { entry, place } of entriesOf(path)) objects = evolveObjects(objects, entry, place);
    expect(objects.table.count('Cluster')).toBe(2);
  });
});
