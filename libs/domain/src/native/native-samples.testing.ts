/** Workloads and native objects for the specs of this folder. */
import type { JobSpec, StoredObject } from '@skyflow/contracts';
import type { DesiredWork } from '../work/desired.js';
import type { NativeObject, NativePod } from './native-object.js';
import { nativeWorkload } from './to-native.js';

export const storedObject = (kind: string, spec: unknown, name = 'web'): StoredObject => ({
  apiVersion: 'skyflow.io/v1',
  kind,
  metadata: { name, namespace: 'team', uid: `uid-${name}`, creationTimestamp: '2026-11-24T08:00:00Z', generation: 1 },
  spec,
});

export const share = (object: StoredObject, changes: Partial<DesiredWork> = {}): DesiredWork => ({
  ref: { kind: object.kind, namespace: 'team', name: object.metadata.name, uid: object.metadata.uid },
  epoch: 1,
  decision: 70_000,
  generation: 1,
  replicas: 2,
  object,
  dependencies: [],
  position: 80_000,
  ...changes,
});

export const jobSpec = (restartPolicy: 'Always' | 'OnFailure' | 'Never', more: Partial<JobSpec> = {}): JobSpec => ({
  replicas: 4,
  template: { spec: { restartPolicy, containers: [{ name: 'main', image: 'busybox' }] } },
  ...more,
});

export const foreverJob = (): StoredObject => storedObject('Job', jobSpec('Always'));
export const batchJob = (more: Partial<JobSpec> = {}): StoredObject => storedObject('Job', jobSpec('Never', more));

/** The share's native workload as its cluster has it. */
export const live = (of: DesiredWork, status: unknown, generation = 1): NativeObject => {
  const object = nativeWorkload(of);
  return { ...object, metadata: { ...object.metadata, uid: 'native-uid', generation }, status };
};

export const pod = (name: string, status: NonNullable<NativePod['status']>): NativePod => ({
  metadata: { name, namespace: 'team' },
  status,
});

export const runningPod = (name: string): NativePod =>
  pod(name, {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }],
  });
