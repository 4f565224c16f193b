import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batchJob, foreverJob, live, pod, runningPod, share } from './native-samples.testing.js';
import type { NativePod } from './native-object.js';
import { isFinished, observeWork } from './observe-work.js';

const deployed = { observedGeneration: 1, updatedReplicas: 2 };
const waiting = (name: string, reason: string, message: string): NativePod =>
  pod(name, { phase: 'Pending', containerStatuses: [{ name: 'main', state: { waiting: { reason, message } } }] });
const crashing = (reason: string, exitCode: number): NativePod =>
  pod('a', {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'main',
        restartCount: 4,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
        lastState: { terminated: { reason, exitCode } },
      },
    ],
  });

describe('the status of a share that runs for ever', () => {
  const of = share(foreverJob());

  it('is RUNNING with all replicas ready', () => {
    const status = observeWork(of, { workload: live(of, deployed), pods: [runningPod('a'), runningPod('b')] });
    expect(status).toEqual({
      ref: of.ref,
      generation: 1,
      epoch: 1,
      phase: 'RUNNING',
      replicas: 2,
      ready: 2,
      running: 2,
      pending: 0,
      succeeded: 0,
      failed: 0,
      pods: ['a', 'b'].map((name) => ({ name, phase: 'Running', containers: [{ name: 'main', ready: true }] })),
    });
  });

  it.each([
    [waiting('a', 'ErrImagePull', 'manifest unknown'), 'ImagePullBackOff', 'container main: manifest unknown'],
    [waiting('a', 'ImagePullBackOff', 'Back-off pulling'), 'ImagePullBackOff', 'container main: Back-off pulling'],
    [
      waiting('a', 'CreateContainerConfigError', 'secret "x" not found'),
      'CreateContainerConfigError',
      'secret "x" not found',
    ],
    [crashing('Error', 3), 'CrashLoopBackOff', 'exit code 3; restarted 4 times'],
    [crashing('OOMKilled', 137), 'OOMKilled', 'exit code 137'],
    [
      pod('a', {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient cpu.',
          },
        ],
      }),
      'Unschedulable',
      '0/3 nodes are available: 3 Insufficient cpu.',
    ],
    [
      pod('a', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' }),
      'Evicted',
      'low on memory',
    ],
    [waiting('a', 'ContainerCreating', ''), 'ContainerCreating', 'pod a is starting'],
  ])('is PENDING with what its component says: %#', (trouble, reason, message) => {
    const status = observeWork(of, { workload: live(of, deployed), pods: [trouble] });
    expect(status).toMatchObject({ phase: 'PENDING', running: 0, reason, message: expect.stringContaining(message) });
  });

  it('is RUNNING and says what keeps the others back', () => {
    const pods = [runningPod('a'), waiting('b', 'ImagePullBackOff', 'no such image')];
    expect(observeWork(of, { workload: live(of, deployed), pods })).toMatchObject({
      phase: 'RUNNING',
      ready: 1,
      pending: 1,
      reason: 'ImagePullBackOff',
    });
  });

  it('says nothing of a generation that the cluster has not taken up', () => {
    const workload = live(of, { observedGeneration: 1, updatedReplicas: 2 }, 2);
    expect(observeWork(of, { workload, pods: [runningPod('a'), runningPod('b')] })).toBeUndefined();
    expect(observeWork(of, { workload: live(of, undefined), pods: [] })).toMatchObject({
      phase: 'PENDING',
      reason: 'Starting',
    });
  });

  it.each([
    ['the new pod starts', 'ContainerCreating', '', 'pod c is starting'],
    ['its image cannot be pulled', 'ImagePullBackOff', 'no such image', 'no such image'],
  ])(
    'tells what is left of before in a rolling update that surges, ready as all is, while %s',
    (_, reason, words, message) => {
      const workload = live(of, { observedGeneration: 1, replicas: 3, updatedReplicas: 1 });
      const pods = [runningPod('a'), runningPod('b'), waiting('c', reason, words)];
      expect(observeWork(of, { workload, pods })).toMatchObject({
        ...{ phase: 'RUNNING', ready: 2, outdated: 2, reason },
        message: expect.stringContaining(message),
      });
      const through = live(of, { observedGeneration: 1, replicas: 2, updatedReplicas: 2 });
      const seen = observeWork(of, { workload: through, pods: pods.slice(0, 2) });
      expect([seen?.outdated, seen?.reason]).toEqual([undefined, undefined]);
    },
  );

  it('does not count pods that are on their way out', () => {
    const leaving = runningPod('b');
    leaving.metadata.deletionTimestamp = '2026-11-24T09:00:00Z';
    expect(observeWork(of, { workload: live(of, deployed), pods: [runningPod('a'), leaving] })).toMatchObject({
      running: 1,
      pending: 1,
    });
  });

  it('is FAILED when nothing came up in time, and tells of pods that cannot be made', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    const late = live(of, { ...deployed, conditions });
    expect(observeWork(of, { workload: late, pods: [crashing('Error', 1)] })).toMatchObject({
      phase: 'FAILED',
      reason: 'ProgressDeadlineExceeded',
      message: expect.stringContaining('CrashLoopBackOff'),
    });
    const refused = [
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota: cpu' },
    ];
    expect(observeWork(of, { workload: live(of, { ...deployed, conditions: refused }), pods: [] })).toMatchObject({
      phase: 'PENDING',
      reason: 'FailedCreate',
      message: 'exceeded quota: cpu',
    });
  });

  it('tells of an obstacle with the generation that meets it', () => {
    const obstacle = { phase: 'FAILED' as const, reason: 'Invalid', message: 'spec.template: Required value' };
    const newer = share(foreverJob(), { generation: 2 });
    expect(observeWork(newer, { workload: live(of, deployed), pods: [], obstacle })).toMatchObject({
      generation: 2,
      phase: 'FAILED',
      reason: 'Invalid',
    });
  });
});

