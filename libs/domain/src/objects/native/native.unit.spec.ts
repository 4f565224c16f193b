import { describe, expect, it } from '@jest/globals';
import type { WorkloadStatus } from '@skyflow/contracts';
import fc from 'fast-check';
import { deploymentFromNative, deploymentToNative, nativeDeploymentStatus } from './native-deployment.js';
import { type AnyObject, placementAnnotationProblem } from './native-fields.js';
import { jobFromNative, jobToNative, nativeJobStatus } from './native-job.js';

const placement = fc.option(
  fc.record({ clusters: fc.array(fc.string(), { maxLength: 3 }) }).map((value) => ({ placement: value })),
  { nil: {} },
);
const anyFields = fc.dictionary(
  fc.string().filter((key) => !['placement', 'replicas', 'parallelism', '__proto__'].includes(key)),
  fc.jsonValue(),
  { maxKeys: 4 },
);
const annotations = fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.string(), { minKeys: 1 }), {
  nil: undefined,
});
const objects: fc.Arbitrary<AnyObject> = fc
  .tuple(placement, anyFields, annotations, fc.option(fc.nat(9), { nil: undefined }))
  .map(([placed, fields, notes, replicas]) => ({
    apiVersion: 'skyflow.io/v1',
    kind: 'Any',
    metadata: {
      name: 'x',
      namespace: 'default',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(notes === undefined ? {} : { annotations: notes }),
      managedFields: [
        { manager: 'm', apiVersion: 'skyflow.io/v1', fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': {} } } },
      ],
    },
    spec: { ...fields, ...placed, ...(replicas === undefined ? {} : { replicas }) },
  }));

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const status = (more: Partial<WorkloadStatus>): WorkloadStatus => ({
  phase: 'RUNNING',
  observedGeneration: 1,
  placed: 3,
  replicas: 3,
  ready: 3,
  running: 3,
  succeeded: 0,
  failed: 0,
  clusters: [],
  conditions: [],
  ...more,
});

describe('the native façade', () => {
  it('loses nothing of a Deployment on the way there and back', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const native = deploymentToNative(object);
        expect(native.apiVersion).toBe('apps/v1');
        expect(native.spec as object).not.toHaveProperty('placement');
        expect(plain(deploymentFromNative(native))).toEqual(plain(object));
      }),
    );
  });

  it('loses nothing of a Job on the way there and back', () => {
    fc.assert(
      fc.property(objects, (object) => {
        const native = jobToNative(object);
        expect(native.apiVersion).toBe('batch/v1');
        expect(native.spec as object).not.toHaveProperty('replicas');
        expect(plain(jobFromNative(native))).toEqual(plain(object));
      }),
    );
  });

  it('gives a Job the selector of its pods, and keeps one that the user gave', () => {
    const [object] = fc.sample(objects, 1) as [AnyObject];
    const made = { matchLabels: { 'skyflow.io/workload-uid': 'u' } };
    expect(jobToNative({ ...object, spec: {} }).spec).toMatchObject({ selector: made });
    const given = { matchLabels: { app: 'x' } };
    expect(jobFromNative(jobToNative({ ...object, spec: { selector: given } })).spec).toEqual({ selector: given });
  });

  it('follows the renamed field into managedFields', () => {
    const native = jobToNative(fc.sample(objects, 1)[0]!);
    expect(native.metadata.managedFields).toEqual([
      { manager: 'm', apiVersion: 'batch/v1', fieldsV1: { 'f:spec': { 'f:parallelism': {}, 'f:template': {} } } },
    ]);
  });

  it('says what is wrong with a placement annotation', () => {
    const object = fc.sample(objects, 1)[0]!;
    object.metadata.annotations = { 'skyflow.io/placement': '[1' };
    expect(placementAnnotationProblem(object)).toContain('must be a JSON object');
  });

  it('does not let a rollout look finished before every cluster took it up', () => {
    expect(nativeDeploymentStatus(status({ observedGeneration: 1 }), 2)).not.toHaveProperty('updatedReplicas');
    expect(nativeDeploymentStatus(status({ observedGeneration: 2 }), 2)).toMatchObject({
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
  });

  it('does not let a rollout look finished while a cluster is in the midst of its own', () => {
    const share = { phase: 'RUNNING', ready: 2, running: 2, succeeded: 0, failed: 0 } as const;
    const clusters = [
      { cluster: 'a', replicas: 2, ...share, reason: 'RollingUpdate', message: '1 of 2 replicas are up to date' },
      { cluster: 'b', replicas: 1, ...share },
    ];
    const going = nativeDeploymentStatus(status({ clusters }), 1);
    expect(going).toMatchObject({ replicas: 3, updatedReplicas: 1 });
    expect(going['conditions']).toContainEqual(
      expect.objectContaining({ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }),
    );
    const alone = nativeDeploymentStatus(status({ placed: 2, clusters: clusters.slice(0, 1) }), 1);
    expect(alone).not.toHaveProperty('updatedReplicas');
    const surging = {
      cluster: 'a',
      replicas: 2,
      ...share,
      outdated: 1,
      reason: 'ErrImagePull',
      message: 'no such image',
    };
    const pulls = nativeDeploymentStatus(status({ placed: 2, clusters: [surging] }), 1);
    expect(pulls).not.toHaveProperty('updatedReplicas');
  });

  it('is one that exceeded its deadline once the clusters were rolled back, or it stopped', () => {
    const rollout = { from: 1, to: 2, message: 'a did not get ready', clusters: [] };
    const back = nativeDeploymentStatus(
      status({ observedGeneration: 1, rollout: { state: 'RolledBack', ...rollout } }),
      2,
    );
    expect(back).not.toHaveProperty('updatedReplicas');
    expect(back).toMatchObject({
      observedGeneration: 2,
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
      ]),
    });
    const going = status({ observedGeneration: 1, rollout: { state: 'Progressing', ...rollout } });
    expect(nativeDeploymentStatus(going, 2)).toMatchObject({ observedGeneration: 1 });
  });

  it('says that a job is complete or failed as batch/v1 does', () => {
    expect(nativeJobStatus(status({ phase: 'COMPLETED', running: 0, ready: 0, succeeded: 3 }))).toEqual({
      ready: 0,
      succeeded: 3,
      conditions: [{ type: 'Complete', status: 'True', reason: 'CompletionsReached', message: '' }],
    });
    const failed = status({ phase: 'FAILED', running: 0, failed: 2, reason: 'BackoffLimitExceeded', message: 'm' });
    expect(nativeJobStatus(failed)).toMatchObject({ conditions: [{ type: 'Failed', reason: 'BackoffLimitExceeded' }] });
  });
});
