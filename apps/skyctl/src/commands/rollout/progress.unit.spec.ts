import { describe, expect, it } from '@jest/globals';
import type { WorkloadStatus } from '@skyflow/contracts';
import { progressOf } from './progress.js';
import type { Workload } from './workloads.js';

function web(status: Partial<WorkloadStatus> | undefined): Workload {
  const general = { phase: 'RUNNING', observedGeneration: 2, ready: 2, replicas: 2, clusters: [{ cluster: 'a' }] };
  return {
    metadata: { name: 'web', generation: 2 },
    ...(status !== undefined && { status: { ...general, ...status } }),
  } as Workload;
}

const rollout = (state: 'Progressing' | 'Stopped' | 'RolledBack'): Partial<WorkloadStatus> => ({
  rollout: {
    ...{ state, from: 1, to: 2, message: '1 of 3 clusters run generation 2' },
    clusters: [
      { cluster: 'a', state: 'Ready' },
      { cluster: 'b', state: 'Updating' },
      { cluster: 'c', state: 'Failed' },
    ],
  },
});

describe('how far a change of a pod template has come', () => {
  it.each([
    [undefined, 'going', 'waiting for the scheduler'],
    [{}, 'done', 'rolled out: 2 of 2 replicas are ready on a'],
    [{ observedGeneration: 1 }, 'going', 'waiting until all clusters have generation 2'],
    [{ phase: 'PENDING', ready: 1 }, 'going', '1 of 2 replicas are ready'],
    [
      { clusters: [{ cluster: 'a' }, { cluster: 'b', reason: 'RollingUpdate', message: '1 of 2 are up to date' }] },
      'going',
      'b: 1 of 2 are up to date',
    ],
    [{ clusters: [{ cluster: 'a', outdated: 1, message: 'no such image' }] }, 'going', 'a: no such image'],
    [{ phase: 'FAILED', message: 'no image' }, 'failed', 'failed: no image'],
    [rollout('Progressing'), 'going', '1 of 3 clusters run generation 2; updating b; failed: c'],
    [rollout('RolledBack'), 'failed', 'rolled back: 1 of 3 clusters run generation 2'],
    [{ ...rollout('Stopped'), observedGeneration: 1 }, 'failed', 'stopped: 1 of 3 clusters run generation 2'],
  ] as const)('of %j is %s: %s', (status, state, text) => {
    expect(progressOf(web(status as Partial<WorkloadStatus>))).toEqual({ state, text });
  });
});
