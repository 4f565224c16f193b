import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { superfluousSnapshots } from './superfluous-snapshots.js';

const at = (...seqs: number[]) => seqs.map((seq) => ({ seq, bytes: 10 }));

describe('which snapshots go', () => {
  it('all but the last two, unless older ones are wanted', () => {
    expect(superfluousSnapshots(at(50, 40, 30, 20), { most: 0, bytes: 0 }).sort()).toEqual([20, 30]);
    expect(superfluousSnapshots(at(50, 40), { most: 0, bytes: 0 })).toEqual([]);
  });

  it('those close to others, so that the rest is spread over the log', () => {
    expect(superfluousSnapshots(at(100, 99, 60, 58, 30), { most: 2, bytes: 1000 })).toEqual([58]);
  });

  it('as many as take too much room', () => {
    expect(superfluousSnapshots(at(100, 90, 80, 50, 20), { most: 9, bytes: 20 })).toHaveLength(1);
  });

  it('never the last two, and no more than must', () => {
    const logs = fc.uniqueArray(fc.integer({ min: 1, max: 1e6 })).map((seqs) => at(...seqs.sort((a, b) => b - a)));
    fc.assert(
      fc.property(logs, fc.nat(20), (snapshots, most) => {
        const gone = superfluousSnapshots(snapshots, { most, bytes: Infinity });
        expect(gone).toHaveLength(Math.max(0, snapshots.length - 2 - most));
        for (const { seq } of snapshots.slice(0, 2)) expect(gone).not.toContain(seq);
      }),
    );
  });

  it('a log that grows keeps no gap much wider than even steps would be', () => {
    let kept = at();
    for (let seq = 1; seq <= 2000; seq++) {
      const all = [...at(seq), ...kept];
      const gone = superfluousSnapshots(all, { most: 16, bytes: Infinity });
      kept = all.filter((each) => !gone.includes(each.seq));
    }
    const steps = [...kept.map(({ seq }) => seq), 0];
    const gaps = steps.slice(1).map((seq, index) => (steps[index] ?? 0) - seq);
    expect(Math.max(...gaps)).toBeLessThan((2000 / 16) * 3);
  });
});
