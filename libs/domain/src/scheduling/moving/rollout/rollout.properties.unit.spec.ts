/** What must hold of every rollout, whatever is edited and reported meanwhile. SKYFLOW_LONG=1 tries it at least 100,000 times. */
import { describe, expect, it } from '@jest/globals';
import type { RolloutStrategy } from '@skyflow/contracts';
import fc from 'fast-check';
import { expectJsonKeeps } from '../../testing/json-keeps.js';
import { runs } from '../../testing/long-runs.js';
import { Fleet } from './testing/fleet.js';

const CLUSTERS = ['a', 'b', 'c', 'd'];

const strategy = fc.record(
  {
    type: fc.constantFrom('All', 'Progressive', 'ProgressivePerGroup'),
    maxConcurrency: fc.integer({ min: 1, max: 3 }),
    maxFailures: fc.integer({ min: 0, max: 2 }),
    minReadySeconds: fc.constantFrom(0, 30),
    onFailure: fc.constantFrom('Rollback', 'Pause'),
    paused: fc.boolean(),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<RolloutStrategy>;

type Event =
  | { what: 'edit'; image: string; rollout: RolloutStrategy }
  | { what: 'report'; cluster: string; failed: boolean }
  | { what: 'wait'; seconds: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ what: fc.constant('edit' as const), image: image(), rollout: strategy }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('report' as const),
      cluster: fc.constantFrom(...CLUSTERS),
      failed: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 600) }),
  },
);

function image(): fc.Arbitrary<string> {
  return fc.constantFrom('v1', 'v2', 'v3');
}

function happen(fleet: Fleet, each: Event): void {
  if (each.what === 'edit') fleet.edit(each.image, each.rollout);
  else if (each.what === 'report') fleet.report(each.cluster, each.failed ? 'FAILED' : 'RUNNING');
  else fleet.step(each.seconds);
}

/** Clusters that were told another image by what happened. */
const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  CLUSTERS.filter((name) => before[name] !== after[name]);

describe('every rollout', () => {
  it('changes no more clusters at a time than it may, none while it is paused, and none when too many failed', () => {
    fc.assert(
      fc.property(strategy, fc.array(event, { maxLength: 25 }), (first, events) => {
        const fleet = new Fleet(first);
        let now: RolloutStrategy = first;
        let wanted = 'v1';
        for (const each of events) {
          const before = fleet.images();
          happen(fleet, each);
          if (each.what === 'edit') {
            [now, wanted] = [each.rollout, each.image];
            continue;
          }
          const forward = changed(before, fleet.images()).filter((name) => fleet.images()[name] === wanted);
          const told = fleet.last();
          const updating = told?.released.filter(({ state }) => state === 'Updating').length ?? 0;
          const failed = told?.released.filter(({ state }) => state === 'Failed').length ?? 0;
          if (now.paused === true && told?.state === 'Progressing') expect(forward).toEqual([]);
          if (forward.length > 0 && now.type === 'Progressive') {
            expect(updating).toBeLessThanOrEqual(Math.max(now.maxConcurrency ?? 1, updating - forward.length));
            expect(failed).toBeLessThanOrEqual(now.maxFailures ?? 0);
          }
        }
      }),
      runs(150),
    );
  });

  it('ends when nobody edits any more: everywhere, back where it was, or stopped; and the log says it again', () => {
    fc.assert(
      fc.property(strategy, fc.array(event, { maxLength: 20 }), image(), (first, events, last) => {
        const fleet = new Fleet(first);
        for (const each of events) happen(fleet, each);
        fleet.edit(last, { ...first, paused: false });
        for (let round = 0; round < 12; round++) {
          for (const name of CLUSTERS) fleet.report(name);
          fleet.step(30);
        }
        const { moves } = fleet.history.state.workloads.get('uid-web') ?? {};
        expect(moves?.rollout?.state).not.toBe('Progressing');
        if (moves?.rollout === undefined) expect(new Set(Object.values(fleet.images()))).toEqual(new Set([last]));
        if (moves?.rollout?.state === 'RolledBack') expect(new Set(Object.values(fleet.images())).size).toBe(1);
        expectJsonKeeps(fleet.history);
        const again = fleet.history.replay();
        expect(again.workloads.get('uid-web')?.moves).toEqual(moves);
        expect(again.unissued.size).toBe(0);
      }),
      runs(100),
    );
  });
});
