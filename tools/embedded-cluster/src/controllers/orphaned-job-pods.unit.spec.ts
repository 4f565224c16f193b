import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { Simulation } from '../testing/simulation.js';
import { collect } from './garbage-collector.js';
import { TRACKING_FINALIZER } from './job-accounting.js';

describe('a pod of a job', () => {
  const world = (jobIsThere: boolean) => {
    const simulation = new Simulation();
    const view = {
      byUid: (uid: string) => simulation.state.byUid(uid),
      dependentsOf: (uid: string) => simulation.state.dependentsOf(uid),
      serves: () => true,
    };
    const job: KubeObject = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job', namespace: 'default' } };
    const uid = jobIsThere ? (simulation.add(job).metadata.uid ?? '') : 'gone';
    const pod = simulation.add({
      apiVersion: 'v1',
      kind: 'Pod',
      spec: {},
      metadata: {
        name: 'pod',
        namespace: 'default',
        deletionTimestamp: '2026-01-01T00:00:00Z',
        finalizers: [TRACKING_FINALIZER],
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid, controller: true }],
      },
    });
    return collect(view, pod).writes;
  };

  it('is let go when its job is gone, although nobody counted it', () => {
    expect(world(false)).toMatchObject([{ op: 'removeFinalizer', finalizer: TRACKING_FINALIZER }]);
  });

  it('is kept for its job to count while the job is there', () => {
    expect(world(true)).toEqual([]);
  });
});
