/** What explain says of clusters that have room, to a workload whose queue, gang or place in line keeps it from that room. */
import { describe, expect, it } from '@jest/globals';
import type { ClusterExplanation, StoredObject } from '@skyflow/contracts';
import { Reason } from '../reasons.js';
import { History, node, queue, workload } from '../testing/history.js';
import { explainNow } from './explain-now.js';

const job = (name: string, cpu: string, spec: Record<string, unknown> = {}, replicas = 1): StoredObject =>
  workload(name, { requests: { cpu }, replicas, spec });

function twoBy2(): History {
  const history = new History();
  history.startEpoch();
  for (const name of ['a', 'b']) history.cluster(name, [node(`${name}-1`, { cpu: 2000 })]);
  history.create(queue('q'));
  return history;
}

function clustersOf(history: History, { metadata }: StoredObject): ClusterExplanation[] {
  const found = explainNow(history.state, metadata.uid, 0);
  if (found === undefined) throw new Error('there is no such workload');
  return found.clusters;
}

describe('explaining a workload that queues keep from room', () => {
  it('names those for whom the room is kept, and what of it it would get', () => {
    const history = twoBy2();
    history.create(job('filler', '1500m', { queue: 'q' }, 2));
    history.schedule();
    const first = job('first', '1800m', { queue: 'q' });
    const small = job('small', '400m', { queue: 'q', placement: { clusters: ['a'] } });
    const larger = job('larger', '600m', { queue: 'q', placement: { clusters: ['a'] } });
    history.create(first, small, larger);
    history.schedule();
    expect(history.decisionOn(small)).toMatchObject({
      unplaced: 1,
      message: expect.stringContaining('room for 1 is free and kept for another workload that waits') as unknown,
    });
    expect(history.decisionOn(larger)).toMatchObject({
      message: expect.stringContaining('needs 600m cpu per replica, the largest node has 500m free') as unknown,
    });
    expect(clustersOf(history, small)[0]).toEqual({
      cluster: 'a',
      replicas: 0,
      plugin: 'Queues',
      reason: Reason.ROOM_KEPT,
      message: 'room for 1 is free and kept for job default/first, first in line',
      change: ['job default/first placed or gone, or a higher priority'],
    });
    expect(clustersOf(history, larger)[0]?.change).toEqual([
      'needs 0.1 CPU less',
      'job default/first placed or gone, as room there is kept for it',
    ]);
    expect(clustersOf(history, first)[0]).toMatchObject({ plugin: 'NodeFit', change: ['needs 1.3 CPU less'] });
  });

  it('says how many of a gang fit, and which of its workloads are not there', () => {
    const history = twoBy2();
    const ring = job('ring', '1500m', { queue: 'q', gang: {} }, 3);
    const half = job('half', '100m', { queue: 'q', gang: { name: 'pair', size: 2 } });
    history.create(ring, half);
    history.schedule();
    expect(clustersOf(history, ring)[0]).toMatchObject({
      reason: Reason.GANG_DOES_NOT_FIT,
      message: 'all 3 replicas must be placed together, 2 fit on all clusters together',
      change: ['room for 1 more on all clusters together'],
    });
    expect(clustersOf(history, half)[0]).toMatchObject({
      reason: Reason.GANG_INCOMPLETE,
      message: '1 of 2 workloads of gang default/pair are there',
      change: ['the other workloads of gang default/pair'],
    });
  });

  it('says what its quota leaves', () => {
    const history = twoBy2();
    history.create(queue('small', { quotas: [{ resource: 'cpu', nominal: '1' }] }));
    const over = job('over', '1500m', { queue: 'small' });
    history.create(over);
    history.schedule();
    expect(clustersOf(history, over)[0]).toMatchObject({
      plugin: 'Queues',
      reason: Reason.QUOTA_EXCEEDED,
      message: expect.stringContaining('the quota of queue small allows 0 of 1 replicas') as unknown,
      change: ['more quota for queue small, or less of it in use'],
    });
  });
});

describe('a gang that would not fit if nothing else ran', () => {
  it('keeps no room from others, and says so', () => {
    const history = twoBy2();
    const never = job('never', '1500m', { queue: 'q', gang: {} }, 3);
    history.create(job('filler', '1', { queue: 'q' }), never);
    history.schedule();
    expect(history.decisionOn(never)?.message).toContain(
      'there is room for 1, and for no more than 2 if nothing else ran',
    );
    const small = job('small', '500m', { queue: 'q' }, 2);
    history.create(small);
    history.schedule();
    expect(history.decisionOn(small)?.unplaced).toBe(0);
  });
});
