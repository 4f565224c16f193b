import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@skyflow/contracts';
import { StageTimes } from './stage-times.js';

const ref = { kind: 'Job', namespace: 'default', name: 'a', uid: 'u' };
const entry = (type: string, at: number, data: object, trace?: string): Entry =>
  ({ type, v: 1, at, actor: 'a', corr: 'c', data, ...(trace === undefined ? {} : { trace }) }) as unknown as Entry;
const object = { kind: 'Job', metadata: ref };
const created = entry('ObjectCreated', 1_000, { object });
const decided = (at: number, placements: object[]): Entry => entry('PlacementDecided', at, { ref, placements });
const assigned = (at: number): Entry => entry('WorkAssigned', at, { object });
const observed = (at: number, phase: string, trace?: string): Entry => entry('WorkObserved', at, { ref, phase }, trace);

describe('stage times', () => {
  it('are told once for each stage, per cluster from where it is issued', () => {
    const times = new StageTimes();
    expect(times.take(created, 'sky.cmd.0')).toEqual([]);
    expect(times.take(decided(1_100, []), 'sky.evt.scheduler')).toEqual([]);
    expect(times.take(decided(2_000, [{}]), 'sky.evt.scheduler')).toMatchObject([{ stage: 'decide', ms: 1_000 }]);
    expect(times.take(decided(2_100, [{}]), 'sky.evt.scheduler')).toEqual([]);
    expect(times.take(assigned(2_010), 'sky.work.a')).toMatchObject([{ stage: 'issue', ms: 10 }]);
    expect(times.take(assigned(2_030), 'sky.work.b')).toMatchObject([{ stage: 'issue', ms: 30 }]);
    expect(times.take(observed(2_050, 'PENDING'), 'sky.obs.a')).toMatchObject([{ stage: 'report', ms: 40 }]);
    expect(times.take(observed(2_060, 'PENDING'), 'sky.obs.a')).toEqual([]);
    expect(times.take(observed(2_110, 'RUNNING', 't'), 'sky.obs.a')).toEqual([{ stage: 'run', ms: 100, trace: 't' }]);
    expect(times.take(observed(2_131, 'SUCCEEDED'), 'sky.obs.b')).toMatchObject([
      { stage: 'report', ms: 101 },
      { stage: 'run', ms: 101 },
    ]);
    expect(times.take(observed(2_200, 'RUNNING'), 'sky.obs.b')).toEqual([]);
  });

  it('are never negative, and of nothing that was there before or is deleted', () => {
    const times = new StageTimes();
    expect(times.take(decided(1, [{}]), 'sky.evt.scheduler')).toEqual([]);
    times.take(created, 'sky.cmd.0');
    expect(times.take(decided(900, [{}]), 'sky.evt.scheduler')).toMatchObject([{ ms: 0 }]);
    times.take(entry('ObjectDeleted', 2_000, { ref }), 'sky.cmd.0');
    expect(times.take(assigned(2_010), 'sky.work.a')).toEqual([]);
  });

  it('are forgotten of what was submitted long ago, however much never comes to run', () => {
    const times = new StageTimes();
    times.take(created, 'sky.cmd.0');
    for (let number = 0; number < 100_000; number += 1) {
      const metadata = { ...ref, uid: `u${number}` };
      times.take(entry('ObjectCreated', 1_000, { object: { kind: 'Job', metadata } }), 'sky.cmd.0');
    }
    expect(times.take(decided(2_000, [{}]), 'sky.evt.scheduler')).toEqual([]);
    const last = entry('PlacementDecided', 2_000, { ref: { ...ref, uid: 'u99999' }, placements: [{}] });
    expect(times.take(last, 'sky.evt.scheduler')).toHaveLength(1);
  });
});
