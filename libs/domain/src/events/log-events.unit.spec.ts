import { describe, expect, it } from '@jest/globals';
import type { RawEntry } from '@skyflow/contracts';
import { logEvents } from './log-events.js';

const ref = { kind: 'Job', namespace: 'default', name: 'hello', uid: 'u1' };
const entry = (type: string, data: object): RawEntry => ({ type, v: 1, at: 1_000, actor: 'ada', corr: 'c', data });
const said = (type: string, data: object, subject = 'sky.evt.scheduler'): string[] =>
  logEvents(entry(type, data), 10_000, subject).map(
    ({ type: kind, reason, message }) => `${kind} ${reason}: ${message}`,
  );

describe('what the log says to people', () => {
  it('is who asked for what', () => {
    const object = { kind: 'Job', metadata: { name: 'hello', namespace: 'default', uid: 'u1' } };
    expect(logEvents(entry('ObjectCreated', { object }), 10_001, 'sky.cmd.0')).toEqual([
      {
        ref,
        at: 1_000,
        position: 10_001,
        index: 0,
        type: 'Normal',
        reason: 'Created',
        message: 'created by ada',
        actor: 'ada',
      },
    ]);
    expect(said('ObjectDeleted', { ref, force: true })).toEqual([
      'Normal Deleted: deleted by ada, without waiting for clusters',
    ]);
  });

  it('is where replicas are placed, and why some wait', () => {
    const placements = [
      { cluster: 'east', replicas: 2 },
      { cluster: 'west', replicas: 1 },
    ];
    expect(said('PlacementDecided', { ref, placements, unplaced: 0 })).toEqual([
      'Normal Placed: replicas placed: east 2, west 1',
    ]);
    expect(
      said('PlacementDecided', { ref, placements: [], unplaced: 3, reason: 'Unschedulable', message: 'no CPU' }),
    ).toEqual(['Warning Unschedulable: no replica is placed; 3 wait: no CPU']);
  });

  it('is what became of it on each cluster', () => {
    const counts = { replicas: 2, ready: 1, running: 2, pending: 0, succeeded: 0, failed: 0 };
    expect(said('WorkObserved', { ref, phase: 'RUNNING', ...counts }, 'sky.obs.east')).toEqual([
      'Normal Running: east: 2 of 2 running, 1 ready',
    ]);
    const failed = {
      ref,
      phase: 'FAILED',
      ...counts,
      running: 0,
      failed: 2,
      reason: 'OOMKilled',
      message: 'too much memory',
    };
    expect(said('WorkObserved', failed, 'sky.obs.east')).toEqual([
      'Warning OOMKilled: east: 0 of 2 running, 1 ready, 2 failed: too much memory',
    ]);
  });

  it('is nothing where there is nothing for people, and of each share that is evicted one', () => {
    expect(said('EpochStarted', { epoch: 1, holder: 'x' })).toEqual([]);
    expect(said('ObjectCreated', { object: { kind: 'Token', metadata: { name: 't', uid: 'u' } } })).toEqual([]);
    const shares = [
      { ref, replicas: 1 },
      { ref, replicas: 2, to: 'west' },
    ];
    expect(said('EvictionDecided', { cluster: 'east', message: 'it is drained', shares })).toEqual([
      'Warning Evicted: 1 replicas have to leave east: it is drained',
      'Warning Evicted: 2 replicas have to leave east for west: it is drained',
    ]);
  });
});