describe('the status of a share that ends', () => {
  const of = share(batchJob(), { replicas: 2, completions: 3 });
  const job = (status: unknown, pods: NativePod[] = []) => observeWork(of, { workload: live(of, status), pods });

  it('is COMPLETED, with pods that are gone counted, and then finished', () => {
    const status = job({ succeeded: 3, conditions: [{ type: 'Complete', status: 'True' }] });
    expect(status).toMatchObject({ phase: 'COMPLETED', succeeded: 3, running: 0 });
    expect(isFinished(of, status!)).toBe(true);
    expect(isFinished(share(batchJob(), { completions: 4 }), status!)).toBe(false);
    expect(isFinished(share(batchJob(), { completions: 3, generation: 2 }), status!)).toBe(false);
  });

  it('is FAILED with the reason of the controller and the end of the last pod', () => {
    const failed = pod('a', {
      phase: 'Failed',
      containerStatuses: [{ name: 'main', state: { terminated: { reason: 'Error', exitCode: 7 } } }],
    });
    const conditions = [
      { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the limit' },
    ];
    const status = job({ failed: 1, conditions }, [failed]);
    expect(status).toMatchObject({
      phase: 'FAILED',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the limit; container main of pod a ended: exit code 7',
    });
    expect(isFinished(of, status!)).toBe(true);
  });

  it('does not take a refusal of the API for the end of the job', () => {
    const obstacle = { phase: 'FAILED' as const, reason: 'Forbidden', message: 'exceeded quota' };
    expect(isFinished(of, observeWork(of, { workload: undefined, pods: [], obstacle })!)).toBe(false);
  });

  it('runs on between pods, and is suspended when it says so', () => {
    expect(job({ succeeded: 1 })).toMatchObject({ phase: 'RUNNING', succeeded: 1 });
    expect(job({ conditions: [{ type: 'Suspended', status: 'True' }] })).toMatchObject({
      phase: 'PENDING',
      reason: 'Suspended',
    });
  });

  it('does not count the pods of the Job that it replaced', () => {
    const old = runningPod('old');
    Object.assign(old.metadata, { ownerReferences: [{ uid: 'another', controller: true }] });
    expect(job({}, [old])).toMatchObject({ phase: 'PENDING', running: 0 });
  });
});

describe('any status', () => {
  const text = fc.constantFrom('', 'Running', 'Pending', 'Failed', 'Succeeded', 'CrashLoopBackOff', 'x'.repeat(5_000));
  const state = fc.record({
    waiting: fc.option(fc.record({ reason: text, message: text }), { nil: undefined }),
    running: fc.option(fc.constant({}), { nil: undefined }),
    terminated: fc.option(fc.record({ reason: text, exitCode: fc.nat(255) }), { nil: undefined }),
  });
  const anyPod = fc
    .record({
      phase: text,
      ready: fc.constantFrom('True', 'False'),
      states: fc.array(fc.record({ name: text, state, lastState: state }), { maxLength: 2 }),
    })
    .map(({ phase, ready, states }) =>
      pod('p', { phase, conditions: [{ type: 'Ready', status: ready }], containerStatuses: states as never }),
    );

  it('counts each pod once, is never negative, and explains PENDING and FAILED', () => {
    fc.assert(
      fc.property(
        fc.array(anyPod),
        fc.boolean(),
        fc.record({ observedGeneration: fc.constant(1) }),
        (pods, ends, status) => {
          const of = share(ends ? batchJob() : foreverJob());
          const seen = observeWork(of, { workload: live(of, status), pods });
          expect(seen).toBeDefined();
          if (seen === undefined) return;
          expect(seen.running + seen.succeeded + seen.failed).toBeLessThanOrEqual(pods.length);
          expect(seen.ready).toBeLessThanOrEqual(seen.running);
          if (seen.phase === 'PENDING' || seen.phase === 'FAILED') expect(seen.reason).toBeTruthy();
          expect(seen.message?.length ?? 0).toBeLessThanOrEqual(1_000);
        },
      ),
    );
  });
});
