/** A decision copies no state and looks at no other workload, however many there are: rounds cost what they decide. */
import { describe, expect, it, jest } from '@jest/globals';
import { decideRound } from './decide-round.js';
import { roundLimits } from './round-limits.js';
import { evolveScheduling } from './evolve.js';
import { History, node, workload } from './testing/history.js';

/** A map that can be asked, and not gone through. */
class OnlyAsked<K, V> extends Map<K, V> {
  override entries(): never {
    throw new Error('a round went through all workloads');
  }
  override values(): never {
    return this.entries();
  }
  override keys(): never {
    return this.entries();
  }
  override forEach(): never {
    return this.entries();
  }
  override [Symbol.iterator](): never {
    return this.entries();
  }
}

describe('a decision', () => {
  function crowded(clusters: number, jobs: number): History {
    const history = new History();
    history.startEpoch();
    for (let index = 0; index < clusters; index++)
      history.cluster(`c-${index}`, [node(`c-${index}-1`, { cpu: 1e6, pods: 1e5 })]);
    history.create(...Array.from({ length: jobs }, (_, at) => workload(`j-${at}`, { requests: { cpu: '1' } })));
    history.schedule();
    return history;
  }

  it('copies the room of the cluster that it takes, and nothing else', () => {
    const history = crowded(50, 200);
    history.create(workload('one', { requests: { cpu: '1' } }));
    const copies = jest.spyOn(Float64Array.prototype, 'slice');
    const [draft] = decideRound(history.state, roundLimits(1));
    // What is free on its nodes, and the sum.
    expect(copies).toHaveBeenCalledTimes(2);
    copies.mockRestore();
    expect(draft?.data.unplaced).toBe(0);
  });

  it('goes through no other workload: not to be made, not to be folded', () => {
    const history = crowded(5, 200);
    history.create(workload('one', { requests: { cpu: '1' } }));
    const { state } = history;
    const all = [...state.workloads];
    const guarded = new OnlyAsked<string, (typeof all)[number][1]>();
    for (const [uid, record] of all) guarded.set(uid, record);
    Object.assign(state, { workloads: guarded });
    const drafts = decideRound(state, roundLimits(1));
    expect(drafts).toHaveLength(1);
    for (const { data } of drafts) {
      const entry = { type: 'PlacementDecided' as const, v: 1, at: 0, actor: 'test', corr: 'test', data };
      evolveScheduling(state, entry, {
        position: state.position + 1,
        subject: 'sky.evt.scheduler',
        commitId: 'c',
        index: 0,
      });
    }
    expect(state.workloads.get('uid-one')?.shares).toHaveLength(1);
  });
});
