import { describe, expect, it } from '@jest/globals';
import type { Entry, QueueSpec, QueueStatus, StoredObject } from '@skyflow/contracts';
import { positionOf } from '@skyflow/contracts';
import { apiObject, statusBasis } from './api-object.js';
import { foldAll, storedObject } from './histories.testing.js';
import type { Liveness } from './sightings.js';

const liveness: Liveness = { nowMs: 0, lastHeartbeatMs: () => 0, listeningSinceMs: 0, staleAfterMs: 5_000 };

const queue = (name: string, cpu: number, parent?: string): StoredObject => {
  const spec: QueueSpec = { quotas: [{ resource: 'cpu', nominal: cpu }], ...(parent !== undefined && { parent }) };
  const metadata = { name, uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'skyflow.io/v1', kind: 'Queue', metadata, spec };
};

function statusOf(name: string, objects: readonly StoredObject[], placed: readonly Entry[]): QueueStatus {
  const created = objects.map((object) => ({ type: 'ObjectCreated', v: 1, at: 0, data: { object } }) as Entry);
  const state = foldAll(
    [...created, ...placed].map((entry, index) => ({
      entry,
      place: { position: positionOf(index + 1, 0), subject: 'sky.cmd', commitId: String(index), index: 0 },
    })),
  );
  const record = state.table.get('Queue', '', name);
  if (record === undefined) throw new Error('there is no such queue');
  return (apiObject(record, statusBasis(state, liveness)) as unknown as { status: QueueStatus }).status;
}

describe('the status of a queue with queues below it', () => {
  it('counts as borrowed what all of them use beyond what all of them are sure of', () => {
    const job = storedObject('Job', 'default', 'job', 'u1', { replicas: 5 });
    const inA = { ...job, spec: { ...(job.spec as object), queue: 'a' } };
    const decided = (replicas: number): Entry =>
      ({
        type: 'PlacementDecided',
        v: 1,
        at: 0,
        data: {
          epoch: 1,
          ref: { kind: 'Job', namespace: 'default', name: 'job', uid: 'u1' },
          generation: 1,
          placements: [{ cluster: 'x', replicas }],
          unplaced: 5 - replicas,
          basis: 0,
          code: 'test',
          verdicts: [],
        },
      }) as unknown as Entry;
    const all = [queue('root', 1), queue('a', 1, 'root'), queue('b', 0.5, 'root'), inA];
    expect(statusOf('root', all, [decided(4)])).toMatchObject({ used: { cpu: 2000 }, borrowed: {} });
    expect(statusOf('a', all, [decided(4)])).toMatchObject({ used: { cpu: 2000 }, borrowed: { cpu: 1000 } });
    const tight = [queue('root', 0.5), queue('a', 1, 'root'), inA];
    expect(statusOf('root', tight, [decided(4)])).toMatchObject({ used: { cpu: 2000 }, borrowed: { cpu: 500 } });
  });
});
