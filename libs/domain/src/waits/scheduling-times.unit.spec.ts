import { describe, expect, it } from '@jest/globals';
import type { Entry } from '@skyflow/contracts';
import fc from 'fast-check';
import { initialObjects } from '../objects/objects-state.js';
import {
  type SchedulingTimes,
  beginSchedulingTimes,
  durations,
  evolveSchedulingTimes,
  takeWaits,
} from './scheduling-times.js';

const SUBJECTS: Readonly<Record<string, string>> = {
  ObjectCreated: 'sky.cmd.0',
  ObjectDeleted: 'sky.cmd.0',
};

/** A log of one's own: entries at their times. */
class Log {
  private position = 10_000;
  times: SchedulingTimes = beginSchedulingTimes(initialObjects());

  add(atMs: number, type: string, data: object): void {
    const entry = { type, v: 1, at: atMs, actor: 'jo', corr: 'c', data } as unknown as Entry;
    const subject = SUBJECTS[type] ?? 'sky.evt.scheduler';
    this.position += 10_000;
    evolveSchedulingTimes(this.times, entry, { position: this.position, subject }, atMs);
  }
  object = (name: string, queue?: string) => ({
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
    spec: { replicas: 2, ...(queue === undefined ? {} : { queue }), template: { spec: { containers: [] } } },
  });
  ref = (name: string) => ({ kind: 'Job', namespace: 'default', name, uid: name });
  submit(atMs: number, name: string, queue?: string): void {
    this.add(atMs, 'ObjectCreated', { object: this.object(name, queue) });
  }
  decide(atMs: number, name: string, placed: number): void {
    const placements = placed === 0 ? [] : [{ cluster: 'east', replicas: placed }];
    const more = { epoch: 1, generation: 1, basis: 0, code: 'x', verdicts: [] };
    this.add(atMs, 'PlacementDecided', { ...more, ref: this.ref(name), placements, unplaced: 2 - placed });
  }
}

describe('how long workloads waited', () => {
  it('ends with the last place', () => {
    const log = new Log();
    log.add(0, 'EpochStarted', { epoch: 1, holder: 'x' });
    log.submit(1_000, 'quick');
    log.decide(1_010, 'quick', 2);
    log.submit(2_000, 'late');
    log.decide(2_020, 'late', 0);
    log.decide(9_000, 'late', 2);
    // What comes later is no wait.
    log.decide(20_000, 'late', 2);
    expect(log.times.lives.size).toBe(0);
    expect(takeWaits(log.times, 'default')).toEqual({
      waits: { count: 2, medianMs: 10, p95Ms: 7_000, longestMs: 7_000 },
      waiting: 0,
    });
    expect(takeWaits(log.times, 'default').waits).toEqual({ count: 0 });
  });

  it('is told of each queue, with those that wait still and without those that were deleted', () => {
    const log = new Log();
    log.add(0, 'EpochStarted', { epoch: 1, holder: 'x' });
    for (const name of ['a', 'b', 'c']) log.submit(1_000, name, 'team');
    log.submit(1_000, 'd');
    log.decide(3_000, 'a', 1);
    log.decide(5_000, 'a', 2);
    log.decide(5_000, 'b', 0);
    log.add(6_000, 'ObjectDeleted', { ref: log.ref('c') });
    expect(takeWaits(log.times, 'team')).toEqual({
      waits: { count: 1, medianMs: 4_000, p95Ms: 4_000, longestMs: 4_000 },
      waiting: 1,
    });
  });

  it('goes on for what waits when one begins to look', () => {
    const log = new Log();
    log.add(0, 'EpochStarted', { epoch: 1, holder: 'x' });
    log.submit(0, 'old', 'team');
    log.times = beginSchedulingTimes(log.times.objects);
    log.decide(Date.parse('2026-01-01T00:01:00Z'), 'old', 2);
    expect(takeWaits(log.times, 'team').waits).toMatchObject({ count: 1, longestMs: 60_000 });
  });

  it('has percentiles that are durations of the list, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (each) => {
        const { count, medianMs = -1, p95Ms = -1, longestMs = -1 } = durations(each);
        expect(count).toBe(each.length);
        for (const one of [medianMs, p95Ms, longestMs]) expect(each).toContain(one);
        expect(medianMs <= p95Ms && p95Ms <= longestMs).toBe(true);
        expect(longestMs).toBe(Math.max(...each));
        expect(each.filter((one) => one <= medianMs).length).toBeGreaterThanOrEqual(each.length / 2);
      }),
    );
  });
});
