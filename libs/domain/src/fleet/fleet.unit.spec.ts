import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Entry, EntryData, EntryType } from '@skyflow/contracts';
import { decodeFleet, encodeFleet, evolveFleet, initialFleet, type FleetState } from './fleet.js';

const entry = <T extends EntryType>(type: T, data: EntryData<T>): Entry =>
  ({ type, v: 1, at: 0, actor: 'test', corr: 'c', data }) as Entry;
const ref = { kind: 'Cluster', name: 'c1', uid: 'u1' };
const created = entry('ObjectCreated', {
  object: {
    apiVersion: 'skyflow.io/v1',
    kind: 'Cluster',
    metadata: { name: 'c1', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' },
  },
});
const health = (epoch: number, state: 'READY' | 'LOST', uid = 'u1'): Entry =>
  entry('ClusterHealthDecided', { epoch, cluster: 'c1', uid, state, reason: 'R', message: 'm' });

const scheduler = 'sky.evt.scheduler';
function fold(...steps: [Entry, string][]): FleetState {
  return steps.reduce((state, [next, subject]) => evolveFleet(state, next, { subject }), initialFleet());
}

describe('the fleet', () => {
  it('knows clusters from their registration to their release', () => {
    const registered: [Entry, string][] = [[created, 'sky.cmd.0']];
    expect(fold(...registered).clusters.get('c1')).toMatchObject({ health: 'INIT', deleting: false });
    const deleted: [Entry, string][] = [...registered, [entry('ObjectDeleted', { ref }), 'sky.cmd.0']];
    expect(fold(...deleted).clusters.get('c1')).toMatchObject({ deleting: true });
    expect(fold(...deleted, [entry('ObjectReleased', { epoch: 1, ref }), scheduler]).clusters.size).toBe(0);
  });

  it('takes no decision of an older epoch, nor of another cluster of the same name', () => {
    const state = fold(
      [created, 'sky.cmd.0'],
      [entry('EpochStarted', { epoch: 5, holder: 'h' }), scheduler],
      [health(5, 'READY'), scheduler],
      [health(4, 'LOST'), scheduler],
      [health(9, 'LOST', 'other'), scheduler],
    );
    expect(state.clusters.get('c1')?.health).toBe('READY');
  });

  it('keeps the epochs of deciders apart', () => {
    const state = fold(
      [created, 'sky.cmd.0'],
      [entry('EpochStarted', { epoch: 100, holder: 'h' }), 'sky.evt.mesh'],
      [health(7, 'READY'), scheduler],
    );
    expect(state.clusters.get('c1')?.health).toBe('READY');
  });

  it('is the same after the way through a snapshot', async () => {
    const state = fold(
      [created, 'sky.cmd.0'],
      [entry('EpochStarted', { epoch: 2, holder: 'h' }), scheduler],
      [health(2, 'READY'), scheduler],
    );
    const pieces = JSON.parse(JSON.stringify(encodeFleet(state))) as unknown[];
    const again = await decodeFleet(Readable.from(pieces));
    expect(again).toEqual(state);
  });
});
